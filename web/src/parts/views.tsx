// views.tsx - named views: filters somebody has kept under a name, in this browser
// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { go } from "../route.ts";
import { t } from "../words.ts";

type Views = Record<string, string>;

function read(): Views {
  try {
    return JSON.parse(localStorage.getItem("views") ?? "{}") as Views;
  } catch {
    return {};
  }
}

export function SavedViews({ parameters }: { parameters: URLSearchParams }) {
  const [views, setViews] = useState(read);
  const here = parameters.toString();
  const current = Object.keys(views).find((name) => views[name] === here) ?? "";
  const keep = (next: Views) => {
    localStorage.setItem("views", JSON.stringify(next));
    setViews(next);
  };
  const save = () => {
    const name = prompt(t("view_name"))?.trim();
    if (name) keep({ ...views, [name]: here });
  };
  const remove = () => keep(Object.fromEntries(Object.entries(views).filter(([name]) => name !== current)));
  return (
    <span class="inline">
      <select aria-label={t("views")} value={current} onChange={(e) => go(`/alerts?${views[e.currentTarget.value] ?? ""}`)}>
        <option value="">{t("views")}</option>
        {Object.keys(views).sort().map((name) => <option key={name}>{name}</option>)}
      </select>
      {current ? <button onClick={remove}>{t("view_remove")}</button> : here && <button onClick={save}>{t("view_save")}</button>}
    </span>
  );
}
