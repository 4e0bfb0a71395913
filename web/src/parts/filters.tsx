// filters.tsx - which alerts the list shows: everything stands in the address bar, so a link is a view
// SPDX-License-Identifier: Apache-2.0
import { get } from "../api.ts";
import { go } from "../route.ts";
import { language, statusSlugs, t, told, type Word } from "../words.ts";
import { Chip, Field, useAsked } from "./base.tsx";
import { valueOf } from "./doing.tsx";

const severities = ["Informational", "Low", "Medium", "High"];
const spans: [string, Word, number][] = [
  ["1h", "last_hours", 1], ["24h", "last_hours", 24], ["7d", "last_days", 7], ["30d", "last_days", 30],
];

/** Filters with a control of their own; all others are shown as chips. */
const own = new Set(["search", "severity", "status", "since", "type", "sort", "by"]);

/** What can be added by hand: the service's filter and its word. */
const further: [string, Word][] = [
  ["entity", "machine"], ["domain", "domain"], ["ip", "ip"], ["tag", "tags"], ["owner", "owner"], ["name", "machine_name"],
  ["assignee", "assignee"], ["tactic", "tactic"], ["until", "until_time"], ["incident", "incident"], ["severities", "severity"],
];

export function change(parameters: URLSearchParams, name: string, value: string): void {
  const next = new URLSearchParams(parameters);
  if (value) next.set(name, value);
  else next.delete(name);
  go(`/alerts${next.size ? `?${next}` : ""}`);
}

interface Detector {
  detector: string;
  title: string;
}

/** The kinds of alerts with their titles. */
export function useDetectors(): Detector[] {
  return useAsked(() => get<{ items: Detector[] }>("/api/v1/detectors", { lang: language() }), []).value?.items ?? [];
}

function Further({ parameters }: { parameters: URLSearchParams }) {
  const add = (event: SubmitEvent) => {
    event.preventDefault();
    change(parameters, valueOf(event, "filter"), valueOf(event, "value").trim());
  };
  return (
    <form class="filters" onSubmit={add}>
      <Field label={t("filter_by")}>
        <select name="filter">{further.map(([name, word]) => <option key={name} value={name}>{t(word)}</option>)}</select>
      </Field>
      <Field label={t("filter_value")}><input name="value" required spellcheck={false} autocapitalize="none" /></Field>
      <button>{t("add")}</button>
    </form>
  );
}

export function Filters({ parameters }: { parameters: URLSearchParams }) {
  const detectors = useDetectors();
  const choose = (name: string, options: [string, string][], label: string) => (
    <Field label={label}>
      <select value={parameters.get(name) ?? ""} onChange={(e) => change(parameters, name, e.currentTarget.value)}>
        {options.map(([value, text]) => <option key={value} value={value}>{text}</option>)}
      </select>
    </Field>
  );
  const chips = [...parameters].filter(([name]) => !own.has(name));
  return (
    <>
      <form class="filters" role="search" onSubmit={(e) => {
        e.preventDefault();
        change(parameters, "search", valueOf(e, "search").trim());
      }}>
        <Field label={t("search")}>
          <input id="search" name="search" type="search" placeholder={t("search_hint")} spellcheck={false}
            key={parameters.get("search") ?? ""} defaultValue={parameters.get("search") ?? ""} />
        </Field>
        {choose("severity", [["", t("any")], ...severities.map((s): [string, string] =>
          [s.toLowerCase(), t("at_least", { severity: told(s) })])], t("severity"))}
        {choose("status", [["", t("any_open")], ["all", t("any")], ...Object.keys(statusSlugs).map((s): [string, string] =>
          [statusSlugs[s]!, told(s)])], t("status"))}
        {choose("type", [["", t("any")], ...detectors.map(({ detector, title }): [string, string] => [detector, title])], t("type"))}
        {choose("since", [["", t("any")], ...spans.map(([value, word, count]): [string, string] => [value, t(word, { count })])], t("since"))}
        {chips.map(([name, value]) => (
          <Chip key={name} label={`${t(further.find(([one]) => one === name)?.[1] ?? "filter_by")}: ${value}`}
            onRemove={() => change(parameters, name, "")} />
        ))}
      </form>
      <details class="further"><summary>{t("more_filters")}</summary><Further parameters={parameters} /></details>
    </>
  );
}
