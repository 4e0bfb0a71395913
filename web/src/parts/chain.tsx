// chain.tsx - where an alert and its incident stand among ATT&CK's tactics
// SPDX-License-Identifier: Apache-2.0
import { type Alert, get, type Page } from "../api.ts";
import { language, t } from "../words.ts";
import { Moment, useAsked } from "./base.tsx";
import { tacticIds, tacticOf, term, terms } from "./terms.ts";

const tactics = Object.keys(terms.tactic);

/** The tactics an alert stands for: its own, those of its techniques, those of the rule it met. */
export function tacticsOf({ tactic, techniques, evidence }: Alert): Set<string> {
  const known: Record<string, string> = tacticOf;
  const ofRule = evidence.rule?.tactics?.map((id) => tactics[tacticIds.indexOf(id)] ?? "") ?? [];
  return new Set([tactic, ...techniques.map((id) => known[id] ?? ""), ...ofRule].filter((name) => name));
}

interface Incident {
  id: string;
  title: string;
  alerts: number;
  start: string;
}

/** The alerts of all incidents of an alert, and these. */
async function around(alert: Alert): Promise<{ incidents: Incident[]; alerts: Alert[] }> {
  const of = (id: string) => `/api/v1/incidents/${encodeURIComponent(id)}`;
  const ids = alert.incidents ?? [];
  const incidents = await Promise.all(ids.map((id) => get<Incident>(of(id), { lang: language() })));
  const pages = await Promise.all(ids.map((id) => get<Page<Alert>>(`${of(id)}/alerts`, { lang: language(), limit: 100 })));
  return { incidents, alerts: pages.flatMap(({ items }) => items) };
}

function Steps({ own, others }: { own: Set<string>; others: Set<string> }) {
  const kind = (tactic: string) => (own.has(tactic) ? "own" : others.has(tactic) ? "others" : "");
  return (
    <ol class="chain" aria-label={t("chain")}>
      {tactics.map((tactic) => (
        <li key={tactic} class={kind(tactic)} aria-current={own.has(tactic) ? "step" : undefined}>
          {term("tactic", tactic)}
          {!own.has(tactic) && others.has(tactic) && <span class="unseen"> ({t("chain_incident")})</span>}
        </li>
      ))}
    </ol>
  );
}

export function Chain({ alert }: { alert: Alert }) {
  const { value } = useAsked(() => around(alert), [alert.id, alert.revision]);
  const others = new Set(value?.alerts.flatMap((other) => [...tacticsOf(other)]) ?? []);
  return (
    <section>
      <h2>{t("chain")}</h2>
      <Steps own={tacticsOf(alert)} others={others} />
      <p class="quiet">
        <span class="key own" aria-hidden="true" /> {t("chain_own")}
        {value && value.incidents.length > 0 && <> <span class="key others" aria-hidden="true" /> {t("chain_incident")}</>}
      </p>
      {value?.incidents.map(({ id, title, alerts, start }) => (
        <p key={id}>
          {t("part_of")} <a href={`/incidents/${encodeURIComponent(id)}`}>{title}</a>{" "}
          <span class="quiet">({t("alerts_count", { count: alerts })}, <Moment time={start} />)</span>
        </p>
      ))}
      {value?.incidents.length === 0 && <p class="quiet">{t("part_of_none")}</p>}
    </section>
  );
}

/** Where all of an incident's alerts stand. */
export function IncidentChain({ id }: { id: string }) {
  const { value } = useAsked(() => get<Page<Alert>>(`/api/v1/incidents/${encodeURIComponent(id)}/alerts`, { limit: 200 }), [id]);
  if (!value) return null;
  return (
    <section>
      <h2>{t("chain")}</h2>
      <Steps own={new Set(value.items.flatMap((alert) => [...tacticsOf(alert)]))} others={new Set()} />
    </section>
  );
}

/** The techniques with their names, as links to what ATT&CK says of them. */
export function Techniques({ ids }: { ids: string[] }) {
  return (
    <ul class="plain">
      {ids.map((id) => (
        <li key={id}>
          <a href={`https://attack.mitre.org/techniques/${id.replace(".", "/")}/`} target="_blank" rel="noreferrer noopener">{id}</a>{" "}
          {Object.hasOwn(terms.technique, id) && term("technique", id)}
        </li>
      ))}
    </ul>
  );
}
