// alerts.tsx - the list: filtered by what stands in the address bar, worked through by keyboard
// SPDX-License-Identifier: Apache-2.0
import { Fragment } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type Alert, ask, follow, get, type Page, type Session } from "../api.ts";
import { failureText, Field, kept, Moment, Severity, Trouble, Waiting } from "../parts/base.tsx";
import { change, Filters, useDetectors } from "../parts/filters.tsx";
import { List } from "../parts/list.tsx";
import { SavedViews } from "../parts/views.tsx";
import { go } from "../route.ts";
import { language, statusSlugs, t, told, type Word, whole } from "../words.ts";

const dispositions = ["true-positive", "false-positive", "benign", "expected", "duplicate", "test", "other"];
const pageRows = 50;
const rowsMax = 500; // more than that nobody looks through, and browsers slow down
const axes: [string, Word][] = [
  ["entity", "machine"], ["domain", "domain"], ["type", "type"], ["severity", "severity"], ["owner", "owner"],
  ["assignee", "assignee"], ["day", "day"],
];

/** What the keys do, for the help; useKeys() below does it. */
const keys: [string, Word][] = [
  ["j k", "key_move"], ["Enter o", "key_open"], ["x", "key_select"], ["X", "key_range"], ["J K", "key_extend"], ["Esc", "key_none"],
  ["e", "key_progress"], ["a", "key_assign"], ["d", "key_dismiss"], ["/", "key_search"], ["?", "key_help"],
];

function without(parameters: URLSearchParams, name: string): URLSearchParams {
  const rest = new URLSearchParams(parameters);
  rest.delete(name);
  return rest;
}

/** What changes is gathered for a moment; `take` gets the alerts' ids. */
function useChanges(take: (ids: string[]) => void) {
  const latest = useRef(take);
  latest.current = take;
  useEffect(() => {
    const ids = new Set<string>();
    let timer = 0;
    const tell = () => {
      timer = 0;
      latest.current([...ids]);
      ids.clear();
    };
    const stop = follow((id) => {
      ids.add(id);
      timer ||= window.setTimeout(tell, 700);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, []);
}

/** The rows that are shown, and how more come. Rows show what changes in them; others are only
 * announced: nothing ever moves under the pointer. */
function useRows(parameters: URLSearchParams) {
  const [rows, setRows] = useState<Alert[]>();
  const [next, setNext] = useState<string>();
  const [failure, setFailure] = useState<unknown>();
  const [changed, setChanged] = useState(new Set<string>());
  const turn = useRef(0);
  const asked = without(parameters, "by").toString();
  const load = useCallback(async (cursor?: string) => {
    const mine = ++turn.current; // an answer that comes after the next question is for nobody
    setFailure(undefined);
    try {
      const page = await get<Page<Alert>>("/api/v1/alerts", {
        ...Object.fromEntries(new URLSearchParams(asked)), limit: pageRows, cursor, lang: language(),
      });
      if (mine !== turn.current) return;
      setRows((old) => (cursor ? [...(old ?? []), ...page.items].slice(-rowsMax) : page.items));
      setNext(page.next);
      if (!cursor) setChanged(new Set());
    } catch (why) {
      if (mine === turn.current) setFailure(why);
    }
  }, [asked]);
  useEffect(() => {
    load();
  }, [load]);
  useChanges(async (ids) => {
    const shown = new Set(rows?.map(({ id }) => id));
    const fresh = ids.filter((id) => !shown.has(id));
    if (fresh.length) setChanged((old) => new Set([...old, ...fresh]));
    const renewed = await Promise.all(ids.filter((id) => shown.has(id)).slice(0, pageRows).map((id) =>
      get<Alert>(`/api/v1/alerts/${encodeURIComponent(id)}`, { lang: language() }).catch(() => undefined)));
    const byId = new Map(renewed.filter((alert) => alert).map((alert) => [alert!.id, alert!]));
    if (byId.size) setRows((old) => old?.map((alert) => byId.get(alert.id) ?? alert));
  });
  return { rows, next, failure, changed, load };
}

/** While there is room, more rows come by themselves before the end of the list is reached; the
 * button is for keyboards, and for those who go on. */
function More({ load, byItself }: { load: () => void; byItself: boolean }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!byItself) return;
    const near = new IntersectionObserver(([entry]) => entry?.isIntersecting && load(), { rootMargin: "600px" });
    near.observe(button.current!);
    return () => near.disconnect();
  }, []);
  return <button class="more" ref={button} onClick={load}>{t("more")}</button>;
}

interface RowProps {
  alert: Alert;
  current: boolean;
  selected: boolean;
  select: { current: (id: string, range: boolean) => void };
}

const Row = kept(function Row({ alert, current, selected, select }: RowProps) {
  const row = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    if (current) row.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  return (
    <tr ref={row} class={current ? "current" : ""} aria-selected={selected}>
      <td><input type="checkbox" aria-label={t("select_row")} checked={selected}
        onClick={(e) => select.current(alert.id, e.shiftKey)} /></td>
      <td><Severity value={alert.severity} /></td>
      <td class="what">
        <a href={`/alerts/${encodeURIComponent(alert.id)}`}>{alert.title}</a>
        {alert.sample && <span class="mark">{t("sample_mark")}</span>}
        {alert.retroactive && <span class="mark">{t("retroactive_mark")}</span>}
        <span class="summary" title={alert.evidence.summary}>{alert.evidence.summary}</span>
      </td>
      <td class="data machine"><span class="cut" title={alert.compromised_entity}>{alert.compromised_entity}</span></td>
      <td class="data domain"><span class="cut" title={alert.domain}>{alert.domain}</span></td>
      <td class="number count">{whole(alert.count)}</td>
      <td class="when"><Moment time={alert.start} /></td>
      <td class="state">{told(alert.status)}</td>
    </tr>
  );
}, ["alert", "current", "selected"]);

interface BulkProps {
  ids: string[];
  me: string;
  onDone: () => void;
}

function Bulk({ ids, me, onDone }: BulkProps) {
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
      <button onClick={() => set({ assignee: me })}>{t("assign_me")}</button>
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
    <th class={number ? "sorts number" : "sorts"} aria-sort={order}>
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
  const selectById = (id: string, range: boolean) => select(all.findIndex((alert) => alert.id === id), range);
  const latestSelect = useRef(selectById);
  latestSelect.current = selectById;
  const settled = () => {
    setSelected(new Set());
    load();
  };
  const move = (by: number) => setAt((old) => Math.max(0, Math.min(all.length - 1, old + by)));
  const open = () => all[at] && go(`/alerts/${encodeURIComponent(all[at]!.id)}`);
  /** Takes the row along which is left or reached. */
  const extend = (by: number) => {
    const to = Math.max(0, Math.min(all.length - 1, at + by));
    const ids = new Set(selected);
    for (const row of [all[Math.max(0, at)], all[to]]) if (row) ids.add(row.id);
    setSelected(ids);
    setAnchor(to);
    setAt(to);
  };
  const setStatus = async (change: Record<string, string>) => {
    const ids = selected.size ? [...selected] : all[at] ? [all[at]!.id] : [];
    if (!mayChange || !ids.length) return;
    await ask("POST", "/api/v1/alerts/bulk", { ids, ...change });
    settled();
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    Enter: () => open(),
    o: () => open(),
    x: () => all[at] && select(at, false),
    X: () => all[at] && select(at, true),
    J: () => extend(1),
    K: () => extend(-1),
    Escape: () => setSelected(new Set()),
    a: () => setStatus({ assignee: session.name }),
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
      {mayChange && selected.size > 0 && <Bulk ids={[...selected]} me={session.name} onDone={settled} />}
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
                  select={latestSelect} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {!by && next && <More key={next} load={() => load(next)} byItself={all.length < rowsMax} />}
      <dialog ref={help} aria-labelledby="keys">
        <h2 id="keys">{t("keys_title")}</h2>
        <dl class="keys">
          {keys.map(([key, word]) => <Fragment key={key}><dt><kbd>{key}</kbd></dt><dd>{t(word)}</dd></Fragment>)}
        </dl>
        <form method="dialog"><button>{t("close")}</button></form>
      </dialog>
    </>
  );
}
