// series.ts - counts as the service has them, filled up to a row without gaps
// SPDX-License-Identifier: Apache-2.0
export interface Group {
  group: string;
  count: number;
  severity: string;
}

export interface Point {
  time: string;
  count: number;
}

const hourMs = 3600_000;
const pointsMax = 1000;

/** Every hour of the span, those without alerts too; every day where it is longer than three days. */
export function filled(items: Pick<Group, "group" | "count">[]): Point[] {
  const times = items.map(({ group }) => Date.parse(group)).sort((a, b) => a - b);
  if (!times.length) return [];
  const last = times[times.length - 1]!;
  const step = last - times[0]! > 72 * hourMs ? 24 * hourMs : hourMs;
  const slot = (time: number) => Math.floor(time / step) * step;
  const counts = new Map<number, number>();
  for (const { group, count } of items) {
    const at = slot(Date.parse(group));
    counts.set(at, (counts.get(at) ?? 0) + count);
  }
  const length = Math.min(pointsMax, (slot(last) - slot(times[0]!)) / step + 1);
  const first = slot(last) - (length - 1) * step;
  return Array.from({ length }, (_, i) => ({
    time: new Date(first + i * step).toISOString(),
    count: counts.get(first + i * step) ?? 0,
  }));
}

/** How long each point of such a row is. */
export const stepMs = (points: Point[]) =>
  points.length > 1 ? Date.parse(points[1]!.time) - Date.parse(points[0]!.time) : hourMs;
