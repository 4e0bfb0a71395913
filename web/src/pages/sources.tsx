// sources.tsx - where traffic comes from, and the lists it is held against
// SPDX-License-Identifier: Apache-2.0
import { get } from "../api.ts";
import { useAsked } from "../parts/base.tsx";
import { List } from "../parts/list.tsx";
import { t } from "../words.ts";

interface Source {
  name: string;
  type: string;
  enabled: boolean;
  broken: boolean;
  messages: number;
}

interface Feed {
  name: string;
  category: string;
  confidence: number;
  entries?: number;
  licence?: string;
}

export function SourcesPage() {
  const rules = useAsked(() => get<{ loaded?: number }>("/api/v1/rules"), []);
  return (
    <>
      <h1>{t("sources")}</h1>
      <List<Source>
        path="/api/v1/sources"
        label={t("sources")}
        empty={t("sources_none")}
        columns={[
          { word: "name", show: ({ name }) => name },
          { word: "kind", show: ({ type }) => type },
          { word: "messages", kind: "number", show: ({ messages }) => messages },
          { word: "status", show: ({ enabled, broken }) => (!enabled ? t("off") : broken ? t("broken") : t("on")) },
        ]}
      />
      <h2>{t("feeds")}</h2>
      <List<Feed>
        path="/api/v1/feeds"
        label={t("feeds")}
        empty={t("feeds_none")}
        columns={[
          { word: "name", show: ({ name }) => name },
          { word: "kind", show: ({ category }) => category },
          { word: "entries", kind: "number", show: ({ entries }) => entries },
          { word: "licence", show: ({ licence }) => licence },
        ]}
      />
      <h2>{t("rules")}</h2>
      <p>{t("rules_loaded", { count: rules.value?.loaded ?? 0 })}</p>
    </>
  );
}
