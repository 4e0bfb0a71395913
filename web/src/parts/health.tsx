// health.tsx - how the service itself is: what sources see, how far exports are, how fast alerts come
// SPDX-License-Identifier: Apache-2.0
import { get } from "../api.ts";
import { t, whole } from "../words.ts";
import { useAsked } from "./base.tsx";

interface Turned {
  turn: number; // a new number asks anew
}

interface Health {
  running: boolean;
  ready: boolean;
  reasons?: string[];
  latency_ms?: number;
}

interface Source {
  enabled: boolean;
  broken?: boolean;
  messages?: number;
}

interface Export {
  enabled?: boolean;
  pending?: number;
  failure?: string;
  dead_records?: number;
}

interface Counted {
  alerts: number;
  entities: number;
}

interface Incidents {
  items: unknown[];
  next?: string;
}

function Figure({ href, figure, label, bad }: { href: string; figure: string; label: string; bad?: boolean }) {
  return (
    <a class="figure" href={href}>
      <strong>{figure}</strong>
      <span class={bad ? "trouble" : "quiet"}>{label}</span>
    </a>
  );
}

function OpenIncidents({ turn }: Turned) {
  const { value } = useAsked(() => get<Incidents>("/api/v1/incidents", { status: "active,in-progress", limit: 100 }), [turn]);
  const count = value ? whole(value.items.length) + (value.next ? "+" : "") : "–";
  return <Figure href="/incidents" figure={count} label={t("incidents_open")} />;
}

function Affected({ turn }: Turned) {
  const { value } = useAsked(() => get<Counted>("/api/v1/alerts/count"), [turn]);
  return (
    <>
      <Figure href="/alerts" figure={value ? whole(value.alerts) : "–"} label={t("alerts_open")} />
      <Figure href="/machines" figure={value ? whole(value.entities) : "–"} label={t("machines_affected")} />
    </>
  );
}

function SourcesSeen({ turn }: Turned) {
  const { value } = useAsked(() => get<{ items: Source[] }>("/api/v1/sources"), [turn]);
  const all = value?.items.filter(({ enabled }) => enabled) ?? [];
  const seeing = all.filter(({ broken, messages }) => !broken && messages).length;
  return (
    <Figure href="/sources" figure={value ? `${whole(seeing)}/${whole(all.length)}` : "–"}
      label={t("sources_seeing")} bad={seeing < all.length} />
  );
}

function ExportsWell({ turn }: Turned) {
  const { value } = useAsked(() => get<{ items: Export[] }>("/api/v1/exports"), [turn]);
  const all = value?.items.filter(({ enabled }) => enabled !== false) ?? [];
  const well = all.filter(({ failure, dead_records }) => !failure && !dead_records).length;
  const waiting = all.reduce((sum, { pending }) => sum + (pending ?? 0), 0);
  return (
    <Figure href="/exports" figure={value ? `${whole(well)}/${whole(all.length)}` : "–"}
      label={waiting ? t("exports_waiting", { count: whole(waiting) }) : t("exports_well")} bad={well < all.length} />
  );
}

export function HealthFigures({ turn }: Turned) {
  const { value } = useAsked(() => get<Health>("/api/v1/health"), [turn]);
  const latency = value?.latency_ms;
  return (
    <>
      {value && !value.running && <p class="news">{t("error_not_running")}</p>}
      {value?.running && !value.ready && (
        <div class="trouble card" role="alert">
          <p>{t("not_ready")}</p>
          <ul lang="en">{value.reasons?.map((reason) => <li key={reason}>{reason}</li>)}</ul>
        </div>
      )}
      <div class="figures">
        <Affected turn={turn} />
        <OpenIncidents turn={turn} />
        <SourcesSeen turn={turn} />
        <ExportsWell turn={turn} />
        <Figure href="/alerts?sort=newest" figure={latency === undefined ? "–" : t("milliseconds", { count: whole(latency) })}
          label={latency === undefined ? t("latency_unknown") : t("latency")} />
      </div>
    </>
  );
}
