// trail.tsx - who did what to something, oldest first, in words
// SPDX-License-Identifier: Apache-2.0
import { get } from "../api.ts";
import { t, told } from "../words.ts";
import { Moment, useAsked } from "./base.tsx";
import { term } from "./terms.ts";

export interface Entry {
  seq: number;
  time: string;
  actor: string;
  action: string;
  object?: string;
  from?: string;
  to?: string;
  reason?: string;
  comment?: string;
}

/** Actors are kind:name; people go by their names. */
export function actorText(actor: string): string {
  const [kind, name] = actor.split(/:(.*)/s);
  if (kind === "user" || !name) return name || actor;
  return t("by_kind", { kind: told(`by_${kind}`), name });
}

/** Entries whose values are names and ids, which are no words even where they look like one. */
const asTheyAre = new Set(["assignee", "id", "feedback_reason", "note"]);

function changeText({ action, from, to }: Entry): string {
  const [before, after] = [from, to].map((value) => (value && !asTheyAre.has(action) ? told(value) : value));
  if (!before) return after ?? "";
  return `${before} → ${after || t(action === "assignee" ? "nobody" : "none")}`;
}

function Line({ entry }: { entry: Entry }) {
  const change = changeText(entry);
  const reason = entry.reason && entry.reason !== entry.to ? told(entry.reason) : "";
  return (
    <li>
      <Moment time={entry.time} exact />{" "}
      <span>{t(change ? "did_change" : "did", { who: actorText(entry.actor), what: term("action", entry.action), change })}</span>
      {reason && <span class="quiet"> ({reason})</span>}
      {entry.comment && <q class="remark">{entry.comment}</q>}
    </li>
  );
}

/** What happened to an alert by itself comes first. */
export function Trail({ path, turn, begin }: { path: string; turn: number; begin?: { time: string; text: string }[] }) {
  const { value } = useAsked(() => get<{ items: Entry[] }>(path), [path, turn]);
  if (!value?.items.length && !begin?.length) return null;
  return (
    <section>
      <h2>{t("history")}</h2>
      <ol class="history">
        {begin?.map(({ time, text }) => <li key={text}><Moment time={time} exact /> <span>{text}</span></li>)}
        {value?.items.map((entry) => <Line key={entry.seq} entry={entry} />)}
      </ol>
    </section>
  );
}
