// exports.tsx - where alerts go: how far each export has come, and what its target would not take
// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { ask, type Session } from "../api.ts";
import { Moment } from "../parts/base.tsx";
import { useDoing } from "../parts/doing.tsx";
import { List } from "../parts/list.tsx";
import { t } from "../words.ts";

interface Export {
  name: string;
  type?: string;
  dialect?: string;
  enabled?: boolean;
  taken: number;
  pending: number;
  dead_records: number;
  lag_seconds?: number;
  last_taken?: string;
  failure?: string;
}

function Buttons({ name, onDone }: { name: string; onDone: () => void }) {
  const { busy, run, trouble } = useDoing();
  const [answer, setAnswer] = useState("");
  const path = `/api/v1/exports/${encodeURIComponent(name)}`;
  const test = () =>
    run(async () => {
      const { taken, answer } = await ask<{ taken: boolean; answer: string }>("POST", `${path}/test`);
      setAnswer(`${taken ? "✓" : "✗"} ${answer}`);
    });
  const act = (what: string) => run(() => ask("POST", `${path}/${what}`, what === "backfill" ? {} : undefined)).then(onDone);
  return (
    <div class="inline">
      <button disabled={busy} onClick={test}>{t("test_it")}</button>
      <button disabled={busy} onClick={() => act("backfill")}>{t("backfill")}</button>
      <button disabled={busy} onClick={() => act("snapshot")}>{t("snapshot")}</button>
      <button disabled={busy} onClick={() => act("redrive")}>{t("redrive")}</button>
      {answer && <span role="status">{answer}</span>}
      {trouble}
    </div>
  );
}

export function ExportsPage({ session }: { session: Session }) {
  const [turn, setTurn] = useState(0);
  return (
    <>
      <h1>{t("exports")}</h1>
      <List<Export>
        path="/api/v1/exports"
        label={t("exports")}
        empty={t("exports_none")}
        turn={turn}
        columns={[
          { word: "name", show: ({ name, failure }) => <><strong>{name}</strong>{failure && <span class="summary trouble">{failure}</span>}</> },
          { word: "sent_to", show: ({ type, dialect }) => [type, dialect].filter(Boolean).join(", ") },
          { word: "delivered", kind: "number", show: ({ taken }) => taken },
          { word: "waiting", kind: "number", show: ({ pending }) => pending },
          { word: "lag", kind: "number", show: ({ lag_seconds }) => lag_seconds !== undefined && t("seconds", { count: lag_seconds }) },
          { word: "refused", kind: "number", show: ({ dead_records }) => dead_records },
          { word: "last_sent", show: ({ last_taken }) => last_taken && <Moment time={last_taken} /> },
          ...(session.role === "admin"
            ? [{ word: "do" as const, show: ({ name }: Export) => <Buttons name={name} onDone={() => setTurn((n) => n + 1)} /> }]
            : []),
        ]}
      />
    </>
  );
}
