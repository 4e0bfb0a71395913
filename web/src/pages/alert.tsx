// alert.tsx - one alert: what happened, why we say so, what to do about it
// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from "preact/hooks";
import { type Alert, ask, follow, get, query, type Sample, type Session } from "../api.ts";
import { AlertList } from "../parts/alertlist.tsx";
import { Fact, Facts, Field, Moment, Severity, Trouble, useAsked, Waiting } from "../parts/base.tsx";
import { useDoing, valueOf } from "../parts/doing.tsx";
import { List } from "../parts/list.tsx";
import { TakeAction } from "../parts/action.tsx";
import { Chain, Techniques } from "../parts/chain.tsx";
import { Why } from "../parts/evidence.tsx";
import { term } from "../parts/terms.ts";
import { Trail } from "../parts/trail.tsx";
import { language, statusSlugs, t, told, whole } from "../words.ts";

function Samples({ samples }: { samples: Sample[] }) {
  return (
    <section>
      <h2>{t("samples")}</h2>
      <div class="scroll" tabIndex={0} role="region" aria-label={t("samples")}>
        <table class="samples">
          <thead><tr><th>{t("time")}</th><th>{t("question")}</th><th>{t("type")}</th><th>{t("answer")}</th></tr></thead>
          <tbody>
            {samples.map((sample) => (
              <tr key={sample.time + sample.qname}>
                <td><Moment time={sample.time} exact /></td>
                <td class="data">{sample.qname}</td>
                <td>{sample.qname && sample.qtype}</td>
                <td class="data">{[sample.rcode, ...(sample.answers ?? [])].filter(Boolean).join(" · ")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Side({ alert }: { alert: Alert }) {
  return (
    <aside>
      <Facts>
        <Fact term={t("entity")}><a class="data" href={`/machines/${encodeURIComponent(alert.entity.ip)}`}>{alert.compromised_entity}</a></Fact>
        <Fact term={t("owner")}>{alert.entity.owner}</Fact>
        <Fact term={t("tags")}>{alert.entity.tags?.join(", ")}</Fact>
        <Fact term={t("domain")}>
          {alert.domain && alert.domain !== alert.resolver?.ip && <a class="data" href={`/domains/${encodeURIComponent(alert.domain)}`}>{alert.domain}</a>}
        </Fact>
        <Fact term={t("assignee")}>{alert.assignee}</Fact>
        <Fact term={t("resolver")}><span class="data">{alert.resolver?.ip}</span></Fact>
        <Fact term={t("first_seen")}><Moment time={alert.start} exact /></Fact>
        <Fact term={t("last_seen")}><Moment time={alert.end} exact /></Fact>
        <Fact term={t("count")}>{alert.count === 1 ? t("once") : t("times", { count: whole(alert.count) })}</Fact>
        {alert.prevalence && (
          <Fact term={t("prevalence")}>
            {alert.prevalence.clients === 1 ? t("prevalence_one") : t("prevalence_text", { count: whole(alert.prevalence.clients) })}
          </Fact>
        )}
        <Fact term={t("first_asked")}>{alert.prevalence?.first_seen && <Moment time={alert.prevalence.first_seen} exact />}</Fact>
        <Fact term={t("tactic")}>{term("tactic", alert.tactic)}</Fact>
        <Fact term={t("techniques")}>
          <Techniques ids={[...new Set([...alert.techniques, ...(alert.evidence.rule?.techniques ?? [])])]} />
        </Fact>
        <Fact term={t("sensor")}>{alert.sensor}</Fact>
        <Fact term={t("alert_id")}><span class="data">{alert.id}</span></Fact>
      </Facts>
    </aside>
  );
}

const dialects = ["native", "azure", "eventhub", "securityalert", "asim", "ocsf", "ecs", "guardduty", "cef", "leef", "stix"];

/** The alert as other systems would get it, into the clipboard. */
function CopyButton({ alert }: { alert: Alert }) {
  const [copied, setCopied] = useState(false);
  const copy = async (dialect: string) => {
    const response = await fetch(`/api/v1/alerts/export${query({ search: alert.id, status: "all", dialect, lang: language() })}`);
    await navigator.clipboard.writeText(await response.text());
    setCopied(true);
  };
  return (
    <select aria-label={t("copy")} value="" onChange={(e) => copy(e.currentTarget.value)}>
      <option value="">{copied ? t("copied") : t("copy")}</option>
      {dialects.map((dialect) => <option key={dialect}>{dialect}</option>)}
    </select>
  );
}

const dispositions = ["true-positive", "false-positive", "benign", "expected", "test", "duplicate", "other"];

/** What an analyst decides: state, who looks after it, whether it was worth raising. */
function Decide({ alert, session, onChange }: { alert: Alert; session: Session; onChange: () => void }) {
  const { busy, run, trouble } = useDoing();
  const set = (change: Record<string, string>) =>
    run(() => ask("PATCH", `/api/v1/alerts/${encodeURIComponent(alert.id)}`, change)).then(onChange);
  return (
    <div class="inline">
      {["Active", "InProgress", "Resolved"].filter((status) => status !== alert.status).map((status) => (
        <button key={status} disabled={busy} onClick={() => set({ status: statusSlugs[status]! })}>
          {t("set_status", { status: told(status) })}
        </button>
      ))}
      <select aria-label={t("dismiss_as")} value="" disabled={busy}
        onChange={(e) => set({ status: "dismissed", disposition: e.currentTarget.value })}>
        <option value="">{t("dismiss_as")}</option>
        {dispositions.map((one) => <option key={one} value={one}>{told(one)}</option>)}
      </select>
      {alert.assignee !== session.name && (
        <button disabled={busy} onClick={() => set({ assignee: session.name })}>{t("assign_me")}</button>
      )}
      <button disabled={busy} onClick={() => set({ feedback: "useful" })}>{t("useful")}</button>
      <button disabled={busy} onClick={() => set({ feedback: "not-useful" })}>{t("not_useful")}</button>
      {trouble}
    </div>
  );
}

function NoteForm({ alert, onChange }: { alert: Alert; onChange: () => void }) {
  const { busy, run, trouble } = useDoing();
  const add = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const text = valueOf(event, "text");
    run(() => ask("POST", `/api/v1/alerts/${encodeURIComponent(alert.id)}/notes`, { text })).then(() => {
      form.reset();
      onChange();
    });
  };
  return (
    <form class="inline" onSubmit={add}>
      <Field label={t("note")}><textarea name="text" rows={2} cols={50} required maxLength={4096} /></Field>
      <button disabled={busy}>{t("note_add")}</button>
      {trouble}
    </form>
  );
}

interface Row {
  name: string;
  qtype: string;
  rcode?: string;
  last: string;
  count: number;
}

/** What the machine asked for shortly before and after. */
function Around({ alert }: { alert: Alert }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="part" onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>{t("around")}</summary>
      {open && (
        <List<Row>
          path={`/api/v1/alerts/${encodeURIComponent(alert.id)}/transactions`}
          parameters={{ minutes: 10, limit: 100 }}
          label={t("around")}
          empty={t("history_none")}
          columns={[
            { word: "domain", kind: "data name", show: ({ name }) => <a href={`/domains/${encodeURIComponent(name)}`}>{name}</a> },
            { word: "type", show: ({ qtype }) => qtype },
            { word: "answer", show: ({ rcode }) => rcode },
            { word: "count", kind: "number", show: ({ count }) => whole(count) },
            { word: "last_seen", show: ({ last }) => <Moment time={last} exact /> },
          ]}
        />
      )}
    </details>
  );
}

function Marks({ alert }: { alert: Alert }) {
  return (
    <>
      {alert.sample && <span class="mark">{t("sample_mark")}</span>}
      {alert.retroactive && <span class="mark">{t("retroactive_mark")}</span>}
      {alert.preview && <span class="mark">{t("preview_mark")}</span>}
      {alert.response?.compromised && <span class="mark">{t("compromised_mark")}</span>}
      {alert.suppressed_by && <a class="mark" href="/suppression">{t("suppressed_mark", { rule: alert.suppressed_by })}</a>}
    </>
  );
}

/** Seen first and last by the traffic's own time, before what people did. */
const beginnings = ({ start, end, count }: Alert) => [
  { time: start, text: t("began") },
  ...(count > 1 ? [{ time: end, text: t("repeated", { count: whole(count) }) }] : []),
];

export function AlertPage({ id, session }: { id: string; session: Session }) {
  const [turn, setTurn] = useState(0);
  const { value: alert, failure, again } = useAsked(
    () => get<Alert>(`/api/v1/alerts/${id}`, { lang: language() }), [id, turn]);
  const changed = () => setTurn((n) => n + 1);
  useEffect(() => follow((which) => which === id && changed()), [id]);
  const mayChange = session.role !== "viewer";
  if (failure !== undefined) return <Trouble failure={failure} again={again} />;
  if (!alert) return <Waiting />;
  return (
    <article class="alert">
      <p><a href="/alerts">← {t("back_to_alerts")}</a></p>
      <div class="title">
        <h1>{alert.title}</h1>
        <Severity value={alert.severity} />
        <span class="mark">{told(alert.status)}</span>
        {alert.disposition && <span class="mark">{told(alert.disposition)}</span>}
        <Marks alert={alert} />
        <CopyButton alert={alert} />
      </div>
      <p class="lead">{alert.description}</p>
      {mayChange && <Decide alert={alert} session={session} onChange={changed} />}
      <div class="columns">
        <Side alert={alert} />
        <div>
          <Why alert={alert} />
          <Chain alert={alert} />
          <Samples samples={alert.evidence.samples ?? []} />
          <Around alert={alert} />
          {mayChange && <TakeAction alert={alert} onChange={changed} />}
          <AlertList word="related" empty="related_none" path={`/api/v1/alerts/${encodeURIComponent(alert.id)}/related`} />
          <Trail path={`/api/v1/alerts/${encodeURIComponent(alert.id)}/history`} turn={turn} begin={beginnings(alert)} />
          {mayChange && <NoteForm alert={alert} onChange={changed} />}
        </div>
      </div>
    </article>
  );
}
