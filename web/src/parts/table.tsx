// table.tsx - rows in columns; on narrow screens each row is a small list of its own
// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren } from "preact";
import { t, type Word } from "../words.ts";

export interface Column<T> {
  word: Word;
  show: (row: T) => ComponentChildren;
  kind?: "number" | "data" | "data name" | "wide";
}

/** Roles are told, for the styles of narrow screens make no table of it. */
export function Table<T>({ label, columns, rows }: { label: string; columns: Column<T>[]; rows: T[] }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={label}>
      <table class="rows" role="table">
        <thead role="rowgroup">
          <tr role="row">{columns.map(({ word, kind }) => <th key={word} role="columnheader" class={kind === "number" ? kind : ""}>{t(word)}</th>)}</tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row, index) => (
            <tr key={index} role="row">
              {columns.map(({ word, show, kind }) => <td key={word} role="cell" data-label={t(word)} class={kind ?? ""}>{show(row)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
