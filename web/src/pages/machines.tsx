// machines.tsx - the machines alerts are about: who owns them, what they asked for
// SPDX-License-Identifier: Apache-2.0
import { get } from "../api.ts";
import { AlertList } from "../parts/alertlist.tsx";
import { Fact, Facts, Moment, Severity, Trouble, useAsked, Waiting } from "../parts/base.tsx";
import { List } from "../parts/list.tsx";
import { t } from "../words.ts";

interface Machine {
  ip: string;
  name?: string;
  owner?: string;
  email?: string;
  tags: string[];
  compromised: boolean;
  alerts: number;
  severity?: string;
  newest?: string;
}

interface Asked {
  name: string;
  first: string;
  last: string;
  count: number;
}

const alertsOf = (ip: string) => `/alerts?${new URLSearchParams({ entity: ip })}`;

function Machines() {
  return (
    <>
      <h1>{t("machines")}</h1>
      <List<Machine>
        path="/api/v1/inventory"
        label={t("machines")}
        empty={t("machines_none")}
        columns={[
          { word: "machine", kind: "data", show: ({ ip }) => <a href={`/machines/${encodeURIComponent(ip)}`}>{ip}</a> },
          { word: "name", show: ({ name, compromised }) => <>{name} {compromised && <span class="mark">{t("compromised")}</span>}</> },
          { word: "owner", show: ({ owner }) => owner },
          { word: "tags", show: ({ tags }) => tags.join(", ") },
          { word: "alerts", kind: "number", show: ({ ip, alerts }) => <a href={alertsOf(ip)}>{alerts}</a> },
          { word: "severity", show: ({ severity }) => severity && <Severity value={severity} /> },
          { word: "last_seen", show: ({ newest }) => newest && <Moment time={newest} /> },
        ]}
      />
    </>
  );
}

function Machine({ ip }: { ip: string }) {
  const path = `/api/v1/inventory/${encodeURIComponent(ip)}`;
  const { value, failure, again } = useAsked(() => get<Machine>(path), [ip]);
  if (failure !== undefined) return <Trouble failure={failure} again={again} />;
  if (!value) return <Waiting />;
  return (
    <article>
      <p><a href="/machines">← {t("machines")}</a></p>
      <div class="title"><h1 class="data">{value.ip}</h1>{value.compromised && <span class="mark">{t("compromised")}</span>}</div>
      <Facts>
        <Fact term={t("name")}>{value.name}</Fact>
        <Fact term={t("owner")}>{value.owner}</Fact>
        <Fact term={t("owner_address")}>{value.email}</Fact>
        <Fact term={t("tags")}>{value.tags.join(", ")}</Fact>
        <Fact term={t("alerts")}><a href={alertsOf(value.ip)}>{value.alerts}</a></Fact>
      </Facts>
      <AlertList word="alerts" empty="machines_alerts_none" path="/api/v1/alerts" parameters={{ entity: value.ip, status: "all" }} />
      <h2>{t("asked_for")}</h2>
      <List<Asked>
        path={`${path}/names`}
        label={t("asked_for")}
        empty={t("history_none")}
        columns={[
          { word: "domain", kind: "data name", show: ({ name }) => <a href={`/domains/${encodeURIComponent(name)}`}>{name}</a> },
          { word: "count", kind: "number", show: ({ count }) => count },
          { word: "first_seen", show: ({ first }) => <Moment time={first} /> },
          { word: "last_seen", show: ({ last }) => <Moment time={last} /> },
        ]}
      />
    </article>
  );
}

export function MachinesPage({ ip }: { ip: string }) {
  return ip ? <Machine key={ip} ip={ip} /> : <Machines />;
}
