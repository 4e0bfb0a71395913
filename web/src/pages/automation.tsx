// automation.tsx - what happens by itself: rules that act on alerts, and who is told of them
// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { type Alert, get, type Session } from "../api.ts";
import { Fact, Facts, Field, type Health, Moment, Severity, State, Trouble, useAsked, Waiting } from "../parts/base.tsx";
import { useDoing, valueOf } from "../parts/doing.tsx";
import { List } from "../parts/list.tsx";
import { Table } from "../parts/table.tsx";
import { term } from "../parts/terms.ts";
import { useTitles } from "../parts/titles.ts";
import { language, t, told, whole } from "../words.ts";

interface Rule {
  name: string;
  enabled: boolean;
  runs: string;
  severity_min: string;
  types?: string[];
  domains?: string[];
  tags?: string[];
  changed: boolean;
}

const dayMs = 24 * 3600_000;
const spans = [7, 30, 90];
const first = "1970-01-02T00:00:00Z";

interface Trial {
  items: Alert[];
  looked_at: number;
  matched: number;
}

/** For which stored alerts the rule would have run; nothing runs. */
function DryRun({ name }: { name: string }) {
  const { busy, run, trouble } = useDoing();
  const [trial, setTrial] = useState<Trial>();
  const test = (event: SubmitEvent) => {
    event.preventDefault();
    const days = Number(valueOf(event, "days"));
    const since = days ? new Date(Date.now() - days * dayMs).toISOString() : first;
    run(async () => setTrial(await get<Trial>(`/api/v1/automation/${encodeURIComponent(name)}/test`, { since, limit: 10, lang: language() })));
  };
  return (
    <>
      <form class="inline" onSubmit={test}>
        <Field label={t("since")}>
          <select name="days">
            <option value="">{t("any")}</option>
            {spans.map((count) => <option key={count} value={count} selected={count === 7}>{t("last_days", { count })}</option>)}
          </select>
        </Field>
        <button disabled={busy}>{t("dry_run")}</button>
      </form>
      {trouble}
      {trial && <p role="status">{t("dry_run_result", { matched: whole(trial.matched), all: whole(trial.looked_at) })}</p>}
      {trial && trial.items.length > 0 && (
        <ul>
          {trial.items.map(({ id, title, severity, entity }) => (
            <li key={id}><Severity value={severity} /> <a href={`/alerts/${encodeURIComponent(id)}`}>{title}</a> <span class="data">{entity.ip}</span></li>
          ))}
        </ul>
      )}
    </>
  );
}

const On = ({ enabled }: { enabled: boolean }) => <State health={enabled ? "good" : "off"}>{enabled ? t("on") : t("off")}</State>;

/** Which alerts a rule or a notification is for. */
function Chosen({ severity_min, types, domains, tags }: Pick<Rule, "severity_min" | "types" | "domains" | "tags">) {
  const title = useTitles();
  return (
    <>
      <Fact term={t("severity")}>{t("at_least", { severity: told(severity_min) })}</Fact>
      <Fact term={t("types")}>{types?.length ? types.map(title).join(t("comma")) : t("any")}</Fact>
      <Fact term={t("domains")}>{domains?.join(", ")}</Fact>
      <Fact term={t("tags")}>{tags?.join(", ")}</Fact>
    </>
  );
}

function Rules({ session }: { session: Session }) {
  const { value, failure, again } = useAsked(() => get<{ items: Rule[] }>("/api/v1/automation"), []);
  if (failure !== undefined) return <Trouble failure={failure} again={again} />;
  if (!value) return <Waiting />;
  if (!value.items.length) return <p class="empty">{t("automation_none")}</p>;
  return (
    <div class="cards">
      {value.items.map((rule) => (
        <section key={rule.name} class="card">
          <div class="title"><h3>{rule.name}</h3><On enabled={rule.enabled} /></div>
          <Facts>
            <Fact term={t("automation_runs")}>{rule.runs === "webhook" ? t("sink_webhook") : <code>{rule.runs}</code>}</Fact>
            <Fact term={t("automation_when")}>{rule.changed ? t("automation_changed") : t("automation_new")}</Fact>
            <Chosen {...rule} />
          </Facts>
          {session.role !== "viewer" && <DryRun name={rule.name} />}
        </section>
      ))}
    </div>
  );
}

interface Notification {
  name: string;
  enabled: boolean;
  emails: string[];
  roles: string[];
  webhook: boolean;
  severity_min: string;
  types: string[];
}

interface Usage {
  address: string;
  severity: string;
  own: number;
  allowed: number;
  waiting: number;
}

interface Notifications {
  items: Notification[];
  mail: boolean;
  next_digest: string;
  today: Usage[];
  deliveries: Record<string, number>;
}

function Today({ value }: { value: Notifications }) {
  return (
    <>
      <h3>{t("notify_today")}</h3>
      <p class="lead">{t("notify_throttle")} {t("notify_digest")} <Moment time={value.next_digest} /></p>
      {value.today.length === 0 ? <p class="quiet">{t("notify_quiet")}</p> : (
        <Table<Usage>
          label={t("notify_today")}
          rows={value.today}
          columns={[
            { word: "owner_address", kind: "data", show: ({ address }) => address },
            { word: "severity", show: ({ severity }) => <Severity value={severity} /> },
            { word: "notify_own", kind: "number", show: ({ own, allowed }) => t("count_of", { count: whole(own), all: whole(allowed) }) },
            { word: "notify_waiting", kind: "number", show: ({ waiting }) => whole(waiting) },
          ]}
        />
      )}
    </>
  );
}

function Told() {
  const { value, failure, again } = useAsked(() => get<Notifications>("/api/v1/notifications"), []);
  if (failure !== undefined) return <Trouble failure={failure} again={again} />;
  if (!value) return <Waiting />;
  return (
    <>
      {!value.items.length && <p class="empty">{t("notify_none")}</p>}
      {!value.mail && value.items.some(({ emails, roles }) => emails.length || roles.length) && <p class="trouble">{t("notify_no_mail")}</p>}
      <div class="cards">
        {value.items.map((one) => (
          <section key={one.name} class="card">
            <div class="title"><h3>{one.name}</h3><On enabled={one.enabled} /></div>
            <Facts>
              <Fact term={t("notify_who")}>
                {[...one.emails, ...one.roles.map((role) => t("notify_role", { role })), ...(one.webhook ? [t("sink_webhook")] : [])].join(", ")}
              </Fact>
              <Chosen severity_min={one.severity_min} types={one.types} />
            </Facts>
          </section>
        ))}
      </div>
      {value.items.length > 0 && <Today value={value} />}
    </>
  );
}

interface Delivery {
  seq: number;
  time: string;
  kind: string;
  channel: string;
  state: string;
  origin?: string;
  target?: string;
  object: string;
  attempts: number;
  due?: string;
  result?: string;
}

const kinds = ["alert", "digest", "contact", "automation"];
const healths: Record<string, Health> = { done: "good", gathered: "good", dead: "bad", limited: "warn", pending: "warn" };

function Deliveries() {
  const [kind, setKind] = useState("");
  const [turn, setTurn] = useState(0);
  return (
    <>
      <h2>{t("deliveries")}</h2>
      <p class="lead">{t("deliveries_text")}</p>
      <div class="filters">
        <Field label={t("kind")}>
          <select value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
            <option value="">{t("any")}</option>
            {kinds.map((one) => <option key={one} value={one}>{told(`delivery_${one}`)}</option>)}
          </select>
        </Field>
        <button onClick={() => setTurn(turn + 1)}>{t("look_again")}</button>
      </div>
      <List<Delivery>
        path="/api/v1/deliveries"
        parameters={{ kind, limit: 20 }}
        turn={turn}
        label={t("deliveries")}
        empty={t("deliveries_none")}
        columns={[
          { word: "time", show: ({ time }) => <Moment time={time} /> },
          { word: "kind", show: ({ kind: what, origin }) => <>{told(`delivery_${what}`)}<span class="summary">{origin}</span></> },
          { word: "sent_to", show: ({ target, channel }) => (channel === "mail" ? target : term("channel", channel)) },
          { word: "alert", show: ({ kind: what, object }) => (what === "alert" || what === "automation") && <a href={`/alerts/${encodeURIComponent(object)}`}>{t("alert")}</a> },
          { word: "status", show: ({ state, result, due }) => (
            <>
              <State health={healths[state] ?? "off"}>{term("delivery", state)}</State>
              {result && <span class="summary" lang="en">{result}</span>}
              {due && <span class="summary">{t("delivery_due")} <Moment time={due} /></span>}
            </>
          ) },
        ]}
      />
    </>
  );
}

export function AutomationPage({ session }: { session: Session }) {
  return (
    <>
      <h1>{t("automation_title")}</h1>
      <p class="lead">{t("automation_text")}</p>
      <h2>{t("automation_rules")}</h2>
      <Rules session={session} />
      {session.role !== "viewer" && (
        <>
          <h2>{t("notifications")}</h2>
          <Told />
          <Deliveries />
        </>
      )}
    </>
  );
}
