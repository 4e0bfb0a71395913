// feeds.tsx - the lists and signature rules alerts rest on: how new they are, what is in them
// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { ask, get, type Session } from "../api.ts";
import { Fact, Facts, Field, type Health, Moment, Severity, State, Trouble, useAsked, useTurns, Waiting } from "../parts/base.tsx";
import { useDoing, valueOf } from "../parts/doing.tsx";
import { List } from "../parts/list.tsx";
import { Table } from "../parts/table.tsx";
import { term } from "../parts/terms.ts";
import { t, whole, type Word } from "../words.ts";

interface Update {
  tried?: string;
  fetched?: string;
  changed?: string;
  asked?: string;
  due?: string;
  added: number;
  removed: number;
  refused: number;
  refusals?: string;
  error?: string;
}

interface Feed {
  name: string;
  builtin?: boolean;
  category?: string;
  confidence?: number;
  enabled: boolean;
  licence?: string;
  server?: string;
  path?: string;
  entries?: number;
  fetched?: string;
  refused?: number;
  refusals?: string;
  update?: Update;
}

const lookAgainMs = 5000;

function feedHealth({ enabled, entries, update }: Feed): [Health, Word] {
  if (!enabled) return ["off", "off"];
  if (update?.error) return entries ? ["warn", "feed_old"] : ["bad", "feed_failing"];
  return entries === undefined ? ["warn", "feed_never"] : ["good", "feed_loaded"];
}

function Changes({ feed }: { feed: Feed }) {
  const refused = feed.update?.refused ?? feed.refused ?? 0;
  const refusals = feed.update?.refusals ?? feed.refusals;
  return (
    <>
      {feed.update?.changed && t("feed_changes", { added: whole(feed.update.added), removed: whole(feed.update.removed) })}
      {refused > 0 && (
        <details><summary>{t("feed_refused", { count: whole(refused) })}</summary><span lang="en">{refusals}</span></details>
      )}
    </>
  );
}

function Feeds({ session }: { session: Session }) {
  const turn = useTurns(lookAgainMs);
  const { value, failure, again } = useAsked(() => get<{ items: Feed[] }>("/api/v1/feeds"), [turn]);
  const { busy, run, trouble } = useDoing();
  const update = (name: string) =>
    run(() => ask("POST", `/api/v1/feeds/${encodeURIComponent(name)}/update`)).then(again);
  const button = ({ name, enabled, server, update: last }: Feed) => server && enabled && (
    last?.asked ? <span role="status">{t("feed_asked")}</span> : <button disabled={busy} onClick={() => update(name)}>{t("feed_update")}</button>
  );
  if (failure !== undefined) return <Trouble failure={failure} again={again} />;
  if (!value) return <Waiting />;
  return (
    <>
      {trouble}
      <Table<Feed>
        label={t("feeds")}
        rows={value.items}
        columns={[
          { word: "name", show: (row) => (
            <><strong>{row.builtin ? t("feed_builtin") : row.name}</strong><span class="summary data">{row.server ?? row.path}</span></>
          ) },
          { word: "status", show: (row) => {
            const [health, word] = feedHealth(row);
            return (
              <>
                <State health={health}>{t(word)}</State>
                {row.update?.error && <span class="summary"><span lang="en">{row.update.error}</span><br />{t("feed_do")}</span>}
              </>
            );
          } },
          { word: "kind", show: ({ category }) => category && term("category", category) },
          { word: "entries", kind: "number", show: ({ entries }) => entries !== undefined && whole(entries) },
          { word: "change", show: (row) => <Changes feed={row} /> },
          { word: "newest_at", show: ({ fetched, update: last }) => (
            <>{fetched && <Moment time={fetched} />}{last?.due && <span class="summary">{t("feed_due")} <Moment time={last.due} /></span>}</>
          ) },
          { word: "licence", show: ({ licence }) => licence },
          ...(session.role === "admin" ? [{ word: "do" as const, show: button }] : []),
        ]}
      />
      {value.items.every(({ builtin }) => builtin) && <p class="quiet">{t("feeds_none")}</p>}
    </>
  );
}

interface Rule {
  sid: number;
  rev: number;
  msg: string;
  severity?: string;
  classtype?: string;
  category: string;
  techniques?: string;
  file: string;
  line: number;
}

function Rules() {
  const [search, setSearch] = useState("");
  const { value } = useAsked(() => get<{ loaded?: number }>("/api/v1/rules", { limit: 1 }), []);
  if (value && value.loaded === undefined) return <><h2>{t("rules")}</h2><p class="news">{t("error_not_running")}</p></>;
  return (
    <>
      <h2>{t("rules")}</h2>
      <p>{t("rules_loaded", { count: whole(value?.loaded ?? 0) })} {t("rules_text")}</p>
      <form class="filters" role="search" onSubmit={(event) => {
        event.preventDefault();
        setSearch(valueOf(event, "search").trim());
      }}>
        <Field label={t("rules_search")}><input name="search" type="search" spellcheck={false} /></Field>
        <button>{t("search")}</button>
      </form>
      <List<Rule>
        path="/api/v1/rules"
        parameters={{ search, limit: 20 }}
        label={t("rules")}
        empty={t("rules_none")}
        columns={[
          { word: "rule", show: ({ sid, msg }) => <><a href={`/feeds/rules/${sid}`} lang="en">{msg}</a><span class="summary">{sid}</span></> },
          { word: "severity", show: ({ severity }) => severity && <Severity value={severity} /> },
          { word: "kind", show: ({ category }) => term("category", category) },
          { word: "rule_class", show: ({ classtype }) => classtype },
          { word: "techniques", show: ({ techniques }) => techniques },
        ]}
      />
    </>
  );
}

interface Explained extends Rule {
  holds_for: string[];
  found_by: string;
  references: { kind: string; value: string }[];
}

function OneRule({ sid }: { sid: string }) {
  const { value, failure, again } = useAsked(() => get<Explained>(`/api/v1/rules/${encodeURIComponent(sid)}`), [sid]);
  const hits = { type: "signature", status: "all", search: value?.msg ?? "" };
  const count = useAsked(async () => (value ? get<{ alerts: number }>("/api/v1/alerts/count", hits) : undefined), [value]);
  if (failure !== undefined) return <Trouble failure={failure} again={again} />;
  if (!value) return <Waiting />;
  return (
    <article>
      <p><a href="/feeds">{t("feeds_title")}</a></p>
      <div class="title"><h1 lang="en">{value.msg}</h1>{value.severity && <Severity value={value.severity} />}</div>
      <Facts>
        <Fact term={t("alerts")}><a href={`/alerts?${new URLSearchParams(hits)}`}>{count.value ? whole(count.value.alerts) : "–"}</a></Fact>
        <Fact term={t("rule_sid")}>{t("rule_revision", { sid: value.sid, rev: value.rev })}</Fact>
        <Fact term={t("kind")}>{term("category", value.category)}</Fact>
        <Fact term={t("rule_class")}>{value.classtype}</Fact>
        <Fact term={t("techniques")}>{value.techniques}</Fact>
        <Fact term={t("rule_place")}><code>{value.file}:{value.line}</code></Fact>
        <Fact term={t("rule_references")}>{value.references.map(({ kind, value: what }) => `${kind}: ${what}`).join(", ")}</Fact>
      </Facts>
      <h2>{t("rule_holds")}</h2>
      <ul lang="en">{value.holds_for.map((line) => <li key={line}>{line}</li>)}</ul>
      <p class="quiet" lang="en">{value.found_by}</p>
      <p class="lead">{t("rule_off")} <code>{`rules: {disabled: [${value.sid}]}`}</code></p>
    </article>
  );
}

export function FeedsPage({ session, rest }: { session: Session; rest: string }) {
  const sid = /^rules\/(\d+)$/.exec(rest)?.[1];
  if (sid) return <OneRule key={sid} sid={sid} />;
  return (
    <>
      <h1>{t("feeds_title")}</h1>
      <p class="lead">{t("feeds_text")}</p>
      <Feeds session={session} />
      <Rules />
    </>
  );
}
