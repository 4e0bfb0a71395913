// list.tsx - a list the service has in pages: columns in, rows out, and what to do when there are none
// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from "preact/hooks";
import { get, type Page, type Query } from "../api.ts";
import { t } from "../words.ts";
import { Trouble, Waiting } from "./base.tsx";
import { type Column, Table } from "./table.tsx";

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
      <Table label={label} columns={columns} rows={rows} />
      {next && <button class="more" onClick={() => load(next)}>{t("more")}</button>}
    </>
  );
}
