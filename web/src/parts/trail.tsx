// trail.tsx - who did what to something, oldest first
// SPDX-License-Identifier: Apache-2.0
import { get } from "../api.ts";
import { t, told } from "../words.ts";
import { Moment, useAsked } from "./base.tsx";

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

/** What was done, in words; as the trail has it where there are none. */
export function doneWord(action: string): string {
  const key = `did_${action}`;
  const word = told(key);
  return word === key ? action : word;
}

/** Who did it: a user by the name alone, others with what they are. */
export function actorText(actor: string): string {
  const [kind = "", ...name] = actor.split(":");
  const key = `actor_${kind}`;
  return name.length && told(key) !== key ? `${name.join(":")} (${told(key)})` : name.join(":") || actor;
}

export function Trail({ path, turn }: { path: string; turn: number }) {
  const { value } = useAsked(() => get<{ items: Entry[] }>(path), [path, turn]);
  if (!value?.items.length) return null;
  return (
    <section>
      <h2>{t("history")}</h2>
      <ol class="history">
        {value.items.map((entry) => (
          <li key={entry.seq}>
            <Moment time={entry.time} /> <strong>{actorText(entry.actor)}</strong> {doneWord(entry.action)}{" "}
            {[entry.from, entry.to].filter(Boolean).map((one) => told(one!)).join(" → ")} {entry.comment}
          </li>
        ))}
      </ol>
    </section>
  );
}
