// audit.tsx - who did what, newest first, and whether anybody has altered what stands there
// SPDX-License-Identifier: Apache-2.0
import { get, type Query } from "../api.ts";
import { Field, Moment, State, useAsked } from "../parts/base.tsx";
import { List } from "../parts/list.tsx";
import { actorText, type Entry } from "../parts/trail.tsx";
import { term } from "../parts/terms.ts";
import { go } from "../route.ts";
import { t, told } from "../words.ts";

/** Kinds of objects, and the page that shows one; those without have none. */
const objects: Record<string, ((name: string) => string) | undefined> = {
  alert: (name) => `/alerts/${encodeURIComponent(name)}`,
  incident: (name) => `/incidents/${encodeURIComponent(name)}`,
  suppression: () => "/suppression",
  export: () => "/exports",
  feed: () => "/feeds",
  isolation: undefined,
  user: () => "/people",
  token: () => "/people",
};

function ObjectLink({ object = "" }: { object?: string }) {
  const [kind = "", ...rest] = object.split("/");
  const to = objects[kind]?.(rest.join("/"));
  const text = <>{told(`object_${kind}`).replace("object_", "")} <span class="data">{rest.join("/")}</span></>;
  return to ? <a href={to}>{text}</a> : text;
}

const isObject = (value: string) => value.startsWith("{");

/** A value that may be several words: "analyst, switched off". */
const inWords = (value: string) => (isObject(value) ? "" : value.split(", ").map(told).join(t("comma")));

function laidOut(value: string): string {
  try {
    return JSON.stringify(JSON.parse(value), undefined, 1);
  } catch {
    return value;
  }
}

/** From what to what; a whole rule only where somebody wants to see it. */
function Change({ from = "", to = "" }: Pick<Entry, "from" | "to">) {
  const values = [from, to].filter(Boolean);
  if (!values.some(isObject)) return <>{values.map(inWords).join(" → ")}</>;
  return (
    <details>
      <summary>{t("show")}</summary>
      {values.map((value) => <pre key={value} class="diff" tabIndex={0}>{laidOut(value)}</pre>)}
    </details>
  );
}

/** RFC 3339 of a day's begin in the user's zone. */
const dayBegin = (day: string) => (day ? new Date(`${day}T00:00`).toISOString() : undefined);

function Filters({ parameters }: { parameters: URLSearchParams }) {
  const show = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const given = [...form].map(([name, value]) => [name, String(value).trim()]).filter(([, value]) => value);
    go(`/audit${given.length ? `?${new URLSearchParams(given as [string, string][])}` : ""}`);
  };
  const of = (name: string) => parameters.get(name) ?? "";
  return (
    <form class="filters" role="search" key={parameters.toString()} onSubmit={show}>
      <Field label={t("who_did")}>
        <input name="actor" defaultValue={of("actor")} placeholder={t("actor_hint")} spellcheck={false} autocapitalize="none" />
      </Field>
      <Field label={t("object")}>
        <select name="object">
          <option value="">{t("any")}</option>
          {Object.keys(objects).map((kind) => <option key={kind} value={`${kind}/`} selected={of("object") === `${kind}/`}>{told(`object_${kind}`)}</option>)}
        </select>
      </Field>
      <Field label={t("from_day")}><input name="since" type="date" defaultValue={of("since")} /></Field>
      <Field label={t("before_day")}><input name="until" type="date" defaultValue={of("until")} /></Field>
      <button>{t("show")}</button>
      {parameters.size > 0 && <a href="/audit">{t("show_all")}</a>}
    </form>
  );
}

function Intact() {
  const { value, again } = useAsked(() => get<{ intact: boolean; broken_seq?: number }>("/api/v1/audit/verify"), []);
  if (!value) return null;
  return (
    <p role="status">
      {value.intact ? <State health="good">{t("audit_whole")}</State> : <State health="bad">{t("audit_broken", { seq: value.broken_seq ?? 0 })}</State>}{" "}
      <button onClick={again}>{t("check_again")}</button>
    </p>
  );
}

export function AuditPage({ parameters }: { parameters: URLSearchParams }) {
  const actor = parameters.get("actor") ?? "";
  const query: Query = {
    newest: "true",
    actor: actor && !actor.includes(":") ? `user:${actor}` : actor,
    object: parameters.get("object") ?? "",
    since: dayBegin(parameters.get("since") ?? ""),
    until: dayBegin(parameters.get("until") ?? ""),
  };
  return (
    <>
      <h1>{t("audit_title")}</h1>
      <p class="lead">{t("audit_text")}</p>
      <Intact />
      <Filters parameters={parameters} />
      <List<Entry>
        path="/api/v1/audit"
        parameters={query}
        label={t("audit")}
        empty={t("audit_none")}
        columns={[
          { word: "time", show: ({ time }) => <Moment time={time} /> },
          { word: "who_did", show: ({ actor: who }) => actorText(who) },
          { word: "what_done", show: ({ action }) => term("action", action) },
          { word: "object", show: ({ object }) => <ObjectLink object={object} /> },
          { word: "change", show: (entry) => <Change {...entry} /> },
          { word: "note", show: ({ reason, comment }) => [reason && told(reason), comment].filter(Boolean).join(": ") },
        ]}
      />
    </>
  );
}
