// chart.tsx - counts over time as bars, and the same as a table for those who do not see them
// SPDX-License-Identifier: Apache-2.0
import { useMemo } from "preact/hooks";
import { t, whole } from "../words.ts";
import { Moment } from "./base.tsx";
import { Plot } from "./plot.tsx";
import { type Point, stepMs } from "./series.ts";

const lines = [{ colour: "--accent", fill: true, bars: true }];
const hourS = 3600;
const tickStepsS = [1, 2, 3, 6, 12, 24, 48, 168, 336, 720, 2160, 8760].map((hours) => hours * hourS);
const barsMin = 24;

const secondsOf = ({ time }: Point) => Date.parse(time) / 1000;

/** Half a bar at both ends, and the time before the first one where there are few. */
function room(points: Point[], stepS: number): [number, number] {
  const [first, last] = [secondsOf(points[0]!), secondsOf(points[points.length - 1]!)];
  return [Math.min(first, last - (barsMin - 1) * stepS) - stepS / 2, last + stepS / 2];
}

interface Props {
  label: string;
  points: Point[];
  href: (since: string, until: string) => string; // where what a bar counts is listed
}

export function Chart({ label, points, href }: Props) {
  const data = useMemo((): [number[], number[]] => [points.map(secondsOf), points.map(({ count }) => count)], [points]);
  const stepS = stepMs(points) / 1000;
  return (
    <Plot label={label} data={data} lines={lines} span={room(points, stepS)} stepsS={tickStepsS.filter((one) => one >= stepS)}>
      <thead><tr><th>{t("time")}</th><th class="number">{t("count")}</th></tr></thead>
      <tbody>
        {points.filter(({ count }) => count > 0).map(({ time, count }) => (
          <tr key={time}>
            <td><a href={href(time, new Date(Date.parse(time) + stepMs(points)).toISOString())}><Moment time={time} /></a></td>
            <td class="number">{whole(count)}</td>
          </tr>
        ))}
      </tbody>
    </Plot>
  );
}
