// sources.tsx - where traffic comes from, and the lists it is held against
// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from "preact/hooks";
import { get } from "../api.ts";
import { useAsked } from "../parts/base.tsx";
import { List } from "../parts/list.tsx";
import { t, whole } from "../words.ts";

interface Source {
  name: string;
  type: string;
  enabled: boolean;
  broken?: boolean;
  messages?: number;
}

interface Feed {
  name: string;
  category: string;
  confidence: number;
  entries?: number;
  licence?: string;
}

const lookAgainMs = 5000;

const sourceState = ({ enabled, broken, messages }: Source) => {
  if (!enabled) return t("off");
  if (broken) return t("broken");
  return messages ? t("sees_traffic") : t("sees_nothing");
};

export function SourceList() {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTurn((n) => n + 1), lookAgainMs);
    return () => clearInterval(timer);
  }, []);
  return (
    <List<Source>
      path="/api/v1/sources"
      label={t("sources")}
      empty={t("sources_none")}
      turn={turn}
      columns={[
        { word: "name", show: ({ name }) => name },
        { word: "kind", show: ({ type }) => type },
        { word: "messages", kind: "number", show: ({ messages }) => whole(messages ?? 0) },
        { word: "status", show: sourceState },
      ]}
    />
  );
}

export function SourcesPage() {
  const rules = useAsked(() => get<{ loaded?: number }>("/api/v1/rules"), []);
  return (
    <>
      <h1>{t("sources_title")}</h1>
      <SourceList />
      <h2>{t("feeds")}</h2>
      <List<Feed>
        path="/api/v1/feeds"
        label={t("feeds")}
        empty={t("feeds_none")}
        columns={[
          { word: "name", show: ({ name }) => name },
          { word: "kind", show: ({ category }) => category },
          { word: "entries", kind: "number", show: ({ entries }) => entries !== undefined && whole(entries) },
          { word: "licence", show: ({ licence }) => licence },
        ]}
      />
      <h2>{t("rules")}</h2>
      <p>{t("rules_loaded", { count: rules.value?.loaded ?? 0 })}</p>
    </>
  );
}
