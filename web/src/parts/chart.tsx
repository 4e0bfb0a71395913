// chart.tsx - counts over time as bars, and the same as a table for those who do not see them
// SPDX-License-Identifier: Apache-2.0
import { useMemo } from "preact/hooks";
import { language, t, whole } from "../words.ts";
import { Plot } from "./plot.tsx";
import type { Point } from "./series.ts";

const lines = [{ colour: "--accent", fill: true, bars: true }];

export function Chart({ label, points }: { label: string; points: Point[] }) {
  const data = useMemo((): [number[], number[]] =>
    [points.map(({ time }) => Date.parse(time) / 1000), points.map(({ count }) => count)], [points]);
  return (
    <Plot label={label} data={data} lines={lines}>
      <thead><tr><th>{t("time")}</th><th class="number">{t("count")}</th></tr></thead>
      <tbody>
        {points.filter(({ count }) => count > 0).map(({ time, count }) => (
          <tr key={time}>
            <td>{new Date(time).toLocaleString(language(), { dateStyle: "medium", timeStyle: "short" })}</td>
            <td class="number">{whole(count)}</td>
          </tr>
        ))}
      </tbody>
    </Plot>
  );
}
