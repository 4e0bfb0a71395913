// incidents.tsx - alerts that belong together: the list, and one of them in the order it happened
// SPDX-License-Identifier: Apache-2.0
import { type Alert, ask, get, type Session } from "../api.ts";
import { Fact, Facts, Moment, Severity, Trouble, useAsked, Waiting } from "../parts/base.tsx";
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
  return (
    <>
      <h1>{t("incidents")}</h1>
      <List<Incident>
        path="/api/v1/incidents"
        parameters={{ lang: language() }}
        label={t("incidents")}
        empty={t("incidents_none")}
        columns={[
          { word: "severity", show: ({ severity }) => <Severity value={severity} /> },
          { word: "incident", show: ({ id, title }) => <a href={`/incidents/${id}`}>{title}</a> },
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
        <Fact term={t("domain")}>{value.domain && <a class="data" href={`/domains/${encodeURIComponent(value.domain)}`}>{value.domain}</a>}</Fact>
      </Facts>
      <h2>{t("timeline")}</h2>
      <List<Alert>
        path={path(id, "/alerts")}
        parameters={{ lang: language() }}
        label={t("timeline")}
        empty={t("alerts_none")}
        columns={[
          { word: "time", show: ({ start }) => <Moment time={start} /> },
          { word: "severity", show: ({ severity }) => <Severity value={severity} /> },
          { word: "alert", show: ({ id, title, evidence }) => (
            <><a href={`/alerts/${encodeURIComponent(id)}`}>{title}</a><span class="summary">{evidence.summary}</span></>
          ) },
          { word: "machine", kind: "data", show: (alert) => alert.compromised_entity },
          { word: "status", show: ({ status }) => told(status) },
        ]}
      />
      <Trail path={path(id, "/history")} turn={value.revision} />
    </article>
  );
}

export function IncidentsPage({ id, session }: { id: string; session: Session }) {
  return id ? <Incident key={id} id={id} session={session} /> : <Incidents />;
}
