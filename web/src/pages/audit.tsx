// audit.tsx - who did what, and whether anybody has altered what stands there
// SPDX-License-Identifier: Apache-2.0
import { get } from "../api.ts";
import { Moment, useAsked } from "../parts/base.tsx";
import { List } from "../parts/list.tsx";
import type { Entry } from "../parts/trail.tsx";
import { t, told } from "../words.ts";

export function AuditPage() {
  const check = useAsked(() => get<{ intact: boolean; broken?: number }>("/api/v1/audit/verify"), []);
  return (
    <>
      <h1>{t("audit_title")}</h1>
      {check.value && (
        <p role="status" class={check.value.intact ? "" : "trouble"}>
          {check.value.intact ? t("audit_whole") : t("audit_broken", { seq: check.value.broken ?? 0 })}
        </p>
      )}
      <List<Entry>
        path="/api/v1/audit"
        label={t("audit")}
        empty={t("nothing_yet")}
        columns={[
          { word: "time", show: ({ time }) => <Moment time={time} /> },
          { word: "who_did", show: ({ actor }) => actor },
          { word: "what_done", show: ({ action }) => action },
          { word: "object", kind: "data", show: ({ object }) => object },
          { word: "change", show: ({ from, to }) => [from, to].filter(Boolean).map((one) => told(one!)).join(" → ") },
          { word: "note", show: ({ reason, comment }) => [reason, comment].filter(Boolean).join(": ") },
        ]}
      />
    </>
  );
}
