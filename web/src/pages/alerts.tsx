// alerts.tsx - the list: filtered by what stands in the address bar, worked through by keyboard
// SPDX-License-Identifier: Apache-2.0
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type Alert, ask, follow, get, type Page, type Session } from "../api.ts";
import { Chip, failureText, Field, Moment, Severity, Trouble, Waiting } from "../parts/base.tsx";
import { go } from "../route.ts";
import { statusSlugs, t, told } from "../words.ts";

const severities = ["Informational", "Low", "Medium", "High"];
const statuses = ["Active", "InProgress", "Resolved", "Dismissed"];
const dispositions = ["false-positive", "benign", "expected", "duplicate", "test", "other"];
const pageRows = 50;

/** The filters in the address bar that are no choices of this page: shown as chips. */
const own = new Set(["search", "severity", "status", "since"]);

function change(parameters: URLSearchParams, name: string, value: string): void {
  const next = new URLSearchParams(parameters);
  if (value) next.set(name, value);
  else next.delete(name);
  go(`/alerts${next.size ? `?${next}` : ""}`);
}

function Filters({ parameters }: { parameters: URLSearchParams }) {
  const choose = (name: string, options: [string, string][], label: string) => (
    <Field label={label}>
      <select value={parameters.get(name) ?? ""} onChange={(e) => change(parameters, name, e.currentTarget.value)}>
        {options.map(([value, text]) => <option key={value} value={value}>{text}</option>)}
      </select>
    </Field>
  );
  return (
    <form class="filters" role="search" onSubmit={(e) => {
      e.preventDefault();
      change(parameters, "search", String(new FormData(e.currentTarget as HTMLFormElement).get("search") ?? ""));
    }}>
      <Field label={t("search")}>
        <input id="search" name="search" type="search" placeholder={t("search_hint")}
          key={parameters.get("search") ?? ""} defaultValue={parameters.get("search") ?? ""} />
      </Field>
      {choose("severity", [["", t("any")], ...severities.map((s): [string, string] => [s.toLowerCase(), told(s)])], t("severity"))}
      {choose("status", [["", t("any_open")], ...statuses.map((s): [string, string] => [statusSlugs[s]!, told(s)])], t("status"))}
      {choose("since", [["", t("any")], ["1h", t("last_hours", { count: 1 })], ["24h", t("last_hours", { count: 24 })],
        ["7d", t("last_days", { count: 7 })], ["30d", t("last_days", { count: 30 })]], t("since"))}
      {[...parameters].filter(([name]) => !own.has(name)).map(([name, value]) => (
        <Chip key={name} label={`${name}: ${value}`} onRemove={() => change(parameters, name, "")} />
      ))}
    </form>
  );
}

/** The rows that are shown, and how more come. What changes meanwhile is only announced: rows never
 * move under the pointer. */
function useRows(parameters: URLSearchParams) {
  const [rows, setRows] = useState<Alert[]>();
  const [next, setNext] = useState<string>();
  const [failure, setFailure] = useState<unknown>();
  const [changed, setChanged] = useState(new Set<string>());
  const asked = parameters.toString();
  const load = useCallback(async (cursor?: string) => {
    setFailure(undefined);
    try {
      const page = await get<Page<Alert>>("/api/v1/alerts", {
        ...Object.fromEntries(new URLSearchParams(asked)), limit: pageRows, cursor, lang: document.documentElement.lang,
      });
      setRows((old) => (cursor ? [...(old ?? []), ...page.items] : page.items));
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
      <td><Moment time={alert.end} /></td>
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

export function AlertsPage({ session, parameters }: { session: Session; parameters: URLSearchParams }) {
  const { rows, next, failure, changed, load } = useRows(parameters);
  const [at, setAt] = useState(-1);
  const [anchor, setAnchor] = useState(-1);
  const [selected, setSelected] = useState(new Set<string>());
  const help = useRef<HTMLDialogElement>(null);
  const all = rows ?? [];
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
      {changed.size > 0 && (
        <p class="news" role="status">{t("new_changes", { count: changed.size })} <button onClick={() => load()}>{t("show_new")}</button></p>
      )}
      {mayChange && selected.size > 0 && <Bulk ids={[...selected]} onDone={settled} />}
      {failure !== undefined && <Trouble failure={failure} again={() => load()} />}
      {!rows && !failure && <Waiting />}
      {rows?.length === 0 && <p class="empty">{parameters.size ? t("alerts_none") : t("alerts_never")}</p>}
      {all.length > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label={t("alerts")}>
          <table class="alerts">
            <thead><tr>
              <th><input type="checkbox" aria-label={t("select_all")} checked={selected.size === all.length}
                onClick={() => setSelected(new Set(selected.size === all.length ? [] : all.map((a) => a.id)))} /></th>
              <th>{t("severity")}</th><th>{t("type")}</th><th>{t("machine")}</th><th>{t("domain")}</th>
              <th class="number">{t("count")}</th><th>{t("last_seen")}</th><th>{t("status")}</th>
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
      {next && <button class="more" onClick={() => load(next)}>{t("more")}</button>}
      <dialog ref={help} aria-labelledby="keys">
        <h2 id="keys">{t("keys_title")}</h2>
        <p>{t("keys_text")}</p>
        <form method="dialog"><button>{t("close")}</button></form>
      </dialog>
    </>
  );
}
