// rule-form.tsx - a suppression rule being written: its reach is shown before it can be kept
// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { type Alert, ask, get } from "../api.ts";
import { go } from "../route.ts";
import { language, t, told, whole } from "../words.ts";
import { Field, Severity, Trouble, useAsked, Waiting } from "./base.tsx";
import { useDoing } from "./doing.tsx";
import { useKinds } from "./titles.ts";
import type { Condition, Rule } from "../pages/suppressions.tsx";

type Draft = Pick<Rule, "name" | "alert_types" | "reason"> & Pick<Rule, "comment" | "expires" | "state"> & { conditions: Condition[] };

const fields = ["entity", "ip", "domain", "tag", "rule", "feed"];
const hows = ["in", "contains", "suffix", "cidr"] as const;
const reasons = ["false-positive", "benign", "expected", "test", "duplicate", "other"];
const empty: Draft = { name: "", alert_types: ["*"], conditions: [{ field: "domain", in: [] }], reason: "false-positive", state: "enabled" };

const howOf = (condition: Condition) => hows.find((how) => how in condition) ?? "in";
const valueOf = (condition: Condition) => {
  const value = condition[howOf(condition)] ?? "";
  return Array.isArray(value) ? value.join(", ") : value;
};

function conditionOf(field: string, how: (typeof hows)[number], text: string): Condition {
  return { field, [how]: how === "in" ? text.split(",").map((one) => one.trim()) : text };
}

/** The rule as the service takes it. */
function bodyOf(draft: Draft) {
  const trimmed = draft.conditions.map((condition) => {
    const how = howOf(condition);
    return conditionOf(condition.field, how, valueOf(condition).trim());
  });
  return { ...draft, name: draft.name.trim(), comment: draft.comment || undefined, expires: draft.expires || undefined, conditions: trimmed };
}

interface ConditionProps {
  condition: Condition;
  onChange: (condition: Condition) => void;
  onRemove?: () => void;
}

function ConditionRow({ condition, onChange, onRemove }: ConditionProps) {
  const how = howOf(condition);
  return (
    <div class="inline">
      <Field label={t("condition_field")}>
        <select value={condition.field} onChange={(event) => onChange(conditionOf(event.currentTarget.value, how, valueOf(condition)))}>
          {fields.map((field) => <option key={field} value={field}>{told(`field_${field}`)}</option>)}
        </select>
      </Field>
      <Field label={t("condition_how")}>
        <select value={how} onChange={(event) => onChange(conditionOf(condition.field, event.currentTarget.value as typeof how, valueOf(condition)))}>
          {hows.map((one) => <option key={one} value={one}>{told(`how_${one}`)}</option>)}
        </select>
      </Field>
      <Field label={t("filter_value")}>
        <input required value={valueOf(condition)} spellcheck={false} autocapitalize="none" placeholder={how === "in" ? t("comma_hint") : ""}
          onInput={(event) => onChange(conditionOf(condition.field, how, event.currentTarget.value))} />
      </Field>
      {onRemove && <button type="button" onClick={onRemove}>{t("remove")}</button>}
    </div>
  );
}

function Conditions({ draft, set }: { draft: Draft; set: (more: Partial<Draft>) => void }) {
  const all = draft.conditions;
  const put = (at: number, condition?: Condition) =>
    set({ conditions: condition ? all.map((one, index) => (index === at ? condition : one)) : all.filter((_, index) => index !== at) });
  return (
    <fieldset>
      <legend>{t("conditions_all")}</legend>
      {all.map((condition, at) => (
        <ConditionRow key={at} condition={condition} onChange={(next) => put(at, next)} onRemove={all.length > 1 ? () => put(at) : undefined} />
      ))}
      <button type="button" onClick={() => set({ conditions: [...all, { field: "ip", in: [] }] })}>{t("condition_add")}</button>
    </fieldset>
  );
}

function Types({ draft, set }: { draft: Draft; set: (more: Partial<Draft>) => void }) {
  const kinds = useKinds();
  const every = draft.alert_types.includes("*");
  const toggle = (slug: string, id: string, on: boolean) =>
    set({ alert_types: [...draft.alert_types.filter((one) => one !== slug && one !== id), ...(on ? [slug] : [])] });
  return (
    <fieldset>
      <legend>{t("types")}</legend>
      <label><input type="checkbox" checked={every} onChange={() => set({ alert_types: every ? [] : ["*"] })} /> {t("types_all")}</label>
      {!every && (
        <ul class="choices">
          {kinds.map(({ detector, alert_type, title }) => (
            <li key={detector}>
              <label>
                <input type="checkbox" checked={draft.alert_types.includes(detector) || draft.alert_types.includes(alert_type)}
                  onChange={(event) => toggle(detector, alert_type, event.currentTarget.checked)} /> {title}
              </label>
            </li>
          ))}
        </ul>
      )}
    </fieldset>
  );
}

interface Simulation {
  alerts: number;
  entities: number;
  true_positives: number;
  samples: string[];
}

const samplesMax = 5;

/** One of the alerts it would have dismissed. */
function Sample({ id }: { id: string }) {
  const path = `/alerts/${encodeURIComponent(id)}`;
  const { value } = useAsked(() => get<Alert>(`/api/v1${path}`, { lang: language() }), [id]);
  return (
    <li>
      {value && <Severity value={value.severity} />} <a href={path}>{value?.title ?? id}</a>{" "}
      <span class="data">{value?.entity.ip} {value?.domain}</span>
    </li>
  );
}

function Reach({ reach }: { reach: Simulation }) {
  return (
    <div role="status">
      <p>
        {t("reach", { alerts: whole(reach.alerts), entities: whole(reach.entities) })}{" "}
        {reach.true_positives > 0 && <strong class="trouble">{t("reach_true", { count: whole(reach.true_positives) })}</strong>}
      </p>
      {reach.samples.length > 0 && (
        <ul>{reach.samples.slice(0, samplesMax).map((id) => <Sample key={id} id={id} />)}</ul>
      )}
    </div>
  );
}

export function RuleForm({ rule }: { rule?: Draft }) {
  const [draft, setDraft] = useState<Draft>(rule ?? empty);
  const [reach, setReach] = useState<Simulation>();
  const { busy, run, trouble } = useDoing();
  const set = (more: Partial<Draft>) => {
    setDraft({ ...draft, ...more });
    setReach(undefined);
  };
  const simulate = (event: SubmitEvent) => {
    event.preventDefault();
    run(async () => setReach(await ask<Simulation>("POST", "/api/v1/suppressions/simulate", bodyOf(draft))));
  };
  const save = () =>
    run(async () => {
      if (rule) await ask("PUT", `/api/v1/suppressions/${encodeURIComponent(rule.name)}`, bodyOf(draft));
      else await ask("POST", "/api/v1/suppressions", bodyOf(draft));
      go("/suppression");
    });
  return (
    <>
      <p><a href="/suppression">{t("suppression")}</a></p>
      <h1>{rule ? rule.name : t("rule_new")}</h1>
      <form class="stack" onSubmit={simulate}>
        <Field label={t("rule_name_hint")}>
          <input required pattern="[A-Za-z0-9][A-Za-z0-9_\-]{1,49}" value={draft.name} readOnly={!!rule} spellcheck={false} autocapitalize="none"
            onInput={(event) => set({ name: event.currentTarget.value })} />
        </Field>
        <Types draft={draft} set={set} />
        <Conditions draft={draft} set={set} />
        <Field label={t("reason")}>
          <select value={draft.reason} onChange={(event) => set({ reason: event.currentTarget.value })}>
            {reasons.map((reason) => <option key={reason} value={reason}>{told(reason)}</option>)}
          </select>
        </Field>
        <Field label={t("comment")}><input value={draft.comment ?? ""} maxLength={250} onInput={(event) => set({ comment: event.currentTarget.value })} /></Field>
        <Field label={t("expires_optional")}>
          <input type="date" value={draft.expires?.slice(0, 10) ?? ""}
            onInput={(event) => set({ expires: event.currentTarget.value && `${event.currentTarget.value}T00:00:00Z` })} />
        </Field>
        {trouble}
        {reach && <Reach reach={reach} />}
        <div class="inline">
          <button class={reach ? "" : "main"} disabled={busy || !draft.alert_types.length}>{t("simulate")}</button>
          {reach && <button type="button" class="main" disabled={busy} onClick={save}>{t("save_rule")}</button>}
        </div>
      </form>
    </>
  );
}

export function EditRule({ name }: { name: string }) {
  const { value, failure, again } = useAsked(() => get<Rule>(`/api/v1/suppressions/${encodeURIComponent(name)}`), [name]);
  if (failure !== undefined) return <Trouble failure={failure} again={again} />;
  if (!value) return <Waiting />;
  const { alert_types, conditions, reason, comment, expires, state } = value;
  return <RuleForm rule={{ name, alert_types, conditions: conditions ?? [], reason: reason.replace("_", "-"), comment, expires, state: state === "disabled" ? "disabled" : "enabled" }} />;
}
