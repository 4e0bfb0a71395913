// alertlist.tsx - alerts that have something in common, as a short list
// SPDX-License-Identifier: Apache-2.0
import type { Alert, Query } from "../api.ts";
import { language, t, told, type Word } from "../words.ts";
import { Moment, Severity } from "./base.tsx";
import { List } from "./list.tsx";

interface Props {
  word: Word;
  path: string;
  parameters?: Query;
  empty: Word;
  machines?: boolean; // tells whose each is
}

export function AlertList({ word, path, parameters = {}, empty, machines }: Props) {
  return (
    <section>
      <h2>{t(word)}</h2>
      <List<Alert>
        path={path}
        parameters={{ lang: language(), limit: 10, ...parameters }}
        label={t(word)}
        empty={t(empty)}
        columns={[
          { word: "severity", show: ({ severity }) => <Severity value={severity} /> },
          { word: "alert", kind: "wide", show: ({ id, title, evidence }) => (
            <><a href={`/alerts/${encodeURIComponent(id)}`}>{title}</a><span class="summary">{evidence.summary}</span></>
          ) },
          { word: machines ? "machine" : "domain", kind: "data", show: (alert) => (machines ? alert.compromised_entity : alert.domain) },
          { word: "time", show: ({ start }) => <Moment time={start} /> },
          { word: "status", show: ({ status, disposition }) => [status, disposition].filter(Boolean).map((one) => told(one!)).join(" · ") },
        ]}
      />
    </section>
  );
}
