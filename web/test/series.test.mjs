// series.test.mjs - counts over time have no gaps, whatever the service sends
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";

const { filled, stepMs } = await load("parts/series.ts");
const group = (time, count = 1) => ({ group: time, count });

test("nothing stays nothing", () => assert.deepEqual(filled([]), []));

test("hours without alerts are there, in order", () => {
  const points = filled([group("2026-03-10T10:00:00Z", 2), group("2026-03-10T08:00:00Z", 5)]);
  assert.deepEqual(points.map(({ count }) => count), [5, 0, 2]);
  assert.equal(points[1].time, "2026-03-10T09:00:00.000Z");
});

test("more than three days are told by day", () => {
  const points = filled([group("2026-03-10T08:00:00Z"), group("2026-03-10T20:00:00Z"), group("2026-03-14T01:00:00Z")]);
  assert.deepEqual(points.map(({ count }) => count), [2, 0, 0, 0, 1]);
});

test("a span of years keeps its newest end", () => {
  const points = filled([group("1990-01-01T00:00:00Z"), group("2026-03-10T08:00:00Z", 7)]);
  assert.equal(points.length, 1000);
  assert.equal(points.at(-1).count, 7);
});

test("each point is an hour or a day long, a single one an hour", () => {
  assert.equal(stepMs(filled([group("2026-01-01T00:00:00Z")])), 3600_000);
  assert.equal(stepMs(filled([group("2026-01-01T00:00:00Z"), group("2026-01-01T02:00:00Z")])), 3600_000);
  assert.equal(stepMs(filled([group("2026-01-01T00:00:00Z"), group("2026-01-09T00:00:00Z")])), 24 * 3600_000);
});
