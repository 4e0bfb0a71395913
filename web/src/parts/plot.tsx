// plot.tsx - a drawing whose numbers stand in a table below it; what draws is fetched when it is needed
// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";
import { language, t } from "../words.ts";

const height = 180;
const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name);

/** Ticks of days as dates, others as times of day. */
function tickText(_: uPlot, ticks: number[], __: number, ___: number, step: number): string[] {
  const format = new Intl.DateTimeFormat(
    language(), step >= 86400 ? { month: "short", day: "numeric" }
      : { hour: "2-digit", minute: "2-digit", ...(step < 60 && { second: "2-digit" }) });
  return ticks.map((seconds) => format.format(seconds * 1000));
}

export interface Line {
  colour: string; // a variable of the style sheet
  fill?: boolean;
  dash?: number[];
  bars?: boolean;
}

interface Props {
  label: string;
  data: uPlot.AlignedData; // times in seconds first
  lines: Line[];
  span?: [from: number, to: number]; // of the times, if not from the first to the last
  stepsS?: number[]; // between ticks of time, if not any
  children: ComponentChildren; // the table's head and body
}

function options(Plot: typeof uPlot, width: number, { lines, span, stepsS }: Props): uPlot.Options {
  const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line") }, ticks: { stroke: colour("--line") } };
  return {
    width,
    height,
    cursor: { show: false },
    legend: { show: false },
    scales: { x: { range: (_, first, last) => span ?? [first, last] }, y: { range: (_, __, most) => [0, Math.max(1, most) * 1.1] } },
    axes: [{ ...axis, values: tickText, ...(stepsS && { incrs: stepsS }) }, { ...axis, size: 50, incrs: [1, 2, 5].flatMap((n) => [...Array(10).keys()].map((e) => n * 10 ** e)).sort((a, b) => a - b),
      values: (_, ticks) => ticks.map((tick) => tick.toLocaleString(language(), { notation: "compact" })) }],
    series: [{}, ...lines.map((line): uPlot.Series => ({
      stroke: colour(line.colour),
      width: 2,
      dash: line.dash,
      fill: line.fill ? colour(line.colour) : undefined,
      points: { show: false },
      paths: line.bars ? Plot.paths.bars!({ size: [0.8, 40] }) : undefined,
    }))],
  };
}

export function Plot(props: Props) {
  const { label, data, children } = props;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current!;
    let plot: uPlot | undefined;
    let gone = false;
    const fit = new ResizeObserver(() => plot?.setSize({ width: element.clientWidth, height }));
    import("uplot").then(({ default: Plot }) => {
      if (gone) return;
      plot = new Plot(options(Plot, element.clientWidth, props), data, element);
      fit.observe(element);
    });
    return () => {
      gone = true;
      fit.disconnect();
      plot?.destroy();
    };
  }, [data]);
  return (
    <figure>
      <div class="plot" ref={place} aria-hidden="true" />
      <details>
        <summary>{t("as_table", { label })}</summary>
        <table>{children}</table>
      </details>
    </figure>
  );
}
