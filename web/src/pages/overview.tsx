// overview.tsx - how things stand: every figure leads to the alerts behind it
// SPDX-License-Identifier: Apache-2.0
import { get } from "../api.ts";
import { Severity, Trouble, useAsked, Waiting } from "../parts/base.tsx";
import { Chart, type Point } from "../parts/chart.tsx";
import { language, t, told, type Word } from "../words.ts";

interface Group {
  group: string;
  count: number;
  severity: string;
}

interface Groups {
  items: Group[];
}

const hourMs = 3600_000;
const groups = (by: string, more: Record<string, string | number> = {}) =>
  get<Groups>("/api/v1/alerts/groups", { by, top: 10, ...more });
const link = (parameters: Record<string, string>) => `/alerts?${new URLSearchParams(parameters)}`;
const whole = (count: number) => count.toLocaleString(language());

/** Every hour or day of the span, those without alerts too. */
function filled(items: Group[]): Point[] {
  const times = items.map(({ group }) => Date.parse(group)).sort((a, b) => a - b);
  if (!times.length) return [];
  const step = times.length > 1 && times[times.length - 1]! - times[0]! > 72 * hourMs ? 24 * hourMs : hourMs;
  const counts = new Map<number, number>();
  for (const { group, count } of items) {
    const slot = Math.floor(Date.parse(group) / step) * step;
    counts.set(slot, (counts.get(slot) ?? 0) + count);
  }
  const first = Math.floor(times[0]! / step) * step;
  const length = Math.min(1000, Math.floor((times[times.length - 1]! - first) / step) + 1);
  return Array.from({ length }, (_, i) => ({
    time: new Date(first + i * step).toISOString(),
    count: counts.get(first + i * step) ?? 0,
  }));
}

function Top({ word, by, filter, name }: { word: Word; by: string; filter: string; name?: (group: string) => string }) {
  const { value, failure, again } = useAsked(() => groups(by), [by]);
  return (
    <section class="card">
      <h2>{t(word)}</h2>
      {failure !== undefined && <Trouble failure={failure} again={again} />}
      {!value && failure === undefined && <Waiting />}
      {value?.items.length === 0 && <p class="empty">{t("nothing_yet")}</p>}
      <ol class="top">
        {value?.items.map(({ group, count, severity }) => (
          <li key={group}>
            <a class="data" href={link({ [filter]: group })}>{name ? name(group) : group}</a>
            <span class="number">{whole(count)}</span>
            <Severity value={severity} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Severities() {
  const { value, failure, again } = useAsked(() => groups("severity"), []);
  const count = (severity: string) => value?.items.find(({ group }) => group === severity)?.count ?? 0;
  if (failure !== undefined) return <Trouble failure={failure} again={again} />;
  return (
    <div class="figures">
      {["High", "Medium", "Low", "Informational"].map((severity) => (
        <a key={severity} class="figure" href={link({ severity: severity.toLowerCase() })}>
          <strong>{value ? whole(count(severity)) : "–"}</strong>
          <Severity value={severity} />
        </a>
      ))}
    </div>
  );
}

function Time() {
  const { value } = useAsked(() => groups("hour", { top: 1000 }), []);
  const points = value ? filled(value.items) : [];
  if (!points.length) return null;
  return (
    <section class="card wide">
      <h2>{t("over_time")}</h2>
      <Chart label={t("over_time")} points={points} />
    </section>
  );
}

function Health() {
  const { value } = useAsked(() => get<{ ready: boolean; reasons?: string[] }>("/api/v1/health"), []);
  if (!value || value.ready) return null;
  return (
    <p class="trouble card wide" role="alert">
      {t("not_ready")} {value.reasons?.join("; ")}
    </p>
  );
}

/** Titles of the kinds of alerts, by their slugs. */
function useTitles(): Record<string, string> {
  const { value } = useAsked(
    () => get<{ items: { detector: string; title: string }[] }>("/api/v1/detectors", { lang: language() }), []);
  return Object.fromEntries(value?.items.map(({ detector, title }) => [detector, title]) ?? []);
}

export function OverviewPage() {
  const titles = useTitles();
  return (
    <>
      <h1>{t("overview")}</h1>
      <Health />
      <Severities />
      <div class="cards">
        <Time />
        <Top word="types" by="type" filter="type" name={(slug) => titles[slug] ?? told(slug)} />
        <Top word="machines" by="entity" filter="entity" />
        <Top word="domains" by="domain" filter="domain" />
      </div>
    </>
  );
}
