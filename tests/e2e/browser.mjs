// browser.mjs - an analyst's day in a real browser, in both languages and on all pages
// SPDX-License-Identifier: Apache-2.0
//
// Usage: node browser.mjs PLAN.json, which browser.py writes and tells about.
import assert from "node:assert/strict";
import { appendFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";

const plan = JSON.parse(readFileSync(process.argv[2], "utf8"));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** The table that a module of the pages exports under this name. */
const tableOf = (path, name) =>
  Function(`return ${new RegExp(`export const ${name} = (\\{.*?\\n\\}) as const`, "s").exec(readFileSync(path, "utf8"))[1]}`)();
const words = tableOf(plan.words, "words");
const terms = tableOf(join(dirname(plan.words), "parts/terms.ts"), "terms");
const user = { name: "ann", password: "correct horse battery" };
const patienceS = 60; // with a machine that has much else to do
const firstViewBytesMax = 60 * 1024;
const looks = [[1280, "light"], [1280, "dark"], [390, "light"], [390, "dark"]];
// Pages that are looked at in all of them, and those of which each is in two that differ in everything.
const pages = ["overview", "alerts", "incidents", "machines/192.0.2.125", "detectors/data_exfiltration"];
const pagesInTurn = ["machines", "domains", "domains/kettlebridge-sync.net", "suppression", "suppression/new", "exports", "detectors",
  "sources", "feeds", "feeds/rules/1000001", "automation", "people", "account", "audit", "nowhere"];
const isInTurn = (look, number) => (look === 0 || look === 3) === (number % 2 === 0);

const browser = await chromium.launch({
  executablePath: plan.browser,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});

/** What a page logs as an error, and requests that leave the service. */
const wrong = [];

async function open(language, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 }, locale: language === "ja" ? "ja-JP" : "en-US", timezoneId: "Asia/Tokyo", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(patienceS * 1000);
  page.on("console", (message) => message.type() === "error" && wrong.push(message.text()));
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("request", (request) => request.url().startsWith(`${plan.base}/`) || wrong.push(`asked for ${request.url()}`));
  return page;
}

const word = (language) => (key, values = {}) =>
  words[key][language === "ja" ? 1 : 0].replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));

/** Waits until `look` finds something. */
async function until(what, look) {
  for (const end = Date.now() + patienceS * 1000; Date.now() < end; await new Promise((go) => setTimeout(go, 100))) {
    const found = await look();
    if (found) return found;
  }
  assert.fail(`${what} did not come within ${patienceS} s`);
}

/** Packets of a capture without their header, or all of it where it is the first. */
const feed = (path) => appendFileSync(plan.pipe, readFileSync(path));

const api = (page, path) => page.evaluate((at) => fetch(at).then((answer) => answer.json()), path);

async function enter(page, language) {
  await page.goto(plan.base);
  await page.getByLabel(word(language)("user_name")).fill(user.name);
  await page.getByLabel(word(language)("password"), { exact: true }).fill(user.password);
  await page.getByRole("button", { name: word(language)("login") }).click();
  await page.locator("header nav").waitFor();
  await speak(page, language);
  await page.reload();
  await page.locator("header nav").waitFor();
}

/** What the user's pages are to be written in from now on. */
async function speak(page, language) {
  const status = await page.evaluate(async (to) => (await fetch("/api/v1/session", {
    method: "PATCH", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ language: to }) })).status, language);
  assert.equal(status, 200);
}

/** The first run: no user yet, no alerts yet. */
async function setUp() {
  const page = await open("en");
  const w = word("en");
  await page.goto(plan.base);
  await page.getByLabel(w("setup_code")).fill(plan.code);
  await page.getByLabel(w("user_name")).fill(user.name);
  await page.getByLabel(w("password"), { exact: true }).fill(user.password);
  await page.getByLabel(w("password_again")).fill(user.password);
  await page.getByRole("button", { name: w("setup_do") }).click();
  await page.getByRole("heading", { name: w("start_title") }).waitFor();
  await check(page, "start");
  feed(plan.capture);
  await page.getByRole("heading", { name: w("over_time") }).waitFor(); // it gives way by itself
  await page.context().close();
}

/** The first view is small, and nothing but what the service sends may run. */
async function checkDelivery() {
  const page = await open("en");
  const answers = [];
  page.on("response", (response) => response.url().includes("/api/") || answers.push(response));
  await page.goto(plan.base, { waitUntil: "networkidle" });
  const bodies = await Promise.all(answers.map((answer) => answer.body()));
  const bytes = bodies.reduce((sum, body) => sum + gzipSync(body).length, 0);
  assert.ok(bytes > 1000 && bytes <= firstViewBytesMax, `the first view takes ${bytes} bytes`);
  const ran = await page.evaluate(async () => {
    const tries = [
      () => document.body.append(Object.assign(document.createElement("script"), { textContent: "window.hits = 1" })),
      () => { document.body.innerHTML += "<img src=x onerror='window.hits = 1'>"; },
      () => document.body.setAttribute("onclick", "window.hits = 1"),
    ];
    for (const attempt of tries) try { attempt(); } catch { /* as it should be */ }
    document.body.click();
    await new Promise((go) => setTimeout(go, 300));
    return window.hits;
  });
  assert.equal(ran, undefined, "a script of a page ran");
  await page.context().close();
  const refused = wrong.splice(0).filter((text) => !/Content Security Policy|TrustedScript|TrustedHTML|trusted/i.test(text));
  assert.deepEqual(refused, []);
  return bytes;
}

/** An alert that comes while the list is open is announced, and rows stay where they are. */
async function seeItCome(page, language) {
  const w = word(language);
  await page.getByRole("link", { name: w("alerts"), exact: true }).first().click();
  const before = await page.locator("table.alerts tbody tr").first().innerText();
  feed(plan.live[language].path);
  await page.locator(".news").waitFor();
  assert.equal(await page.locator("table.alerts tbody tr").first().innerText(), before);
  const mine = page.locator("table.alerts tbody tr", { hasText: `${plan.live[language].client}1` });
  await until("the alert", async () => { // what is announced first may be another's
    if (await mine.count()) return true;
    if (await page.locator(".news").count())
      await Promise.all([page.waitForResponse(/\/api\/v1\/alerts\?/), page.locator(".news button").click()]);
  });
  await mine.locator("td.what a").click();
  await page.getByRole("heading", { name: w("why") }).waitFor();
}

const section = (page, title) => page.locator("details", { has: page.locator("summary", { hasText: title }) });

async function unfold(page, title) {
  const part = section(page, title).first();
  if ((await part.getAttribute("open")) === null) await part.locator("summary").first().click();
  return part;
}

const mails = () => (existsSync(plan.mail) ? readdirSync(plan.mail).filter((name) => name.endsWith(".eml")) : []);

/** The text of a mail whose body is encoded. */
function mailText(name) {
  const whole = readFileSync(`${plan.mail}/${name}`, "latin1");
  if (/quoted-printable/i.test(whole))
    return whole.replace(/=\r?\n/g, "").replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return whole + whole.split(/\r?\n\r?\n/).map((part) => Buffer.from(part, "base64").toString("latin1")).join("\n");
}

/** The owner is asked by mail, answers by the link in it, and the alert knows. */
async function askOwner(page, language) {
  const w = word(language);
  const part = await unfold(page, w("ask_owner"));
  const before = mails();
  await part.getByRole("button", { name: w("ask_now") }).click();
  const [mail] = await until("the mail", () => { const all = mails().filter((name) => !before.includes(name)); return all.length && all; });
  const link = /https?:\/\/[^\s"]+\/answer\/[0-9a-f]{32}\.n\.[0-9a-f]+\.[0-9a-f]{64}/.exec(mailText(mail));
  assert.ok(link, "the mail has no link for \"not expected\"");
  const owner = await open(language);
  await owner.goto(link[0]);
  await Promise.all([
    owner.waitForResponse((answer) => answer.request().method() === "POST"),
    owner.locator("button").first().click()]);
  await owner.context().close();
  await page.reload();
  await unfold(page, w("ask_owner"));
  await until("the answer", async () => (await section(page, w("ask_owner")).first().locator("li").allInnerTexts())
    .some((text) => text.includes(w("not_expected"))));
}

/** Shown first, applied, undone: the zone file has the machine in between. */
async function isolate(page, language) {
  const w = word(language);
  const ip = `${plan.live[language].client}1`.split(".").reverse().join(".");
  const zoneHas = () => existsSync(plan.zone) && readFileSync(plan.zone, "utf8").includes(`32.${ip}`);
  const part = await unfold(page, w("isolate"));
  await part.getByRole("button", { name: w("propose") }).click();
  await part.getByRole("button", { name: w("preview") }).first().click();
  assert.match(await part.locator(".diff").innerText(), new RegExp(`\\+.*32\\.${ip.replaceAll(".", "\\.")}`));
  assert.ok(!zoneHas());
  await part.getByRole("button", { name: w("apply"), exact: true }).click();
  await until("the isolation", zoneHas);
  await part.getByText(w("applied")).first().waitFor();
  await part.getByRole("button", { name: w("undo") }).first().click();
  await until("the end of the isolation", () => !zoneHas());
}

/** A rule's reach is shown before it can be kept; then it stands in the list of rules. */
async function suppress(page, language) {
  const w = word(language);
  const part = await unfold(page, w("suppress_like"));
  assert.equal(await part.getByRole("button", { name: w("save_rule") }).count(), 0);
  await part.getByRole("button", { name: w("simulate") }).click();
  await part.getByText(w("reach", { alerts: 1, entities: 1 })).waitFor();
  await part.getByRole("button", { name: w("save_rule") }).click();
  await until("the rule", async () => (await api(page, "/api/v1/suppressions")).items.some((rule) =>
    JSON.stringify(rule.conditions).includes(`${plan.live[language].client}1"`)));
}

async function dismiss(page, language) {
  const w = word(language);
  await page.getByLabel(w("dismiss_as")).selectOption("test");
  await page.locator(".mark", { hasText: w("Dismissed") }).waitFor();
}

/** The target has what there was before, once more. */
async function backfill(page, language) {
  const w = word(language);
  const lines = () => (existsSync(plan.exported) ? readFileSync(plan.exported, "utf8").split("\n").length : 0);
  await page.goto(`${plan.base}/exports`);
  await page.getByRole("button", { name: w("backfill") }).waitFor();
  const before = lines();
  await page.getByRole("button", { name: w("backfill") }).click();
  await until("what there was", () => lines() >= before + 25);
}

/** The language goes with the user, to whichever browser he uses. */
async function chooseLanguage(page, language) {
  await page.locator("details.who summary").click();
  await page.getByLabel(word(language)("language")).selectOption(language === "ja" ? "en" : "ja");
  const other = language === "ja" ? "en" : "ja";
  await page.getByRole("link", { name: word(other)("alerts"), exact: true }).first().waitFor();
  const elsewhere = await open(language);
  await elsewhere.goto(plan.base);
  await elsewhere.getByLabel(word(language)("user_name")).fill(user.name);
  await elsewhere.getByLabel(word(language)("password"), { exact: true }).fill(user.password);
  await elsewhere.getByRole("button", { name: word(language)("login") }).click();
  await elsewhere.getByRole("link", { name: word(other)("alerts"), exact: true }).first().waitFor();
  await elsewhere.context().close();
  await speak(page, "en");
}

const listed = (page) => page.locator("table.alerts tbody tr");

/** Groups, a kept view and the download of what is shown. */
async function useList(page, language) {
  const w = word(language);
  await page.goto(`${plan.base}/alerts?type=data_obfuscation`);
  await listed(page).first().waitFor();
  page.once("dialog", (dialog) => dialog.accept(`tunnels ${language}`));
  await page.getByRole("button", { name: w("view_save") }).click();
  await page.goto(`${plan.base}/alerts`);
  await listed(page).nth(5).waitFor();
  await page.getByLabel(w("views")).selectOption(`tunnels ${language}`);
  await until("the view", async () => page.url().endsWith("?type=data_obfuscation") && await listed(page).count() === 1);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: w("download_csv") }).click()]);
  const csv = readFileSync(await download.path(), "utf8").trim().split("\n");
  assert.ok(csv.length === 2 && csv[1].includes("kettlebridge-sync.net"), `the download has ${csv.length} lines`);
  await page.goto(`${plan.base}/alerts`);
  await page.getByLabel(w("group_by")).selectOption("entity");
  await page.locator("main table a", { hasText: /^192\.0\.2\.125$/ }).click();
  await until("the machine's alerts", async () => { // the rows of before stay until there are others
    const machines = await listed(page).locator("td.machine").allInnerTexts();
    return machines.length > 0 && machines.every((text) => text.includes("192.0.2.125"));
  });
}

const alertPath = async (page, type) => `/alerts/${(await api(page, `/api/v1/alerts?type=${type}&status=all&sample=no`)).items[0].id}`;

/** Each kind of evidence is told whole and in the user's language. */
async function readEvidence(page, language) {
  const w = word(language);
  const shows = async (path, texts, what) => {
    await page.goto(plan.base + path);
    await page.getByRole("heading", { name: w("why") }).waitFor();
    for (const one of texts) await until(`${path}: ${one}`, async () => (await page.locator("main").innerText()).includes(one));
    await what?.();
  };
  await shows(await alertPath(page, "data_obfuscation"), [w("tunnel"), w("bytes_over_time"), w("chain")], async () => {
    await page.locator(".plot canvas").waitFor();
    await page.getByText(w("as_table", { label: w("bytes_over_time") })).click();
    await page.locator("figure tbody tr").nth(1).waitFor();
    if (language === "ja") assert.doesNotMatch(await page.locator("table.features").innerText(), /bytes|unique|confidence/i);
  });
  await shows(await alertPath(page, "generated_domains"), [w("burst"), w("score_meaning")]);
  await shows(await alertPath(page, "phishing_domain"), [w("indicator"), "ours", plan.listed, w("licence"), "CC0-1.0"]);
  await shows(await alertPath(page, "protocol_anomaly"), [w("anomaly"), "RFC"]);
}

async function day(language) {
  const page = await open(language);
  await enter(page, language);
  await seeItCome(page, language);
  await askOwner(page, language);
  await isolate(page, language);
  await suppress(page, language);
  await dismiss(page, language);
  await backfill(page, language);
  await useList(page, language);
  await readEvidence(page, language);
  await chooseLanguage(page, language);
  await page.context().close();
}

/** A rule is written, tried and kept; then it is changed. */
async function writeRule(page, w) {
  await page.goto(`${plan.base}/suppression`);
  await page.getByRole("link", { name: w("rule_new") }).click();
  await page.getByLabel(w("rule_name_hint")).fill("quiet-lab");
  const value = page.getByLabel(w("filter_value"));
  await value.fill(plan.listed);
  assert.equal(await page.getByRole("button", { name: w("save_rule") }).count(), 0);
  await page.getByRole("button", { name: w("simulate") }).click();
  await page.getByRole("status").filter({ hasText: plan.listed }).waitFor();
  await value.fill(`${plan.listed}, example.org`); // what was simulated is not what would be kept
  await page.getByRole("button", { name: w("save_rule") }).waitFor({ state: "detached" });
  await page.getByRole("button", { name: w("simulate") }).click();
  await page.getByRole("button", { name: w("save_rule") }).click();
  await page.locator("tr", { hasText: "quiet-lab" }).getByRole("link", { name: w("edit") }).click();
  await page.getByLabel(w("comment")).fill("the lab may");
  await page.getByRole("button", { name: w("simulate") }).click();
  await page.getByRole("button", { name: w("save_rule") }).click();
  await page.locator("tr", { hasText: "the lab may" }).waitFor();
  page.once("dialog", (dialog) => dialog.accept());
  await page.locator("tr", { hasText: "the lab may" }).getByRole("button", { name: w("remove") }).click();
  await until("no rule", async () => !(await api(page, "/api/v1/suppressions")).items.some(({ name }) => name === "quiet-lab"));
}

/** Somebody is let in, and the trail says by whom. */
async function letIn(page, language) {
  const w = word(language);
  await page.goto(`${plan.base}/people`);
  await page.getByLabel(w("user_name")).fill("bob");
  await page.getByLabel(w("password"), { exact: true }).fill("a long enough one");
  await page.getByRole("button", { name: w("add") }).first().click();
  const row = page.locator("tr", { hasText: "bob" });
  await row.getByLabel(w("role_of", { name: "bob" })).selectOption("analyst");
  await row.getByRole("button", { name: w("disable") }).click();
  await row.getByText(w("disabled"), { exact: true }).waitFor();
  await page.goto(`${plan.base}/audit?actor=${user.name}&object=user%2F`);
  const newest = await page.locator("tbody tr").first().innerText();
  for (const part of [terms.action["user.set"][language === "ja" ? 1 : 0], "bob", w("switched off")]) assert.ok(newest.includes(part), `${part} is not in ${newest}`);
}

/** Another password ends all sessions. */
async function changePassword(page, w) {
  const next = "another battery staple";
  await page.goto(`${plan.base}/account`);
  await page.getByLabel(w("password_old")).fill(user.password);
  await page.getByLabel(w("password_new")).fill(next);
  await page.getByLabel(w("password_again")).fill(next);
  await page.getByRole("button", { name: w("password_change") }).click();
  await page.getByRole("button", { name: w("login") }).waitFor();
  user.password = next;
}

async function administer(language) {
  const page = await open(language);
  const w = word(language);
  await enter(page, language);
  await writeRule(page, w);
  await page.goto(`${plan.base}/exports`);
  await page.getByRole("button", { name: w("test_it") }).click();
  await page.getByText(w("test_taken")).waitFor();
  await letIn(page, language);
  await changePassword(page, w);
  await page.context().close();
}

/** From login to a dismissed alert without a pointer. */
async function byKeyboard() {
  const page = await open("en");
  const keys = async (...all) => { for (const key of all) await page.keyboard.press(key); };
  await page.goto(plan.base);
  await page.getByLabel(words.user_name[0]).waitFor();
  await until("the first field", () => page.evaluate(() => document.activeElement?.getAttribute("name") === "name"));
  await page.keyboard.type(user.name);
  await keys("Tab");
  await page.keyboard.type(user.password);
  await keys("Enter");
  await page.locator("header nav").waitFor();
  await until("the link", async () => { await keys("Tab"); return page.evaluate(() => document.activeElement?.getAttribute("href") === "/alerts"); });
  await keys("Enter");
  await page.locator("table.alerts").waitFor();
  await keys("j", "j");
  const row = page.locator("tr.current");
  const address = await row.locator("td.what a").getAttribute("href");
  await keys("Enter");
  await page.getByRole("heading", { name: words.why[0] }).waitFor();
  assert.ok(page.url().endsWith(address));
  await page.goBack();
  await page.locator("table.alerts").waitFor();
  await keys("j", "j", "d");
  const id = decodeURIComponent(address.split("/").pop());
  await until("dismissed", async () => {
    const { status } = await api(page, `/api/v1/alerts/${id}`);
    return status === "Dismissed";
  });
  await page.goto(`${plan.base}/alerts?type=protocol_anomaly`);
  await page.locator("table.alerts").waitFor();
  await keys("j", "x", "j", "j", "X");
  await page.getByText(words.selected[0].replace("{count}", "3")).waitFor();
  await keys("Escape", "j", "J", "a");
  await until("assigned", async () =>
    (await api(page, `/api/v1/alerts?assignee=${user.name}&type=protocol_anomaly`)).items.length === 2);
  await page.context().close();
}

/** Names that are markup are text wherever they stand. */
async function checkHostile() {
  appendFileSync(plan.pipe, readFileSync(plan.names));
  const page = await open("en");
  await page.addInitScript(() => { window.hits = 0; window.hit = () => { window.hits++; }; });
  page.on("dialog", (dialog) => { wrong.push(`it said ${dialog.message()}`); dialog.dismiss(); });
  await enter(page, "en");
  const found = await until("alerts about them", async () => {
    const { items } = await api(page, `/api/v1/alerts?domain=${plan.listed}&limit=200`);
    const theirs = items.filter(({ entity }) => entity.ip.startsWith("10.9.3."));
    return theirs.length === plan.hostile && theirs;
  });
  const asText = async (path) => {
    await page.goto(plan.base + path);
    await settled(page, path);
    const strange = await page.evaluate(() => document.querySelectorAll("main script, main img, main iframe, main style, main base, main [onload], main [onerror]").length);
    assert.equal(strange, 0, `${path} has markup of a name`);
    assert.equal(await page.evaluate(() => window.hits), 0, `${path} ran what a name says`);
    return page.locator("main").innerText();
  };
  for (const alert of found) {
    const [sample] = alert.evidence.samples;
    const text = await asText(`/alerts/${encodeURIComponent(alert.id)}`);
    assert.ok(text.replace(/\s/g, "").includes(sample.qname.replace(/\s/g, "")), `${sample.qname} is not shown as it is`);
  }
  await asText(`/alerts?domain=${plan.listed}`);
  await asText(`/domains/${plan.listed}`);
  await asText(`/domains/${encodeURIComponent(found[0].evidence.samples[0].qname)}`);
  await asText(`/machines/${found[0].entity.ip}`);
  await asText(`/alerts?search=${encodeURIComponent("<img src=x onerror=hit()>")}`);
  wrong.splice(0, wrong.length, ...wrong.filter((text) => !/status of 4\d\d/.test(text)));
  await page.context().close();
}

/** Everything that a page asks for is there. */
const settled = (page, name) =>
  until(name, () => page.evaluate(() => document.querySelector("main h1") && !document.querySelector(".waiting")));

/** Nothing for axe to find, nothing wider than the window. */
async function check(page, name) {
  const { violations } = await page.evaluate(`${axe};axe.run()`);
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 200)}`);
  assert.deepEqual(told, [], `${name} at ${page.viewportSize().width}`);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  views++;
  assert.ok(over <= 0, `${name} is ${over} wider than ${page.viewportSize().width}`);
}

let views = 0;

async function checkPages() {
  for (const [index, [width, colorScheme]] of looks.entries()) {
    const language = index % 2 ? "ja" : "en";
    const page = await open(language, { viewport: { width, height: 800 }, colorScheme });
    await page.goto(plan.base);
    await page.getByLabel(word(language)("user_name")).waitFor();
    await check(page, "login");
    await enter(page, language);
    const { items } = await api(page, "/api/v1/incidents");
    const tunnel = (await api(page, "/api/v1/alerts?type=data_obfuscation")).items[0];
    const turn = pagesInTurn.filter((_, number) => isInTurn(index, number));
    for (const path of [...pages, ...turn, `incidents/${items[0].id}`, `alerts/${tunnel.id}`]) {
      await page.goto(`${plan.base}/${path}`);
      await settled(page, path);
      await page.evaluate(() => document.querySelectorAll("main details").forEach((part) => { part.open = true; }));
      await settled(page, path);
      await check(page, path);
    }
    await page.context().close();
  }
}

/** Tells how long each part takes: all of them together should stay below three minutes. */
async function timed(part, ...given) {
  const begun = Date.now();
  const value = await part(...given);
  console.log(`${part.name} ${given.join(" ")}: ${((Date.now() - begun) / 1000).toFixed(1)} s`);
  return value;
}

try {
  await timed(setUp);
  const bytes = await timed(checkDelivery);
  await timed(day, "en");
  await timed(administer, "ja");
  await timed(day, "ja");
  await timed(byKeyboard);
  await timed(checkPages);
  await timed(checkHostile);
  assert.deepEqual(wrong, []);
  console.log(`the first view takes ${bytes} bytes; ${views} views were looked at`);
} catch (why) {
  for (const page of browser.contexts().flatMap((context) => context.pages()))
    await page.screenshot({ path: `${plan.pictures}/failed.png` });
  throw why;
} finally {
  await browser.close();
}
