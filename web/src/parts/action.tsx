// action.tsx - "take action": the owner is asked, the machine cut off and cleaned, the like suppressed
// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { type Alert, ask, get } from "../api.ts";
import { t, told, type Word, whole } from "../words.ts";
import { Field, Moment, useAsked, Waiting } from "./base.tsx";
import { useDoing, valueOf } from "./doing.tsx";
import { List } from "./list.tsx";
import { term } from "./terms.ts";

const pathOf = (alert: Alert, rest = "") => `/api/v1/alerts/${encodeURIComponent(alert.id)}${rest}`;
interface Props {
  alert: Alert;
  onChange: () => void;
}

interface Inquiry {
  id: string;
  address: string;
  asked: string;
  state: string;
  answered?: string;
}

function AskOwner({ alert, onChange }: Props) {
  const { value, again } = useAsked(() => get<{ items: Inquiry[] }>(pathOf(alert, "/inquiries")), [alert.revision]);
  const { busy, run, trouble } = useDoing();
  const send = (event: SubmitEvent) => {
    event.preventDefault();
    const address = valueOf(event, "address");
    run(() => ask("POST", pathOf(alert, "/inquiries"), address ? { address } : {})).then(again).then(onChange);
  };
  const record = (answer: string) => run(() => ask("POST", pathOf(alert, "/answer"), { answer })).then(onChange);
  return (
    <details open>
      <summary>{t("ask_owner")}</summary>
      <form class="inline" onSubmit={send}>
        <Field label={t("owner_address")}>
          <input name="address" type="email" placeholder={alert.entity.owner} />
        </Field>
        <button disabled={busy}>{t("ask_now")}</button>
      </form>
      <div class="inline">
        <span>{t("owner_says")}</span>
        {["expected", "not_expected", "not_mine"].map((answer) => (
          <button key={answer} disabled={busy} onClick={() => record(answer)}>{told(answer)}</button>
        ))}
      </div>
      {trouble}
      <ul>
        {value?.items.map((inquiry) => (
          <li key={inquiry.id}>{inquiry.address}: {told(inquiry.state)} <Moment time={inquiry.answered ?? inquiry.asked} /></li>
        ))}
      </ul>
    </details>
  );
}

interface Check {
  slug: string;
  text: string;
  state: string;
  by?: string;
}

function Checklist({ alert, onChange }: Props) {
  const { value, again } = useAsked(
    () => get<{ items: Check[] }>(pathOf(alert, "/checklist"), { lang: document.documentElement.lang }), [alert.revision]);
  const { run, trouble } = useDoing();
  const set = (slug: string, state: string) =>
    run(() => ask("PUT", pathOf(alert, `/checklist/${slug}`), { state })).then(again).then(onChange);
  return (
    <details>
      <summary>{t("mitigate")}</summary>
      <ol>
        {value?.items.map((check) => (
          <li key={check.slug}>
            {check.text}{" "}
            <select aria-label={check.text} value={check.state} onChange={(e) => set(check.slug, e.currentTarget.value)}>
              {["to_do", "done", "not_applicable"].map((state) => <option key={state} value={state}>{told(state)}</option>)}
            </select>
            {check.by && <span class="quiet"> {check.by}</span>}
          </li>
        ))}
      </ol>
      {trouble}
    </details>
  );
}

interface Isolation {
  id: number;
  what: string;
  target: string;
  state: string;
  busy?: boolean;
  expires?: string;
  failure?: string;
}

function IsolationRow({ isolation, again }: { isolation: Isolation; again: () => void }) {
  const { busy, run, trouble } = useDoing();
  const [diff, setDiff] = useState<string>();
  const path = `/api/v1/isolations/${isolation.id}`;
  const preview = () => run(async () => setDiff((await get<{ diff: string }>(`${path}/preview`)).diff));
  const act = (what: string) => run(() => ask("POST", `${path}/${what}`)).then(() => setTimeout(again, 700));
  return (
    <li>
      <span class="data">{isolation.what}</span> · {isolation.target} · <strong>{told(isolation.state)}</strong>{" "}
      {isolation.expires && <>{t("until")} <Moment time={isolation.expires} /></>} {isolation.failure}
      <div class="inline">
        {["proposed", "failed"].includes(isolation.state) && <button disabled={busy} onClick={preview}>{t("preview")}</button>}
        {diff !== undefined && ["proposed", "failed"].includes(isolation.state) && <button class="main" disabled={busy} onClick={() => act("apply")}>{t("apply")}</button>}
        {["proposed", "applied", "failed"].includes(isolation.state) && (
          <button disabled={busy} onClick={() => act("undo")}>{t("undo")}</button>
        )}
      </div>
      {diff !== undefined && <pre class="diff" tabIndex={0}>{diff || t("diff_none")}</pre>}
      {trouble}
    </li>
  );
}

function Isolate({ alert }: Props) {
  const { value, again } = useAsked(
    () => get<{ items: Isolation[] }>("/api/v1/isolations", { alert: alert.id }), [alert.id]);
  const targets = useAsked(() => get<{ items: { name: string }[] }>("/api/v1/isolation-targets"), []);
  const { busy, run, trouble } = useDoing();
  const propose = (event: SubmitEvent) => {
    event.preventDefault();
    const [target, hours] = [valueOf(event, "target"), Number(valueOf(event, "hours"))];
    run(() => ask("POST", pathOf(alert, "/isolations"), { target, hours })).then(again);
  };
  const names = targets.value?.items ?? [];
  return (
    <details>
      <summary>{t("isolate")}</summary>
      {targets.value && !names.length && <p>{t("isolation_none")}</p>}
      {names.length > 0 && (
        <form class="inline" onSubmit={propose}>
          <Field label={t("target")}>
            <select name="target">{names.map(({ name }) => <option key={name}>{name}</option>)}</select>
          </Field>
          <Field label={t("hours")}><input name="hours" type="number" min="1" max="720" value="24" /></Field>
          <button disabled={busy}>{t("propose")}</button>
        </form>
      )}
      {trouble}
      <ul>{value?.items.map((isolation) => <IsolationRow key={isolation.id} isolation={isolation} again={again} />)}</ul>
    </details>
  );
}

interface Simulation {
  alerts: number;
  entities: number;
  true_positives: number;
}

/** The rule as it would be; nothing is kept before its reach has been shown. */
function Suppress({ alert, onChange }: Props) {
  const [scope, setScope] = useState("both");
  const [reach, setReach] = useState<Simulation>();
  const { busy, run, trouble } = useDoing();
  const conditions = [
    ...(scope !== "domain" ? [{ field: "ip", in: [alert.entity.ip] }] : []),
    ...(scope !== "entity" && alert.domain ? [{ field: "domain", in: [alert.domain] }] : []),
  ];
  const simulate = () =>
    run(async () => setReach(await ask<Simulation>("POST", "/api/v1/suppressions/simulate",
      { name: "simulated", alert_types: [alert.detector], conditions, reason: "other" })));
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    const reason = valueOf(event, "reason");
    run(() => ask("POST", pathOf(alert, "/suppress"), { scope, reason })).then(onChange);
  };
  return (
    <details>
      <summary>{t("suppress_like")}</summary>
      <form class="inline" onSubmit={save}>
        <Field label={t("scope")}>
          <select value={scope} onChange={(e) => { setScope(e.currentTarget.value); setReach(undefined); }}>
            {["both", "entity", "domain"].map((one) => <option key={one} value={one}>{told(`scope_${one}`)}</option>)}
          </select>
        </Field>
        <Field label={t("reason")}>
          <select name="reason">
            {["false-positive", "benign", "expected", "test", "duplicate", "other"].map((reason) => (
              <option key={reason} value={reason}>{told(reason)}</option>
            ))}
          </select>
        </Field>
        <button type="button" disabled={busy} onClick={simulate}>{t("simulate")}</button>
        {reach && <button class="main" disabled={busy}>{t("save_rule")}</button>}
      </form>
      {reach && (
        <p role="status">
          {t("reach", { alerts: reach.alerts, entities: reach.entities })}{" "}
          {reach.true_positives > 0 && <strong class="trouble">{t("reach_true", { count: reach.true_positives })}</strong>}
        </p>
      )}
      {trouble}
    </details>
  );
}

interface Rule {
  name: string;
  enabled: boolean;
  runs: string;
  severity_min: string;
}

interface Trial {
  looked_at: number;
  matched: number;
}

function RuleRow({ rule }: { rule: Rule }) {
  const [trial, setTrial] = useState<Trial>();
  const { busy, run, trouble } = useDoing();
  const test = () => run(async () =>
    setTrial(await get<Trial>(`/api/v1/automation/${encodeURIComponent(rule.name)}/test`, { limit: 1 })));
  return (
    <li>
      <strong>{rule.name}</strong> · <span class="data">{t("runs", { what: rule.runs })}</span> ·{" "}
      {t("at_least", { severity: told(rule.severity_min) })} · {t(rule.enabled ? "on" : "off")}{" "}
      <button disabled={busy} onClick={test}>{t("automation_test")}</button>
      {trial && <p role="status">{t("automation_found", { matched: whole(trial.matched), all: whole(trial.looked_at) })}</p>}
      {trouble}
    </li>
  );
}

interface Delivery {
  time: string;
  kind: string;
  channel: string;
  state: string;
  target?: string;
  origin?: string;
  attempts: number;
  result?: string;
}

/** What was sent or run because of the alert. */
function Deliveries({ alert, kind, empty }: { alert: Alert; kind: string; empty: string }) {
  return (
    <List<Delivery>
      path="/api/v1/deliveries"
      parameters={{ kind, about: alert.id, limit: 20 }}
      turn={alert.revision}
      label={t("sent_what")}
      empty={empty}
      columns={[
        { word: "time", show: ({ time }) => <Moment time={time} /> },
        { word: "rule", show: ({ origin }) => origin },
        { word: "sent_to", kind: "data", show: ({ channel, target }) => <>{term("channel", channel)} {target}</> },
        { word: "status", show: ({ state }) => term("delivery", state) },
        { word: "attempts", kind: "number", show: ({ attempts }) => attempts },
        { word: "result", show: ({ result }) => result },
      ]}
    />
  );
}

/** A section that asks for what it shows only when it is opened. */
function Section({ word, children }: { word: Word; children: () => preact.JSX.Element }) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>{t(word)}</summary>
      {open && children()}
    </details>
  );
}

function Automation({ alert }: { alert: Alert }) {
  const { value } = useAsked(() => get<{ items: Rule[] }>("/api/v1/automation"), []);
  if (!value) return <Waiting />;
  if (!value.items.length) return <p>{t("automation_unset")}</p>;
  return (
    <>
      <ul>{value.items.map((rule) => <RuleRow key={rule.name} rule={rule} />)}</ul>
      <Deliveries alert={alert} kind="automation" empty={t("automation_idle")} />
    </>
  );
}

export function TakeAction(props: Props) {
  return (
    <section class="action">
      <h2>{t("take_action")}</h2>
      <AskOwner {...props} />
      <Checklist {...props} />
      <Isolate {...props} />
      <Section word="automation">{() => <Automation alert={props.alert} />}</Section>
      <Suppress {...props} />
      <Section word="notifications">
        {() => <Deliveries alert={props.alert} kind="alert" empty={t("notifications_none")} />}
      </Section>
    </section>
  );
}
