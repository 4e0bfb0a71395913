// terms.test.mjs - whatever short name the service tells has its words in both languages
// SPDX-License-Identifier: Apache-2.0
//
// The service's own tables are read where DNSVIGIL_SOURCE says they are.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { load } from "./load.mjs";

globalThis.document = { documentElement: { lang: "en" } };
const { terms, term, tacticIds, tacticOf } = await load("parts/terms.ts");
const { told, words } = await load("words.ts");
const root = process.env.DNSVIGIL_SOURCE;
const skip = root ? false : "DNSVIGIL_SOURCE does not say where the service's sources are";
const source = (path) => readFileSync(join(root, path), "utf8");
const found = (text, pattern) => [...new Set([...text.matchAll(pattern)].map(([, name]) => name))].sort();
const strings = (text) => found(text, /"([a-z0-9_]+)"/g);
/** The initializer that follows a name in a C file. */
const initializer = (path, name) => new RegExp(`${name}\\[[^=]*= \\{([^;]*)\\};`, "s").exec(source(path))[1];
const keys = (vocabulary) => Object.keys(terms[vocabulary]).sort();

test("each term has a text in both languages, and the Japanese one is Japanese", () => {
  for (const [vocabulary, all] of Object.entries(terms))
    for (const [name, pair] of Object.entries(all)) {
      assert.equal(pair.length, 2, `${vocabulary} ${name}`);
      const plain = ["base32", "base36", "base64", "%", "webhook"].includes(name);
      assert.match(pair[1], plain ? /./ : /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u, `${vocabulary} ${name}`);
    }
});

test("Japanese terms put a space between Latin and Japanese letters", () => {
  const japanese = "\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Han}";
  const close = new RegExp(`[${japanese}][A-Za-z0-9]|[A-Za-z0-9][${japanese}]`, "u");
  for (const all of Object.values(terms)) for (const [name, [, phrase]] of Object.entries(all)) assert.doesNotMatch(phrase, close, name);
});

test("everything that detectors measure has a name and a meaning", { skip }, () => {
  const files = readdirSync(join(root, "src/detect")).filter((name) => name.endsWith(".c"));
  const measured = found(files.map((name) => source(`src/detect/${name}`)).join("\n"),
    /(?:struct feature\)\s*\{|feature_add\(finding, )"(\w+)"/g);
  assert.ok(measured.length > 10);
  assert.deepEqual(keys("feature"), measured);
  assert.deepEqual(keys("meaning"), measured);
});

test("tactics, techniques and categories are those of the catalogue", { skip }, () => {
  for (const name of found(source("include/dnsvigil/terms.def"), /^TACTIC\(\w+, "([^"]+)"/gm)) assert.ok(terms.tactic[name], name);
  const rules = readdirSync(join(root, "rules")).filter((name) => name.endsWith(".rules")).map((name) => source(`rules/${name}`));
  const techniques = found([source("include/dnsvigil/detectors.def"), ...rules].join("\n"), /\b(T1\d{3}(?:\.\d{3})?)\b/g);
  assert.deepEqual(keys("technique"), techniques);
  assert.deepEqual(Object.keys(tacticOf).sort(), techniques);
  assert.equal(tacticIds.length, keys("tactic").length);
  assert.deepEqual(keys("category"), found(source("include/dnsvigil/categories.def"), /^CATEGORY\(\w+, "(\w+)"/gm));
});

test("what likenesses, tunnels and indicators are told by has words", { skip }, () => {
  assert.deepEqual(keys("likeness"), strings(initializer("src/enrich/lookalike.c", "lookalike_technique_names")));
  assert.deepEqual(keys("sign"), strings(initializer("src/enrich/lookalike.c", "lookalike_sign_names")));
  assert.deepEqual(keys("encoding"), strings(initializer("src/meter/pairs.c", "tunnel_encoding_names")));
  assert.deepEqual(keys("field"), strings(initializer("src/alert/record.c", "names")));
  assert.deepEqual(keys("delivery"), found(source("src/store/deliveries.def"), /^DELIVERY_STATE\(\w+, "(\w+)"/gm));
  assert.deepEqual(keys("channel"), found(source("src/store/deliveries.def"), /^DELIVERY_CHANNEL\(\w+, "(\w+)"/gm));
});

test("everything that the trail keeps is told in words", { skip }, () => {
  const store = readdirSync(join(root, "src/store")).filter((name) => name.endsWith(".c")).map((name) => source(`src/store/${name}`)).join("\n");
  const done = [
    ...found(store, /\.action = "(\w+)"/g),
    ...found(source("src/api/routes_lists.c"), /\.action = "([a-z.]+)"/g),
    ...found(store, /account_audit\(store, actor,[^"]*"([a-z]+\.[a-z]+)"/g),
    ...found(store, /\baudit\(store, [^;]*?"(\w+)"/g),
    ...strings(initializer("src/store/change.c", "field_names")),
    ...found(store, /\[EXPORT_JOB_\w+\] = "(\w+)"/g),
    ...found(source("src/alert/response.def"), /^RESPONSE_ACTION\(\w+, "(\w+)"/gm),
    ...["apply", "undo", "expire", "status", "note", "user.password", "user.set"],
  ];
  assert.ok(done.length > 25);
  for (const action of done) assert.ok(terms.action[action], action);
});

test("states, reasons and answers are told in words", { skip }, () => {
  const text = source("include/dnsvigil/terms.def");
  const values = ["SEVERITY", "ALERT_STATUS", "DISPOSITION", "FEEDBACK", "CONTACT"].flatMap((table) =>
    found(text, new RegExp(`^${table}\\(\\w+, "([^"]+)"`, "gm")));
  assert.ok(values.length > 15);
  document.documentElement.lang = "ja";
  for (const value of values) assert.match(told(value), /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u, value);
  document.documentElement.lang = "en";
});

test("a term that nobody knows is told as it is", () => {
  assert.equal(term("category", "not_known"), "not known");
  assert.equal(term("category", "constructor"), "constructor");
  assert.ok(words);
});
