// trail.test.mjs - the trail tells who did what: a user by the name, others with what they are
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";

globalThis.document = { documentElement: { lang: "en" } };
const { actorText } = await load("parts/trail.tsx");

test("a user goes by the name alone, others with what they are", () => {
  assert.equal(actorText("user:ann"), "ann");
  assert.match(actorText("cli:root"), /root/);
  assert.match(actorText("cli:root"), /command line/);
  assert.match(actorText("owner:a:b@example.net"), /a:b@example\.net/);
  assert.equal(actorText("dnsvigil"), "dnsvigil");
});
