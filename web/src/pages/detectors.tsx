// detectors.tsx - what is looked for, how it is set, how often it was right
// SPDX-License-Identifier: Apache-2.0
import { Severity } from "../parts/base.tsx";
import { List } from "../parts/list.tsx";
import { language, t, told } from "../words.ts";

interface Detector {
  detector: string;
  title: string;
  looks_for: string;
  severity: string;
  enabled: boolean;
  confidence: string;
  right: number;
  wrong: number;
  precision?: number;
}

export function DetectorsPage() {
  return (
    <>
      <h1>{t("detectors")}</h1>
      <List<Detector>
        path="/api/v1/detectors"
        parameters={{ lang: language() }}
        label={t("detectors")}
        empty={t("nothing_yet")}
        columns={[
          { word: "type", show: ({ detector, title, looks_for }) => (
            <><a href={`/alerts?${new URLSearchParams({ type: detector })}`}>{title}</a><span class="summary">{looks_for}</span></>
          ) },
          { word: "severity", show: ({ severity }) => <Severity value={severity} /> },
          { word: "status", show: ({ enabled }) => (enabled ? t("on") : t("off")) },
          { word: "confidence", show: ({ confidence }) => told(confidence) },
          { word: "was_right", kind: "number", show: ({ right }) => right },
          { word: "was_wrong", kind: "number", show: ({ wrong }) => wrong },
        ]}
      />
    </>
  );
}
