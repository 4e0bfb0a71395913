// trail.test.mjs - the trail tells in words who did what, and as it is where there are none
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./load.mjs";

globalThis.document = { documentElement: { lang: "en" } };
const { actorText, doneWord } = await load("parts/trail.tsx");

test("a user goes by the name alone, others with what they are", () => {
  assert.equal(actorText("user:ann"), "ann");
  assert.equal(actorText("cli:root"), "root (command line)");
  assert.equal(actorText("owner:a:b@example.net"), "a:b@example.net (owner)");
  assert.equal(actorText("dnsvigil"), "dnsvigil");
});

test("what was done is told in words, what nobody knows as it is", () => {
  assert.equal(doneWord("session.begin"), "logged in");
  assert.equal(doneWord("constructor"), "constructor");
});
