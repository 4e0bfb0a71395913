// words.test.mjs - everything the browser shows is there in both languages, and nothing is there for nobody
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import test from "node:test";
import { load, text, ts, walk } from "./load.mjs";

globalThis.document = { documentElement: { lang: "en" } };
const { words, t, told } = await load("words.ts");
const shown = new Set(["title", "aria-label", "placeholder", "alt", "label"]);
const holes = (phrase) => [...phrase.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

test("each word has a text in both languages, with the same values in it", () => {
  for (const [key, pair] of Object.entries(words)) {
    assert.equal(pair.length, 2, key);
    for (const phrase of pair) assert.ok(phrase.trim(), key);
    assert.deepEqual(holes(pair[0]), holes(pair[1]), key);
  }
});

test("Japanese puts a space between Latin and Japanese letters, as it does throughout", () => {
  const japanese = "\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Han}";
  const close = new RegExp(`[${japanese}][A-Za-z0-9]|[A-Za-z0-9][${japanese}]`, "u");
  for (const [key, [, phrase]] of Object.entries(words)) assert.doesNotMatch(phrase, close, key);
});

test("no page has a text of its own", () => {
  const found = [];
  walk((node, name, line) => {
    if (ts.isJsxText(node) && /\p{Letter}{2,}/u.test(node.text)) found.push(`${name}:${line}: ${node.text.trim()}`);
    const literal = ts.isJsxAttribute(node) && shown.has(node.name.getText()) && node.initializer && ts.isStringLiteral(node.initializer);
    if (literal && /\p{Letter} ?\p{Letter}/u.test(node.initializer.text) && !/^[a-z.]+\.com$/.test(node.initializer.text))
      found.push(`${name}:${line}: ${node.getText()}`);
  });
  // The languages' own names are the same in each.
  assert.deepEqual(found.filter((one) => !/: (English|日本語)$/.test(one)), []);
});

test("each word is used; those for values of the service come last", () => {
  const used = new Set();
  const beginnings = [];
  walk((node, name) => {
    if (name === "words.ts") return;
    if (ts.isStringLiteralLike(node)) used.add(node.text);
    if (ts.isTemplateHead(node) && node.text) beginnings.push(node.text);
  });
  const values = text("words.ts").split("  // values\n")[1];
  const unused = Object.keys(words).filter((key) =>
    !used.has(key) && !beginnings.some((one) => key.startsWith(one)) && !new RegExp(`^  "?${key}"?: \\[`, "m").test(values));
  assert.deepEqual(unused, []);
});

test("values are filled in, and those nobody gives stay to be seen", () => {
  assert.equal(t("selected", { count: 3 }), "3 selected");
  assert.equal(t("selected"), "{count} selected");
});

test("the language of the page decides", () => {
  document.documentElement.lang = "ja";
  assert.equal(t("alerts"), "アラート");
  document.documentElement.lang = "en";
  assert.equal(t("alerts"), "Alerts");
});

test("what the service says is told in words, and as it is where there are none", () => {
  assert.equal(told("InProgress"), "In progress");
  assert.equal(told("constructor"), "constructor");
  assert.equal(told("<b>"), "<b>");
});
