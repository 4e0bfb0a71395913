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

export function Trail({ path, turn }: { path: string; turn: number }) {
  const { value } = useAsked(() => get<{ items: Entry[] }>(path), [path, turn]);
  if (!value?.items.length) return null;
  return (
    <section>
      <h2>{t("history")}</h2>
      <ol class="history">
        {value.items.map((entry) => (
          <li key={entry.seq}>
            <Moment time={entry.time} /> <strong>{entry.actor}</strong> {doneWord(entry.action)}{" "}
            {[entry.from, entry.to].filter(Boolean).map((one) => told(one!)).join(" → ")} {entry.comment}
          </li>
        ))}
      </ol>
    </section>
  );
}
