// route.test.mjs - addresses that are asked for hold what was meant, whatever is in it
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";

const { query } = await load("api.ts");
const { go } = await load("route.ts");

test("parameters without a value are left out", () => {
  assert.equal(query({}), "");
  assert.equal(query({ search: "", cursor: undefined, limit: 50 }), "?limit=50");
});

test("what would end a parameter is escaped", () => {
  const back = new URLSearchParams(query({ domain: "a&b=c#d é+" }));
  assert.equal(back.get("domain"), "a&b=c#d é+");
});

test("going somewhere makes a step in the history, replacing makes none, and both are told", () => {
  const steps = [];
  globalThis.history = { pushState: (...step) => steps.push(["push", step[2]]), replaceState: (...step) => steps.push(["replace", step[2]]) };
  globalThis.PopStateEvent = class extends Event {};
  globalThis.dispatchEvent = (event) => steps.push([event.type]);
  go("/alerts?type=dark_web");
  go("/overview", true);
  assert.deepEqual(steps, [["push", "/alerts?type=dark_web"], ["popstate"], ["replace", "/overview"], ["popstate"]]);
});
