// chart.tsx - counts over time as bars, and the same as a table for those who do not see them
// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { language, t } from "../words.ts";
import { Moment } from "./base.tsx";
import { type Point, stepMs } from "./series.ts";

/** Ticks of days as dates, others as times of day. */
function tickText(_: uPlot, ticks: number[], __: number, ___: number, step: number): string[] {
  const format = new Intl.DateTimeFormat(
    language(), step >= 86400 ? { month: "short", day: "numeric" } : { hour: "2-digit", minute: "2-digit" });
  return ticks.map((seconds) => format.format(seconds * 1000));
}

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name);

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
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current!;
    const stepS = stepMs(points) / 1000;
    const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line") }, ticks: { stroke: colour("--line") } };
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height: 180,
        cursor: { show: false },
        legend: { show: false },
        scales: { x: { range: () => room(points, stepS) }, y: { range: (_, __, most) => [0, Math.max(1, most) * 1.1] } },
        axes: [{ ...axis, values: tickText, incrs: tickStepsS.filter((one) => one >= stepS) }, { ...axis, size: 45, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 10000, 100000] }],
        series: [{}, { fill: colour("--accent"), stroke: colour("--accent"), points: { show: false }, paths: uPlot.paths.bars!({ size: [0.8, 40] }) }],
      },
      [points.map(secondsOf), points.map(({ count }) => count)],
      element,
    );
    const fit = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: 180 }));
    fit.observe(element);
    return () => {
      fit.disconnect();
      plot.destroy();
    };
  }, [points]);
  return (
    <figure>
      <div ref={place} aria-hidden="true" />
      <details>
        <summary>{t("as_table", { label })}</summary>
        <table>
          <thead><tr><th>{t("time")}</th><th class="number">{t("count")}</th></tr></thead>
          <tbody>
            {points.filter(({ count }) => count > 0).map(({ time, count }) => (
              <tr key={time}>
                <td><a href={href(time, new Date(Date.parse(time) + stepMs(points)).toISOString())}><Moment time={time} /></a></td>
                <td class="number">{count}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}
