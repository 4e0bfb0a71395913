// domains.tsx - a name: who asked for it or one below it, and since when
// SPDX-License-Identifier: Apache-2.0
import { get } from "../api.ts";
import { AlertList } from "../parts/alertlist.tsx";
import { Fact, Facts, Field, Moment, Trouble, useAsked, Waiting } from "../parts/base.tsx";
import { valueOf } from "../parts/doing.tsx";
import { List } from "../parts/list.tsx";
import { go } from "../route.ts";
import { t } from "../words.ts";

interface Domain {
  name: string;
  clients: number;
  first?: string;
  last?: string;
  alerts: number;
}

interface Client {
  entity: string;
  name: string;
  first: string;
  last: string;
  count: number;
}

function Hunt({ name }: { name: string }) {
  const look = (event: SubmitEvent) => {
    event.preventDefault();
    const wanted = valueOf(event, "name").trim().replace(/\.$/, "");
    if (wanted) go(`/domains/${encodeURIComponent(wanted)}`);
  };
  return (
    <form class="filters" role="search" onSubmit={look}>
      <Field label={t("domain")}>
        <input name="name" type="search" defaultValue={name} placeholder="example.com" spellcheck={false} autocapitalize="none" />
      </Field>
      <button class="main">{t("hunt")}</button>
    </form>
  );
}

function Domain({ name }: { name: string }) {
  const path = `/api/v1/domains/${encodeURIComponent(name)}`;
  const { value, failure, again } = useAsked(() => get<Domain>(path), [name]);
  if (failure !== undefined) return <Trouble failure={failure} again={again} />;
  if (!value) return <Waiting />;
  return (
    <article>
      <h2 class="data">{value.name}</h2>
      <Facts>
        <Fact term={t("machines")}>{value.clients}</Fact>
        <Fact term={t("first_seen")}>{value.first && <Moment time={value.first} />}</Fact>
        <Fact term={t("last_seen")}>{value.last && <Moment time={value.last} />}</Fact>
        <Fact term={t("alerts")}>
          <a href={`/alerts?${new URLSearchParams({ domain: value.name })}`}>{value.alerts}</a>
        </Fact>
      </Facts>
      <AlertList word="verdicts" empty="verdicts_none" path="/api/v1/alerts" parameters={{ domain: value.name, status: "all" }} machines />
      <h2>{t("asked_by")}</h2>
      <List<Client>
        path={`${path}/clients`}
        label={t("asked_by")}
        empty={t("hunt_none")}
        columns={[
          { word: "machine", kind: "data", show: ({ entity }) => <a href={`/machines/${encodeURIComponent(entity)}`}>{entity}</a> },
          { word: "domain", kind: "data name", show: (row) => row.name },
          { word: "count", kind: "number", show: ({ count }) => count },
          { word: "first_seen", show: ({ first }) => <Moment time={first} /> },
          { word: "last_seen", show: ({ last }) => <Moment time={last} /> },
        ]}
      />
    </article>
  );
}

export function DomainsPage({ name }: { name: string }) {
  return (
    <>
      <h1>{t("domains")}</h1>
      <p class="lead">{t("hunt_text")}</p>
      <Hunt key={name} name={name} />
      {name && <Domain key={name} name={name} />}
    </>
  );
}
