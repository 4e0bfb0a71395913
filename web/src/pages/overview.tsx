// overview.tsx - how things stand: every figure leads to the alerts behind it
// SPDX-License-Identifier: Apache-2.0
import { useMemo } from "preact/hooks";
import { get, type Session } from "../api.ts";
import { Severity, Trouble, useAsked, useTurns, Waiting } from "../parts/base.tsx";
import { Chart } from "../parts/chart.tsx";
import { HealthFigures } from "../parts/health.tsx";
import { filled, type Group } from "../parts/series.ts";
import { later } from "../parts/later.tsx";
import { useTitles } from "../parts/titles.ts";
import { t, whole, type Word } from "../words.ts";

const Start = later(async () => (await import("./start.tsx")).Start);

const lookAgainMs = 30_000;

interface Groups {
  items: Group[];
}

const groups = (by: string, more: Record<string, string | number> = {}) =>
  get<Groups>("/api/v1/alerts/groups", { by, top: 10, ...more });
const link = (parameters: Record<string, string>) => `/alerts?${new URLSearchParams(parameters)}`;

interface TopProps {
  word: Word;
  by: string;
  filter: string;
  name?: (group: string) => string;
  turn: number;
}

function Top({ word, by, filter, name, turn }: TopProps) {
  const { value, failure, again } = useAsked(() => groups(by), [by, turn]);
  const named = value?.items.filter(({ group }) => group); // some alerts are about no domain
  return (
    <section class="card">
      <h2>{t(word)}</h2>
      {failure !== undefined && <Trouble failure={failure} again={again} />}
      {!value && failure === undefined && <Waiting />}
      {named?.length === 0 && <p class="empty">{t("nothing_yet")}</p>}
      <ol class="top">
        {named?.map(({ group, count, severity }) => (
          <li key={group}>
            <a class={name ? "" : "data"} href={link({ [filter]: group })}>{name ? name(group) : group}</a>
            <span class="number">{whole(count)}</span>
            <Severity value={severity} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Severities({ turn }: { turn: number }) {
  const { value, failure, again } = useAsked(() => groups("severity"), [turn]);
  const count = (severity: string) => value?.items.find(({ group }) => group === severity)?.count ?? 0;
  if (failure !== undefined) return <Trouble failure={failure} again={again} />;
  return (
    <div class="figures">
      {["High", "Medium", "Low", "Informational"].map((severity) => (
        <a key={severity} class="figure" href={link({ severities: severity.toLowerCase() })}>
          <strong>{value ? whole(count(severity)) : "–"}</strong>
          <Severity value={severity} />
        </a>
      ))}
    </div>
  );
}

function Time({ turn }: { turn: number }) {
  const { value } = useAsked(() => groups("hour", { top: 10000 }), [turn]);
  const points = useMemo(() => (value ? filled(value.items) : []), [value]);
  if (!points.length) return null;
  return (
    <section class="card wide">
      <h2>{t("over_time")}</h2>
      <Chart label={t("over_time")} points={points} href={(since, until) => link({ since, until })} />
    </section>
  );
}

function Figures() {
  const title = useTitles();
  const turn = useTurns(lookAgainMs);
  return (
    <>
      <h1>{t("overview")}</h1>
      <Severities turn={turn} />
      <HealthFigures turn={turn} />
      <div class="cards">
        <Time turn={turn} />
        <Top turn={turn} word="types" by="type" filter="type" name={title} />
        <Top turn={turn} word="machines" by="entity" filter="entity" />
        <Top turn={turn} word="domains" by="domain" filter="domain" />
      </div>
    </>
  );
}

/** As long as there has been no alert at all, how to come to one. */
export function OverviewPage({ session }: { session: Session }) {
  const { value, failure, again } = useAsked(
    () => get<{ alerts: number }>("/api/v1/alerts/count", { status: "all" }), []);
  if (failure !== undefined) return <Trouble failure={failure} again={again} />;
  if (!value) return <Waiting />;
  return value.alerts ? <Figures /> : <Start session={session} onAlerts={again} />;
}
