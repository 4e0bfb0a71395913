// suppressions.tsx - rules that dismiss what is known to be harmless, and what each of them has hidden
// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { ask, type Session } from "../api.ts";
import { type Health, Moment, State } from "../parts/base.tsx";
import { useDoing } from "../parts/doing.tsx";
import { List } from "../parts/list.tsx";
import { useTitles } from "../parts/titles.ts";
import { t, told } from "../words.ts";
import { EditRule, RuleForm } from "../parts/rule-form.tsx";

export interface Condition {
  field: string;
  in?: string[];
  contains?: string;
  suffix?: string;
  cidr?: string;
}

export interface Rule {
  name: string;
  alert_types: string[];
  conditions?: Condition[];
  state: string;
  reason: string;
  comment?: string;
  expires?: string;
  hits: number;
  last_hit?: string;
}

const healths: Record<string, Health> = { enabled: "good", expired: "warn" };

const conditionText = ({ field, ...rest }: Condition) =>
  Object.entries(rest).map(([how, value]) =>
    t("condition_text", { field: told(`field_${field}`), how: told(`how_${how}`), value: Array.isArray(value) ? value.join(", ") : value })).join("; ");

function Rules({ session }: { session: Session }) {
  const title = useTitles();
  const [turn, setTurn] = useState(0);
  const { busy, run, trouble } = useDoing();
  const act = (method: string, name: string, body?: unknown) =>
    run(() => ask(method, `/api/v1/suppressions/${encodeURIComponent(name)}`, body)).then(() => setTurn((n) => n + 1));
  const buttons = (rule: Rule) => (
    <div class="inline">
      <a class="button" href={`/suppression/edit/${encodeURIComponent(rule.name)}`}>{t("edit")}</a>
      <button disabled={busy} onClick={() => act("PATCH", rule.name, { enabled: rule.state !== "enabled" })}>
        {rule.state === "enabled" ? t("disable") : t("enable")}
      </button>
      <button disabled={busy} onClick={() => confirm(t("remove_sure", { name: rule.name })) && act("DELETE", rule.name)}>
        {t("remove")}
      </button>
    </div>
  );
  return (
    <>
      <div class="title">
        <h1>{t("suppression")}</h1>
        {session.role !== "viewer" && <a class="button" href="/suppression/new">{t("rule_new")}</a>}
      </div>
      <p class="lead">{t("suppression_text")}</p>
      {trouble}
      <List<Rule>
        path="/api/v1/suppressions"
        label={t("suppression")}
        empty={t("suppressions_none")}
        turn={turn}
        columns={[
          { word: "name", show: ({ name, comment }) => <><strong>{name}</strong><span class="summary">{comment}</span></> },
          { word: "types", show: ({ alert_types }) => alert_types.map((one) => (one === "*" ? t("any") : title(one))).join(t("comma")) },
          { word: "conditions", show: ({ conditions }) => conditions?.map((one, index) => <div key={index}>{conditionText(one)}</div>) },
          { word: "reason", show: ({ reason }) => told(reason.replace("_", "-")) },
          { word: "hits", kind: "number", show: ({ name, hits }) => <a href={`/alerts?${new URLSearchParams({ suppressed_by: name, status: "dismissed" })}`}>{hits}</a> },
          { word: "last_hit", show: ({ last_hit }) => last_hit && <Moment time={last_hit} /> },
          { word: "expires", show: ({ expires }) => expires && <Moment time={expires} /> },
          { word: "status", show: ({ state }) => <State health={healths[state] ?? "off"}>{told(state)}</State> },
          ...(session.role === "viewer" ? [] : [{ word: "do" as const, show: buttons }]),
        ]}
      />
    </>
  );
}

export function SuppressionsPage({ session, rest }: { session: Session; rest: string }) {
  const edited = /^edit\/(.+)$/.exec(rest)?.[1];
  if (session.role !== "viewer" && edited) return <EditRule name={decodeURIComponent(edited)} />;
  if (session.role !== "viewer" && rest === "new") return <RuleForm />;
  return <Rules session={session} />;
}
