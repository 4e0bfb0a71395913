// sources.tsx - where traffic comes from: what each source sees, what was lost, what it cannot tell
// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef } from "preact/hooks";
import { get } from "../api.ts";
import { type Health, State, Trouble, useAsked, useTurns, Waiting } from "../parts/base.tsx";
import { Table } from "../parts/table.tsx";
import { useTitles } from "../parts/titles.ts";
import { language, t, told, whole, type Word } from "../words.ts";

export interface Source {
  name: string;
  type: string;
  place?: string;
  enabled: boolean;
  lacks: string[];
  starved: string[];
  broken?: boolean;
  messages?: number;
  counters?: Record<string, number>;
}

const lookAgainMs = 5000;

/** What may be wrong with a source that is on, by its counters. */
const losses = ["frames_lost_kernel", "frames_lost_interface", "tcp_gaps", "fragments_expired", "messages_cut",
  "dnstap_frames_broken", "dnstap_no_client", "dnstap_peers_refused", "dnstap_peers_failed", "log_truncated"];
const isLoss = (name: string) => losses.includes(name) || name.startsWith("log_refused");
const lossesOf = ({ counters = {} }: Source) => Object.entries(counters).filter(([name]) => isLoss(name));

export function sourceHealth(source: Source): [Health, Word] {
  if (!source.enabled) return ["off", "off"];
  if (source.broken) return ["bad", "broken"];
  if (!source.messages) return ["warn", "sees_nothing"];
  return lossesOf(source).some(([name]) => name.startsWith("frames_lost")) ? ["warn", "loses_traffic"] : ["good", "sees_traffic"];
}

interface Look {
  at: number;
  messages: Record<string, number>;
}

/** Messages a second since the look before, by source; nothing at the first look. */
function useRates(items: Source[] | undefined): Record<string, number> {
  const before = useRef<Look>();
  const rates = useRef<Record<string, number>>({});
  useEffect(() => {
    if (!items) return;
    const now: Look = { at: Date.now(), messages: Object.fromEntries(items.map(({ name, messages }) => [name, messages ?? 0])) };
    const old = before.current;
    before.current = now;
    if (!old) return;
    const seconds = Math.max(1, (now.at - old.at) / 1000);
    rates.current = Object.fromEntries(Object.entries(now.messages).map(([name, count]) =>
      [name, Math.max(0, count - (old.messages[name] ?? 0)) / seconds]));
  }, [items]);
  return rates.current;
}

const rateText = (rate: number | undefined) =>
  rate === undefined ? "–" : t("per_second", { count: rate.toLocaleString(language(), { maximumFractionDigits: rate < 10 ? 1 : 0 }) });

function Lost({ source }: { source: Source }) {
  const lost = lossesOf(source);
  if (!source.enabled) return null;
  if (!lost.length) return <span class="quiet">{t("lost_nothing")}</span>;
  return <ul class="plain">{lost.map(([name, count]) => <li key={name}>{told(name)}: {whole(count)}</li>)}</ul>;
}

/** Detectors judge what there is; those that want more are named. */
function Lacks({ lacks, starved }: Source) {
  const title = useTitles();
  if (!lacks.length) return <span class="quiet">{t("tells_all")}</span>;
  return (
    <>
      {lacks.map((one) => told(`lacks_${one}`)).join(t("comma"))}
      {starved.length > 0 && (
        <span class="summary">
          {t("starved")} {starved.map((slug, index) => <>{index > 0 && t("comma")}<a key={slug} href={`/detectors/${slug}`}>{title(slug)}</a></>)}
        </span>
      )}
    </>
  );
}

/** What helps where a source sees nothing. */
function Advice({ source }: { source: Source }) {
  const [health, word] = sourceHealth(source);
  const key = source.broken ? "advice_broken" : word === "loses_traffic" ? "advice_loses" : `advice_${source.type.replace("-", "_")}`;
  if (health !== "bad" && health !== "warn") return null;
  return <span class="summary">{told(key)}</span>;
}

export function SourceList() {
  const turn = useTurns(lookAgainMs);
  const { value, failure, again } = useAsked(() => get<{ items: Source[] }>("/api/v1/sources"), [turn]);
  const rates = useRates(value?.items);
  if (failure !== undefined) return <Trouble failure={failure} again={again} />;
  if (!value) return <Waiting />;
  if (!value.items.length) return <p class="empty">{t("sources_none")}</p>;
  return (
    <Table<Source>
      label={t("sources")}
      rows={value.items}
      columns={[
        { word: "name", show: (row) => <><strong>{row.name}</strong><span class="summary">{row.type} <code>{row.place}</code></span></> },
        { word: "status", show: (row) => {
          const [health, word] = sourceHealth(row);
          return <><State health={health}>{t(word)}</State><Advice source={row} /></>;
        } },
        { word: "rate", kind: "number", show: ({ enabled, name }) => enabled && rateText(rates[name]) },
        { word: "messages", kind: "number", show: ({ enabled, messages }) => enabled && whole(messages ?? 0) },
        { word: "lost", show: (row) => <Lost source={row} /> },
        { word: "cannot_tell", show: (row) => <Lacks {...row} /> },
      ]}
    />
  );
}

export function SourcesPage() {
  return (
    <>
      <h1>{t("sources")}</h1>
      <p class="lead">{t("sources_text")}</p>
      <SourceList />
    </>
  );
}
