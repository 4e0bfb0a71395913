// start.tsx - the first minutes: what sees traffic, how an alert looks, what to set up next
// SPDX-License-Identifier: Apache-2.0
import { useEffect } from "preact/hooks";
import { ask, follow, type Session } from "../api.ts";
import { useDoing } from "../parts/doing.tsx";
import { t } from "../words.ts";
import { SourceList } from "./sources.tsx";

export function Start({ session, onAlerts }: { session: Session; onAlerts: () => void }) {
  const { busy, run, trouble } = useDoing();
  useEffect(() => follow(onAlerts, onAlerts), []);
  const simulate = () => run(() => ask("POST", "/api/v1/alerts/simulate", {})).then(onAlerts);
  return (
    <>
      <h1>{t("start_title")}</h1>
      <p class="lead">{t("start_text")}</p>
      <section>
        <h2>{t("start_sources")}</h2>
        <SourceList />
        <p class="quiet">{t("start_sources_text")}</p>
      </section>
      {session.role !== "viewer" && (
        <section>
          <h2>{t("start_samples")}</h2>
          <p class="lead">{t("start_samples_text")}</p>
          <button class="main" disabled={busy} onClick={simulate}>{t("start_samples_do")}</button>
          {trouble}
        </section>
      )}
      <section>
        <h2>{t("start_next")}</h2>
        <ul>
          <li><a href="/detectors">{t("start_detectors")}</a></li>
          <li><a href="/feeds">{t("start_feeds")}</a></li>
          <li><a href="/exports">{t("start_exports")}</a></li>
          <li><a href="/automation">{t("start_notify")}</a></li>
          {session.role === "admin" && <li><a href="/people">{t("start_people")}</a></li>}
        </ul>
      </section>
    </>
  );
}
