// incidents.tsx - alerts that belong together: the list, and one of them in the order it happened
// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { ask, get, type Session } from "../api.ts";
import { AlertList } from "../parts/alertlist.tsx";
import { Fact, Facts, Field, Moment, Severity, Trouble, useAsked, Waiting } from "../parts/base.tsx";
import { IncidentChain } from "../parts/chain.tsx";
import { useDoing } from "../parts/doing.tsx";
import { List } from "../parts/list.tsx";
import { Trail } from "../parts/trail.tsx";
import { language, statusSlugs, t, told } from "../words.ts";

interface Incident {
  id: string;
  revision: number;
  title: string;
  description: string;
  severity: string;
  status: string;
  start: string;
  end: string;
  entity?: string;
  domain?: string;
  alerts: number;
  open_alerts: number;
  entities: number;
}

const path = (id: string, rest = "") => `/api/v1/incidents/${encodeURIComponent(id)}${rest}`;

function Incidents() {
  const [status, setStatus] = useState("active,in-progress");
  const states = Object.values(statusSlugs).join(",");
  return (
    <>
      <h1>{t("incidents")}</h1>
      <div class="filters">
        <Field label={t("status")}>
          <select value={status} onChange={(e) => setStatus(e.currentTarget.value)}>
            <option value="active,in-progress">{t("still_open")}</option>
            <option value={states}>{t("any")}</option>
            {Object.entries(statusSlugs).map(([name, slug]) => <option key={slug} value={slug}>{told(name)}</option>)}
          </select>
        </Field>
      </div>
      <List<Incident>
        path="/api/v1/incidents"
        parameters={{ lang: language(), status }}
        label={t("incidents")}
        empty={t("incidents_none")}
        columns={[
          { word: "severity", show: ({ severity }) => <Severity value={severity} /> },
          { word: "incident", kind: "wide", show: ({ id, title }) => <a href={`/incidents/${id}`}>{title}</a> },
          { word: "machine", kind: "data", show: ({ entity, domain }) => entity ?? domain },
          { word: "alerts", kind: "number", show: ({ alerts, open_alerts }) => t("open_of", { open: open_alerts, all: alerts }) },
          { word: "machines", kind: "number", show: ({ entities }) => entities },
          { word: "last_seen", show: ({ end }) => <Moment time={end} /> },
          { word: "status", show: ({ status }) => told(status) },
        ]}
      />
    </>
  );
}

function Incident({ id, session }: { id: string; session: Session }) {
  const { value, failure, again } = useAsked(() => get<Incident>(path(id), { lang: language() }), [id]);
  const { busy, run, trouble } = useDoing();
  if (failure !== undefined) return <Trouble failure={failure} again={again} />;
  if (!value) return <Waiting />;
  const set = (status: string) => run(() => ask("PATCH", path(id), { status: statusSlugs[status] })).then(again);
  return (
    <article>
      <p><a href="/incidents">← {t("incidents")}</a></p>
      <div class="title">
        <h1>{value.title}</h1>
        <Severity value={value.severity} />
        <span class="mark">{told(value.status)}</span>
      </div>
      <p class="lead">{value.description}</p>
      {session.role !== "viewer" && (
        <div class="inline">
          {["Active", "InProgress", "Resolved", "Dismissed"].filter((s) => s !== value.status).map((status) => (
            <button key={status} disabled={busy} onClick={() => set(status)}>{t("set_status", { status: told(status) })}</button>
          ))}
        </div>
      )}
      {trouble}
      <Facts>
        <Fact term={t("machine")}>{value.entity && <a class="data" href={`/machines/${encodeURIComponent(value.entity)}`}>{value.entity}</a>}</Fact>
        <Fact term={t("alerts")}><a href={`/alerts?${new URLSearchParams({ incident: value.id, status: "all" })}`}>{t("open_of", { open: value.open_alerts, all: value.alerts })}</a></Fact>
        <Fact term={t("machines")}>{value.entities}</Fact>
        <Fact term={t("first_seen")}><Moment time={value.start} exact /></Fact>
        <Fact term={t("last_seen")}><Moment time={value.end} exact /></Fact>
        <Fact term={t("domain")}>{value.domain && <a class="data" href={`/domains/${encodeURIComponent(value.domain)}`}>{value.domain}</a>}</Fact>
      </Facts>
      <IncidentChain id={id} />
      <AlertList word="timeline" empty="alerts_none" path={path(id, "/alerts")} parameters={{ limit: 50 }} machines />
      <Trail path={path(id, "/history")} turn={value.revision} />
    </article>
  );
}

export function IncidentsPage({ id, session }: { id: string; session: Session }) {
  return id ? <Incident key={id} id={id} session={session} /> : <Incidents />;
}
