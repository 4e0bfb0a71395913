// table.tsx - rows in columns that scroll by themselves where the window is narrow
// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren } from "preact";
import { t, type Word } from "../words.ts";

export interface Column<T> {
  word: Word;
  show: (row: T) => ComponentChildren;
  kind?: "number" | "data";
}

export function Table<T>({ label, columns, rows }: { label: string; columns: Column<T>[]; rows: T[] }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>{columns.map(({ word, kind }) => <th key={word} class={kind === "number" ? kind : ""}>{t(word)}</th>)}</tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>{columns.map(({ word, show, kind }) => <td key={word} class={kind ?? ""}>{show(row)}</td>)}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
