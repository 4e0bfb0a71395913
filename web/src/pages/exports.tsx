// exports.tsx - where alerts go: how far each export has come, and what its target would not take
// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { ask, get, type Session } from "../api.ts";
import { Fact, Facts, Field, type Health, Moment, State, Trouble, useAsked, useTurns, Waiting } from "../parts/base.tsx";
import { useDoing, valueOf } from "../parts/doing.tsx";
import { List } from "../parts/list.tsx";
import { t, told, whole, type Word } from "../words.ts";

interface Export {
  name: string;
  configured: boolean;
  type?: string;
  dialect?: string;
  enabled?: boolean;
  streaming?: boolean;
  snapshot_hours?: number;
  taken?: number;
  pending?: number;
  skipped?: number;
  dead_records?: number;
  lag_seconds?: number;
  last_taken?: string;
  failing_since?: string;
  failure?: string;
}

const lookAgainMs = 5000;

function healthOf({ configured, enabled, failure, pending, dead_records }: Export): [Health, Word] {
  if (!configured) return ["off", "export_former"];
  if (!enabled) return ["off", "off"];
  if (failure && pending) return ["bad", "export_failing"];
  if (dead_records) return ["warn", "export_refused"];
  return pending ? ["warn", "export_behind"] : ["good", "export_well"];
}

interface ActProps {
  row: Export;
  onDone: () => void;
}

interface Answer {
  taken: boolean;
  answer: string;
}

/** What the target said to one sample alert. */
function TestAnswer({ taken, answer }: Answer) {
  return (
    <p role="status">
      <State health={taken ? "good" : "bad"}>{taken ? t("test_taken") : t("test_refused")}</State> <span lang="en">{answer}</span>
    </p>
  );
}

function Actions({ row: { name, dead_records }, onDone }: ActProps) {
  const { busy, run, trouble } = useDoing();
  const [done, tell] = useState("");
  const [answer, setAnswer] = useState<Answer>();
  const path = `/api/v1/exports/${encodeURIComponent(name)}`;
  const act = (what: string, word: Word, body?: unknown) =>
    run(async () => {
      await ask("POST", `${path}/${what}`, body);
      tell(t(word));
    }).then(onDone);
  const backfill = (event: SubmitEvent) => {
    event.preventDefault();
    const since = valueOf(event, "since");
    act("backfill", "backfill_asked", since ? { since: new Date(since).toISOString() } : {});
  };
  return (
    <>
      <div class="inline">
        <button disabled={busy} onClick={() => run(async () => setAnswer(await ask("POST", `${path}/test`)))}>{t("test_it")}</button>
        <button disabled={busy} title={t("snapshot_text")} onClick={() => act("snapshot", "snapshot_asked")}>{t("snapshot")}</button>
        {!!dead_records && <button disabled={busy} onClick={() => act("redrive", "redrive_asked")}>{t("redrive")}</button>}
      </div>
      <form class="inline" onSubmit={backfill}>
        <Field label={t("backfill_since")}><input name="since" type="date" /></Field>
        <button disabled={busy}>{t("backfill")}</button>
      </form>
      {answer && <TestAnswer {...answer} />}
      {done && <p role="status">{done}</p>}
      {trouble}
    </>
  );
}

interface Dead {
  alert: string;
  revision: number;
  time: string;
  reason: string;
}

function DeadLetters({ name, count }: { name: string; count: number }) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("dead_letters", { count: whole(count) })}</summary>
      {open && (
        <List<Dead>
          path={`/api/v1/exports/${encodeURIComponent(name)}/dead`}
          label={t("dead_letters", { count: whole(count) })}
          empty={t("nothing_yet")}
          columns={[
            { word: "time", show: ({ time }) => <Moment time={time} /> },
            { word: "alert", kind: "data", show: ({ alert }) => <a href={`/alerts/${encodeURIComponent(alert)}`}>{alert.slice(0, 19)}…</a> },
            { word: "reason", show: ({ reason }) => <span lang="en">{reason}</span> },
          ]}
        />
      )}
    </details>
  );
}

function Card({ row, session, onDone }: { row: Export; session: Session; onDone: () => void }) {
  const [health, word] = healthOf(row);
  const acts = session.role === "admin" && row.configured && row.enabled;
  return (
    <section class="card">
      <div class="title"><h2>{row.name}</h2><State health={health}>{t(word)}</State></div>
      {row.failure && <p><span class="trouble" lang="en">{row.failure}</span><br />{row.pending ? t("export_retried") : t("export_put_aside")}</p>}
      <Facts>
        <Fact term={t("sent_to")}>{[row.type && told(`sink_${row.type}`), row.dialect].filter(Boolean).join(", ")}</Fact>
        <Fact term={t("export_how")}>
          {[row.streaming && t("export_streaming"), row.snapshot_hours && t("export_snapshots", { hours: row.snapshot_hours })].filter(Boolean).join(t("comma"))}
        </Fact>
        {row.failing_since && !!row.pending && <Fact term={t("failing_since")}><Moment time={row.failing_since} /></Fact>}
        {row.taken !== undefined && <Fact term={t("delivered")}>{whole(row.taken)}</Fact>}
        {row.pending !== undefined && <Fact term={t("waiting")}>{whole(row.pending)}</Fact>}
        {row.lag_seconds !== undefined && <Fact term={t("lag")}>{t("seconds", { count: whole(row.lag_seconds) })}</Fact>}
        {row.skipped !== undefined && <Fact term={t("export_skipped")}>{whole(row.skipped)}</Fact>}
        {row.last_taken && <Fact term={t("last_sent")}><Moment time={row.last_taken} /></Fact>}
      </Facts>
      {acts && <Actions row={row} onDone={onDone} />}
      {!!row.dead_records && session.role !== "viewer" && <DeadLetters name={row.name} count={row.dead_records} />}
    </section>
  );
}

export function ExportsPage({ session }: { session: Session }) {
  const turn = useTurns(lookAgainMs);
  const { value, failure, again } = useAsked(() => get<{ items: Export[] }>("/api/v1/exports"), [turn]);
  if (failure !== undefined) return <Trouble failure={failure} again={again} />;
  if (!value) return <Waiting />;
  return (
    <>
      <h1>{t("exports")}</h1>
      <p class="lead">{t("exports_text")}</p>
      {!value.items.length && <p class="empty">{t("exports_none")}</p>}
      <div class="cards">{value.items.map((row) => <Card key={row.name} row={row} session={session} onDone={again} />)}</div>
    </>
  );
}
