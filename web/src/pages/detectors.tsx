// detectors.tsx - what is looked for, how it is set, how often it was right
// SPDX-License-Identifier: Apache-2.0
import { get } from "../api.ts";
import { Fact, Facts, Severity, State, Trouble, useAsked, Waiting } from "../parts/base.tsx";
import { Table } from "../parts/table.tsx";
import { term } from "../parts/terms.ts";
import { language, t, told, whole, type Word } from "../words.ts";

interface Setting {
  key: string;
  value: string;
  default: string;
  min?: number;
  max?: number;
  unit?: string;
  choices?: string[];
  meaning: string;
}

interface Detector {
  detector: string;
  alert_type: string;
  title: string;
  looks_for: string;
  severity: string;
  tactic: string;
  techniques: string[];
  enabled: boolean;
  right: number;
  wrong: number;
  precision?: number;
  settings: Setting[];
}

type Counts = Record<string, number>;

const alertsOf = (parameters: Record<string, string>) => `/alerts?${new URLSearchParams(parameters)}`;
const isChanged = ({ value, default: initial }: Setting) => value !== initial;

/** All detectors, and how many alerts each has raised. */
function useDetectors() {
  return useAsked(async () => {
    const [{ items }, groups] = await Promise.all([
      get<{ items: Detector[] }>("/api/v1/detectors", { lang: language() }),
      get<{ items: { group: string; count: number }[] }>("/api/v1/alerts/groups", { by: "type", top: 100, status: "all" }),
    ]);
    const counts: Counts = Object.fromEntries(groups.items.map(({ group, count }) => [group, count]));
    return { items, counts };
  }, []);
}

const Running = ({ enabled }: { enabled: boolean }) => <State health={enabled ? "good" : "off"}>{enabled ? t("on") : t("off")}</State>;

function Precision({ right, wrong, precision }: Detector) {
  if (precision === undefined) return <span class="quiet">{t("precision_none")}</span>;
  return <>{t("precision_of", { percent: whole(Math.round(precision * 100)), count: whole(right + wrong) })}</>;
}

function All({ items, counts }: { items: Detector[]; counts: Counts }) {
  const changed = (row: Detector) => row.settings.filter(isChanged).length;
  return (
    <>
      <h1>{t("detectors")}</h1>
      <p class="lead">{t("detectors_text")}</p>
      <Table
        label={t("detectors")}
        rows={items}
        columns={[
          { word: "type", show: ({ detector, title, looks_for }) => (
            <><a href={`/detectors/${detector}`}>{title}</a><span class="summary">{looks_for}</span></>
          ) },
          { word: "severity", show: ({ severity }) => <Severity value={severity} /> },
          { word: "status", show: (row) => <Running enabled={row.enabled} /> },
          { word: "alerts", kind: "number", show: ({ detector }) => (
            <a href={alertsOf({ type: detector, status: "all" })}>{whole(counts[detector] ?? 0)}</a>
          ) },
          { word: "precision", show: (row) => <Precision {...row} /> },
          { word: "settings", show: (row) => changed(row) > 0 && t("settings_changed", { count: changed(row) }) },
        ]}
      />
    </>
  );
}

const verdicts: [Word, Record<string, string>, Record<string, string>][] = [
  ["judged_right", { disposition: "true-positive" }, { feedback: "useful" }],
  ["judged_wrong", { disposition: "false-positive" }, { feedback: "not-useful" }],
];

function Count({ word, filter }: { word: string; filter: Record<string, string> }) {
  const { value } = useAsked(() => get<{ alerts: number }>("/api/v1/alerts/count", filter), []);
  return <a href={alertsOf(filter)}>{told(word)}: {value ? whole(value.alerts) : "–"}</a>;
}

/** What people said of its alerts; closing one for a reason counts for more than a thumb. */
function Judged(row: Detector) {
  const all = { type: row.detector, status: "all", sample: "no" };
  return (
    <section>
      <h2>{t("precision")}</h2>
      <p><Precision {...row} /></p>
      <dl class="facts">
        {verdicts.map(([word, closed, said]) => (
          <Fact key={word} term={t(word)}>
            <span class="inline">
              <Count word={closed.disposition!} filter={{ ...all, ...closed }} />
              <Count word={said.feedback!.replace("-", "_")} filter={{ ...all, ...said }} />
            </span>
          </Fact>
        ))}
      </dl>
    </section>
  );
}

const isSwitch = ({ default: initial }: Setting) => initial === "true" || initial === "false";

function range(setting: Setting): string {
  const { min, max, unit, choices = isSwitch(setting) ? ["true", "false"] : undefined } = setting;
  if (choices) return choices.join(", ");
  return min === undefined ? "" : `${whole(min)} – ${whole(max ?? min)} ${unit ?? ""}`;
}

/** The key as it would stand in the file. */
const asFile = (key: string, value: string) =>
  `${key.split(".").map((part, depth) => "  ".repeat(depth) + part).join(":\n")}: ${value}`;

function Settings({ settings }: Detector) {
  const example = settings.find(isChanged) ?? settings.find(({ choices }) => choices?.includes("high")) ?? settings[0]!;
  return (
    <section>
      <h2>{t("settings")}</h2>
      <Table
        label={t("settings")}
        rows={settings}
        columns={[
          { word: "setting", show: ({ key, meaning }) => <><code>{key}</code><span class="summary">{meaning}</span></> },
          { word: "in_force", show: (row) => (
            <><strong class="whole">{row.value || t("empty")} {row.value && row.unit}</strong>{isChanged(row) && <span class="mark">{t("changed_mark")}</span>}</>
          ) },
          { word: "default", show: (row) => row.default || t("empty") },
          { word: "range", show: range },
        ]}
      />
      <p class="lead">{t("settings_how")}</p>
      <pre class="diff" tabIndex={0}>{asFile(example.key, example.value)}</pre>
      <p class="lead">{t("settings_reload")} <code>{"dnsvigil check && systemctl reload dnsvigil"}</code></p>
    </section>
  );
}

function One({ row, count }: { row: Detector; count: number }) {
  return (
    <article>
      <p><a href="/detectors">{t("detectors")}</a></p>
      <div class="title"><h1>{row.title}</h1><Severity value={row.severity} /><Running enabled={row.enabled} /></div>
      <p class="lead">{t("looks_for", { what: row.looks_for })}</p>
      <Facts>
        <Fact term={t("alerts")}><a href={alertsOf({ type: row.detector, status: "all" })}>{whole(count)}</a></Fact>
        <Fact term={t("tactic")}>{term("tactic", row.tactic)}</Fact>
        <Fact term={t("techniques")}>{row.techniques.join(", ")}</Fact>
        <Fact term={t("type_id")}><code>{row.alert_type}</code></Fact>
      </Facts>
      <Judged {...row} />
      <Settings {...row} />
    </article>
  );
}

export function DetectorsPage({ slug }: { slug: string }) {
  const { value, failure, again } = useDetectors();
  if (failure !== undefined) return <Trouble failure={failure} again={again} />;
  if (!value) return <Waiting />;
  const row = value.items.find(({ detector }) => detector === slug);
  if (row) return <One key={slug} row={row} count={value.counts[slug] ?? 0} />;
  return slug ? <p class="empty">{t("not_found")} <a href="/detectors">{t("detectors")}</a></p> : <All {...value} />;
}
