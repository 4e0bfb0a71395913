// suppressions.tsx - rules that dismiss what is known to be harmless, and what each of them has hidden
// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { ask, type Session } from "../api.ts";
import { Moment } from "../parts/base.tsx";
import { useDoing } from "../parts/doing.tsx";
import { List } from "../parts/list.tsx";
import { t, told } from "../words.ts";

interface Condition {
  field: string;
  in?: string[];
  contains?: string;
  suffix?: string;
  cidr?: string;
}

interface Rule {
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

const conditionText = ({ field, ...rest }: Condition) =>
  Object.entries(rest).map(([how, value]) => `${field} ${how} ${Array.isArray(value) ? value.join(", ") : value}`).join("; ");

export function SuppressionsPage({ session }: { session: Session }) {
  const [turn, setTurn] = useState(0);
  const { busy, run, trouble } = useDoing();
  const act = (method: string, name: string, body?: unknown) =>
    run(() => ask(method, `/api/v1/suppressions/${encodeURIComponent(name)}`, body)).then(() => setTurn((n) => n + 1));
  const buttons = (rule: Rule) => (
    <div class="inline">
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
      <h1>{t("suppression")}</h1>
      <p class="lead">{t("suppression_text")}</p>
      {trouble}
      <List<Rule>
        path="/api/v1/suppressions"
        label={t("suppression")}
        empty={t("suppressions_none")}
        turn={turn}
        columns={[
          { word: "name", show: ({ name, comment }) => <><strong>{name}</strong><span class="summary">{comment}</span></> },
          { word: "types", show: ({ alert_types }) => alert_types.map(told).join(", ") },
          { word: "conditions", kind: "data", show: ({ conditions }) => conditions?.map(conditionText).join("; ") },
          { word: "reason", show: ({ reason }) => told(reason) },
          { word: "hits", kind: "number", show: ({ name, hits }) => <a href={`/alerts?${new URLSearchParams({ suppressed_by: name, status: "dismissed" })}`}>{hits}</a> },
          { word: "last_hit", show: ({ last_hit }) => last_hit && <Moment time={last_hit} /> },
          { word: "expires", show: ({ expires }) => expires && <Moment time={expires} /> },
          { word: "status", show: ({ state }) => told(state) },
          ...(session.role === "viewer" ? [] : [{ word: "do" as const, show: buttons }]),
        ]}
      />
    </>
  );
}
