// list.tsx - a list the service has in pages: columns in, rows out, and what to do when there are none
// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { get, type Page, type Query } from "../api.ts";
import { t, type Word } from "../words.ts";
import { Trouble, Waiting } from "./base.tsx";

export interface Column<T> {
  word: Word;
  show: (row: T) => ComponentChildren;
  kind?: "number" | "data" | "data name" | "wide";
}

interface Props<T> {
  path: string;
  parameters?: Query;
  columns: Column<T>[];
  label: string;
  empty: string;
  turn?: number; // a new number asks anew
}

export function List<T>({ path, parameters = {}, columns, label, empty, turn = 0 }: Props<T>) {
  const [rows, setRows] = useState<T[]>();
  const [next, setNext] = useState<string>();
  const [failure, setFailure] = useState<unknown>();
  const load = (cursor?: string) =>
    get<Page<T>>(path, { ...parameters, ...(cursor && { cursor }) }).then(
      (page) => {
        setRows((old) => (cursor ? [...(old ?? []), ...page.items] : page.items));
        setNext(page.next);
        setFailure(undefined);
      },
      setFailure,
    );
  const asked = path + JSON.stringify(parameters) + turn;
  useEffect(() => {
    load();
  }, [asked]);
  if (failure !== undefined) return <Trouble failure={failure} again={() => load()} />;
  if (!rows) return <Waiting />;
  if (!rows.length) return <p class="empty">{empty}</p>;
  return (
    <>
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
      {next && <button class="more" onClick={() => load(next)}>{t("more")}</button>}
    </>
  );
}
