// alert.tsx - one alert: what happened, why we say so, what to do about it
// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { type Alert, ask, type Feature, get, query, type Sample, type Session } from "../api.ts";
import { Fact, Facts, Field, Moment, Severity, Trouble, useAsked, Waiting } from "../parts/base.tsx";
import { useDoing, valueOf } from "../parts/doing.tsx";
import { List } from "../parts/list.tsx";
import { TakeAction } from "../parts/action.tsx";
import { Trail } from "../parts/trail.tsx";
import { language, statusSlugs, t, told } from "../words.ts";

const number = (value: number) => value.toLocaleString(language(), { maximumSignificantDigits: 4 });

/** The measured value as a bar, the threshold as a line across it; the same in words beside it. */
function FeatureBar({ feature }: { feature: Feature }) {
  const most = Math.max(Math.abs(feature.value), Math.abs(feature.threshold)) || 1;
  const width = (value: number) => `${Math.min(100, (100 * Math.abs(value)) / (most * 1.1))}`;
  return (
    <tr>
      <th scope="row">{feature.name.replaceAll("_", " ")}</th>
      <td class="number">{number(feature.value)}{feature.unit && ` ${feature.unit}`}</td>
      <td class="number">{number(feature.threshold)}</td>
      <td aria-hidden="true">
        <svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none">
          <rect class="value" width={width(feature.value)} height="10" />
          <rect class="threshold" x={width(feature.threshold)} width="0.8" height="10" />
        </svg>
      </td>
    </tr>
  );
}

function Why({ alert }: { alert: Alert }) {
  const { evidence } = alert;
  return (
    <section>
      <h2>{t("why")}</h2>
      <p>{evidence.summary}</p>
      {evidence.features.length > 0 && (
        <table class="features">
          <thead><tr><td /><th class="number">{t("measured")}</th><th class="number">{t("threshold")}</th><td /></tr></thead>
          <tbody>{evidence.features.map((feature) => <FeatureBar key={feature.name} feature={feature} />)}</tbody>
        </table>
      )}
      {evidence.indicator && (
        <Facts>
          <Fact term={t("matched")}><span class="data">{evidence.indicator.matched}</span></Fact>
          <Fact term={t("feed")}>{evidence.indicator.feed}</Fact>
          <Fact term={t("entry")}><code>{evidence.indicator.entry}</code></Fact>
        </Facts>
      )}
      {evidence.rule && <Facts><Fact term={t("rule")}>{evidence.rule.sid}: {evidence.rule.msg}</Fact></Facts>}
      {evidence.tunnel && (
        <Facts>
          <Fact term={t("bytes_up")}>{number(Number(evidence.tunnel.bytes_up ?? 0))} B</Fact>
          <Fact term={t("bytes_down")}>{number(Number(evidence.tunnel.bytes_down ?? 0))} B</Fact>
          <Fact term={t("tool")}>{evidence.tunnel.tool ?? t("unknown")}</Fact>
          <Fact term={t("encoding")}>{evidence.tunnel.encoding ?? t("unknown")}</Fact>
        </Facts>
      )}
      <h3>{t("benign_if")}</h3>
      <p>{evidence.benign_if}</p>
    </section>
  );
}

function Samples({ samples }: { samples: Sample[] }) {
  return (
    <section>
      <h2>{t("samples")}</h2>
      <div class="scroll" tabIndex={0} role="region" aria-label={t("samples")}>
        <table>
          <thead><tr><th>{t("time")}</th><th>{t("question")}</th><th>{t("type")}</th><th>{t("answer")}</th></tr></thead>
          <tbody>
            {samples.map((sample) => (
              <tr key={sample.time + sample.qname}>
                <td><Moment time={sample.time} /></td>
                <td class="data">{sample.qname}</td>
                <td>{sample.qtype}</td>
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
          {alert.domain && <a class="data" href={`/domains/${encodeURIComponent(alert.domain)}`}>{alert.domain}</a>}
        </Fact>
        <Fact term={t("assignee")}>{alert.assignee}</Fact>
        <Fact term={t("resolver")}><span class="data">{alert.resolver?.ip}</span></Fact>
        <Fact term={t("first_seen")}><Moment time={alert.start} /></Fact>
        <Fact term={t("last_seen")}><Moment time={alert.end} /></Fact>
        <Fact term={t("count")}>{t("times", { count: alert.count })}</Fact>
        {alert.prevalence && (
          <Fact term={t("prevalence")}>
            {t("prevalence_text", { count: alert.prevalence.clients, first: alert.prevalence.first_seen.slice(0, 16).replace("T", " ") })}
          </Fact>
        )}
        <Fact term={t("tactic")}>{alert.tactic}</Fact>
        <Fact term={t("techniques")}>{alert.techniques.join(", ")}</Fact>
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

function Related({ alert }: { alert: Alert }) {
  return (
    <section>
      <h2>{t("related")}</h2>
      <List<Alert>
        path={`/api/v1/alerts/${encodeURIComponent(alert.id)}/related`}
        parameters={{ lang: language(), limit: 10 }}
        label={t("related")}
        empty={t("related_none")}
        columns={[
          { word: "time", show: ({ start }) => <Moment time={start} /> },
          { word: "severity", show: ({ severity }) => <Severity value={severity} /> },
          { word: "alert", show: ({ id, title }) => <a href={`/alerts/${encodeURIComponent(id)}`}>{title}</a> },
          { word: "domain", kind: "data", show: ({ domain }) => domain },
          { word: "status", show: ({ status }) => told(status) },
        ]}
      />
    </section>
  );
}

export function AlertPage({ id, session }: { id: string; session: Session }) {
  const [turn, setTurn] = useState(0);
  const { value: alert, failure, again } = useAsked(
    () => get<Alert>(`/api/v1/alerts/${id}`, { lang: language() }), [id, turn]);
  const changed = () => setTurn((n) => n + 1);
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
        {alert.sample && <span class="mark">{t("sample_mark")}</span>}
        {alert.retroactive && <span class="mark">{t("retroactive_mark")}</span>}
        <CopyButton alert={alert} />
      </div>
      <p class="lead">{alert.description}</p>
      {mayChange && <Decide alert={alert} session={session} onChange={changed} />}
      <div class="columns">
        <div>
          <Why alert={alert} />
          <Samples samples={alert.evidence.samples} />
          {mayChange && <TakeAction alert={alert} onChange={changed} />}
          <Related alert={alert} />
          <Trail path={`/api/v1/alerts/${encodeURIComponent(alert.id)}/history`} turn={turn} />
          {mayChange && <NoteForm alert={alert} onChange={changed} />}
        </div>
        <Side alert={alert} />
      </div>
    </article>
  );
}
