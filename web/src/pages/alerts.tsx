// alerts.tsx - the list: filtered by what stands in the address bar, worked through by keyboard
// SPDX-License-Identifier: Apache-2.0
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type Alert, ask, follow, get, type Page, type Session } from "../api.ts";
import { failureText, Field, Moment, Severity, Trouble, Waiting } from "../parts/base.tsx";
import { change, Filters, useDetectors } from "../parts/filters.tsx";
import { List } from "../parts/list.tsx";
import { SavedViews } from "../parts/views.tsx";
import { go } from "../route.ts";
import { language, statusSlugs, t, told, type Word } from "../words.ts";

const dispositions = ["false-positive", "benign", "expected", "duplicate", "test", "other"];
const pageRows = 50;
const rowsMax = 1000; // more than that nobody looks through, and browsers slow down
const axes: [string, Word][] = [
  ["entity", "machine"], ["domain", "domain"], ["type", "type"], ["severity", "severity"], ["owner", "owner"],
  ["assignee", "assignee"], ["day", "day"],
];

function without(parameters: URLSearchParams, name: string): URLSearchParams {
  const rest = new URLSearchParams(parameters);
  rest.delete(name);
  return rest;
}

/** The rows that are shown, and how more come. What changes meanwhile is only announced: rows never
 * move under the pointer. */
function useRows(parameters: URLSearchParams) {
  const [rows, setRows] = useState<Alert[]>();
  const [next, setNext] = useState<string>();
  const [failure, setFailure] = useState<unknown>();
  const [changed, setChanged] = useState(new Set<string>());
  const asked = without(parameters, "by").toString();
  const load = useCallback(async (cursor?: string) => {
    setFailure(undefined);
    try {
      const page = await get<Page<Alert>>("/api/v1/alerts", {
        ...Object.fromEntries(new URLSearchParams(asked)), limit: pageRows, cursor, lang: language(),
      });
      setRows((old) => (cursor ? [...(old ?? []), ...page.items].slice(-rowsMax) : page.items));
      setNext(page.next);
      if (!cursor) setChanged(new Set());
    } catch (why) {
      setFailure(why);
    }
  }, [asked]);
  useEffect(() => {
    load();
  }, [load]);
  useEffect(() => follow((id) => setChanged((old) => new Set(old).add(id))), []);
  return { rows, next, failure, changed, load };
}

interface RowProps {
  alert: Alert;
  current: boolean;
  selected: boolean;
  select: (range: boolean) => void;
}

function Row({ alert, current, selected, select }: RowProps) {
  const row = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    if (current) row.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  return (
    <tr ref={row} class={current ? "current" : ""} aria-selected={selected}>
      <td><input type="checkbox" aria-label={t("select_row")} checked={selected}
        onClick={(e) => select(e.shiftKey)} /></td>
      <td><Severity value={alert.severity} /></td>
      <td class="what">
        <a href={`/alerts/${encodeURIComponent(alert.id)}`}>{alert.title}</a>
        {alert.sample && <span class="mark">{t("sample_mark")}</span>}
        {alert.retroactive && <span class="mark">{t("retroactive_mark")}</span>}
        <span class="summary">{alert.evidence.summary}</span>
      </td>
      <td class="data">{alert.compromised_entity}</td>
      <td class="data">{alert.domain}</td>
      <td class="number">{alert.count}</td>
      <td><Moment time={alert.start} /></td>
      <td>{told(alert.status)}</td>
    </tr>
  );
}

interface BulkProps {
  ids: string[];
  onDone: () => void;
}

function Bulk({ ids, onDone }: BulkProps) {
  const [trouble, setTrouble] = useState("");
  const set = async (change: Record<string, string>) => {
    try {
      await ask("POST", "/api/v1/alerts/bulk", { ids, ...change });
      onDone();
    } catch (why) {
      setTrouble(failureText(why));
    }
  };
  return (
    <div class="bulk" role="toolbar">
      <strong>{t("selected", { count: ids.length })}</strong>
      {["Active", "InProgress", "Resolved"].map((status) => (
        <button key={status} onClick={() => set({ status: statusSlugs[status]! })}>{t("set_status", { status: told(status) })}</button>
      ))}
      <select aria-label={t("dismiss_as")} value="" onChange={(e) =>
        set({ status: "dismissed", disposition: e.currentTarget.value })}>
        <option value="">{t("dismiss_as")}</option>
        {dispositions.map((d) => <option key={d} value={d}>{told(d)}</option>)}
      </select>
      {trouble && <span class="trouble" role="alert">{trouble}</span>}
    </div>
  );
}

/** j, k and their friends; nothing while somebody types. */
function useKeys(keys: Record<string, (event: KeyboardEvent) => void>) {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      const typing = target.matches("input:not([type=checkbox]), select, textarea");
      if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
      const act = latest.current[event.key];
      if (!act) return;
      event.preventDefault();
      act(event);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}

interface Group {
  group: string;
  count: number;
  severity: string;
}

/** How many alerts each machine, domain … has; a group leads to its alerts. */
function Groups({ by, parameters }: { by: string; parameters: URLSearchParams }) {
  const detectors = useDetectors();
  const link = (group: string) => {
    const next = without(without(parameters, "by"), "sort");
    next.set(by === "day" ? "since" : by, by === "severity" ? group.toLowerCase() : group);
    return `/alerts?${next}`;
  };
  const name = (group: string) =>
    by === "type" ? detectors.find(({ detector }) => detector === group)?.title ?? group : told(group || t("none"));
  return (
    <List<Group>
      path="/api/v1/alerts/groups"
      parameters={{ ...Object.fromEntries(without(parameters, "sort")), by, top: 200 }}
      label={t("group_by")}
      empty={t("alerts_none")}
      columns={[
        { word: "group", kind: "data", show: ({ group }) => <a href={link(group)}>{name(group)}</a> },
        { word: "alerts", kind: "number", show: ({ count }) => count.toLocaleString(language()) },
        { word: "severity", show: ({ severity }) => <Severity value={severity} /> },
      ]}
    />
  );
}

function Tools({ parameters }: { parameters: URLSearchParams }) {
  const csv = new URLSearchParams(without(parameters, "by"));
  csv.set("dialect", "csv");
  csv.set("lang", language());
  return (
    <div class="inline tools">
      <SavedViews parameters={parameters} />
      <Field label={t("group_by")}>
        <select value={parameters.get("by") ?? ""} onChange={(e) => change(parameters, "by", e.currentTarget.value)}>
          <option value="">{t("none")}</option>
          {axes.map(([axis, word]) => <option key={axis} value={axis}>{t(word)}</option>)}
        </select>
      </Field>
      <a class="button" href={`/api/v1/alerts/export?${csv}`} download="alerts.csv">{t("download_csv")}</a>
    </div>
  );
}

/** A heading that sorts by its column; once more turns the order round. */
function SortHead({ word, by, parameters, number }: { word: Word; by: string; parameters: URLSearchParams; number?: boolean }) {
  const now = parameters.get("sort") ?? "newest";
  const order = now === by ? "descending" : now === `-${by}` ? "ascending" : "none";
  return (
    <th class={number ? "number" : ""} aria-sort={order}>
      <button class="bare sort" onClick={() => change(parameters, "sort", now === by ? `-${by}` : by)}>
        {t(word)}<span aria-hidden="true">{order === "descending" ? " ↓" : order === "ascending" ? " ↑" : ""}</span>
      </button>
    </th>
  );
}

export function AlertsPage({ session, parameters }: { session: Session; parameters: URLSearchParams }) {
  const { rows, next, failure, changed, load } = useRows(parameters);
  const [at, setAt] = useState(-1);
  const [anchor, setAnchor] = useState(-1);
  const [selected, setSelected] = useState(new Set<string>());
  const help = useRef<HTMLDialogElement>(null);
  const by = parameters.get("by");
  const all = by ? [] : rows ?? [];
  const mayChange = session.role !== "viewer";
  const select = (index: number, range: boolean) => {
    const ids = new Set(selected);
    const from = range && anchor >= 0 ? Math.min(anchor, index) : index;
    const to = range && anchor >= 0 ? Math.max(anchor, index) : index;
    const add = !ids.has(all[index]!.id);
    for (const alert of all.slice(from, to + 1)) if (add) ids.add(alert.id); else ids.delete(alert.id);
    setSelected(ids);
    setAnchor(index);
  };
  const settled = () => {
    setSelected(new Set());
    load();
  };
  const move = (by: number) => setAt((old) => Math.max(0, Math.min(all.length - 1, old + by)));
  const setStatus = async (change: Record<string, string>) => {
    const ids = selected.size ? [...selected] : all[at] ? [all[at]!.id] : [];
    if (!mayChange || !ids.length) return;
    await ask("POST", "/api/v1/alerts/bulk", { ids, ...change });
    settled();
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    Enter: () => all[at] && go(`/alerts/${encodeURIComponent(all[at]!.id)}`),
    x: () => all[at] && select(at, false),
    X: () => all[at] && select(at, true),
    e: () => setStatus({ status: "in-progress" }),
    d: () => setStatus({ status: "dismissed", disposition: "other" }),
    "/": () => document.getElementById("search")?.focus(),
    "?": () => help.current?.showModal(),
  });
  return (
    <>
      <div class="title"><h1>{t("alerts")}</h1>
        <button class="bare" onClick={() => help.current?.showModal()}>{t("keys_title")}</button></div>
      <Filters parameters={parameters} />
      <Tools parameters={parameters} />
      {by && <Groups by={by} parameters={parameters} />}
      {changed.size > 0 && (
        <p class="news" role="status">{t("new_changes", { count: changed.size })} <button onClick={() => load()}>{t("show_new")}</button></p>
      )}
      {mayChange && selected.size > 0 && <Bulk ids={[...selected]} onDone={settled} />}
      {failure !== undefined && <Trouble failure={failure} again={() => load()} />}
      {!by && !rows && !failure && <Waiting />}
      {!by && rows?.length === 0 && <p class="empty">{parameters.size ? t("alerts_none") : t("alerts_never")}</p>}
      {all.length > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label={t("alerts")}>
          <table class="alerts">
            <thead><tr>
              <th><input type="checkbox" aria-label={t("select_all")} checked={selected.size === all.length}
                onClick={() => setSelected(new Set(selected.size === all.length ? [] : all.map((a) => a.id)))} /></th>
              <SortHead word="severity" by="severity" parameters={parameters} />
              <th>{t("alert")}</th>
              <SortHead word="machine" by="entity" parameters={parameters} />
              <SortHead word="domain" by="domain" parameters={parameters} />
              <SortHead word="count" by="count" parameters={parameters} number />
              <SortHead word="time" by="newest" parameters={parameters} />
              <th>{t("status")}</th>
            </tr></thead>
            <tbody>
              {all.map((alert, index) => (
                <Row key={alert.id} alert={alert} current={index === at} selected={selected.has(alert.id)}
                  select={(range) => select(index, range)} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {!by && next && <button class="more" onClick={() => load(next)}>{t("more")}</button>}
      <dialog ref={help} aria-labelledby="keys">
        <h2 id="keys">{t("keys_title")}</h2>
        <p>{t("keys_text")}</p>
        <form method="dialog"><button>{t("close")}</button></form>
      </dialog>
    </>
  );
}
