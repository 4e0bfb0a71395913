// alert.tsx - one alert: what happened, why we say so, what to do about it
// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { type Alert, type Feature, get, type Sample, type Session } from "../api.ts";
import { Fact, Facts, Moment, Severity, Trouble, useAsked, Waiting } from "../parts/base.tsx";
import { TakeAction } from "../parts/action.tsx";
import { Trail } from "../parts/trail.tsx";
import { language, t, told } from "../words.ts";

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
  const filtered = (name: string, value: string) => `/alerts?${new URLSearchParams({ [name]: value })}`;
  return (
    <aside>
      <Facts>
        <Fact term={t("entity")}><a class="data" href={filtered("ip", alert.entity.ip)}>{alert.compromised_entity}</a></Fact>
        <Fact term={t("owner")}>{alert.entity.owner}</Fact>
        <Fact term={t("tags")}>{alert.entity.tags?.join(", ")}</Fact>
        <Fact term={t("domain")}>
          {alert.domain && <a class="data" href={filtered("domain", alert.domain)}>{alert.domain}</a>}
        </Fact>
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

function CopyButton({ alert }: { alert: Alert }) {
  const [copied, setCopied] = useState(false);
  const copy = () => navigator.clipboard.writeText(JSON.stringify(alert, null, 2)).then(() => setCopied(true));
  return <button onClick={copy}>{copied ? t("copied") : t("copy")}</button>;
}

export function AlertPage({ id, session }: { id: string; session: Session }) {
  const { value: alert, failure, again } = useAsked(
    () => get<Alert>(`/api/v1/alerts/${id}`, { lang: language() }), [id]);
  if (failure) return <Trouble failure={failure} again={again} />;
  if (!alert) return <Waiting />;
  return (
    <article class="alert">
      <p><a href="/alerts">← {t("back_to_alerts")}</a></p>
      <div class="title">
        <h1>{alert.title}</h1>
        <Severity value={alert.severity} />
        <span class="mark">{told(alert.status)}</span>
        <CopyButton alert={alert} />
      </div>
      <p class="lead">{alert.description}</p>
      <div class="columns">
        <div>
          <Why alert={alert} />
          <Samples samples={alert.evidence.samples} />
          {session.role !== "viewer" && <TakeAction alert={alert} onChange={again} />}
          <Trail path={`/api/v1/alerts/${encodeURIComponent(alert.id)}/history`} turn={alert.revision} />
        </div>
        <Side alert={alert} />
      </div>
    </article>
  );
}
