// main.tsx - the frame around all pages: who is logged in, where one is, what else there is
// SPDX-License-Identifier: Apache-2.0
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ask, get, type Session, whenLoggedOut } from "./api.ts";
import { AlertPage } from "./pages/alert.tsx";
import { AlertsPage } from "./pages/alerts.tsx";
import { DomainsPage } from "./pages/domains.tsx";
import { EntryPage } from "./pages/entry.tsx";
import { IncidentsPage } from "./pages/incidents.tsx";
import { MachinesPage } from "./pages/machines.tsx";
import { OverviewPage } from "./pages/overview.tsx";
import { Trouble, Waiting } from "./parts/base.tsx";
import { later } from "./parts/later.tsx";
import { go, usePlace } from "./route.ts";
import "uplot/dist/uPlot.min.css"; // here, for that of a part that is fetched later would not be
import "./style.css";
import { language, t, told, type Word } from "./words.ts";

const AccountPage = later(async () => (await import("./pages/account.tsx")).AccountPage);
const AuditPage = later(async () => (await import("./pages/audit.tsx")).AuditPage);
const AutomationPage = later(async () => (await import("./pages/automation.tsx")).AutomationPage);
const DetectorsPage = later(async () => (await import("./pages/detectors.tsx")).DetectorsPage);
const ExportsPage = later(async () => (await import("./pages/exports.tsx")).ExportsPage);
const FeedsPage = later(async () => (await import("./pages/feeds.tsx")).FeedsPage);
const PeoplePage = later(async () => (await import("./pages/people.tsx")).PeoplePage);
const SourcesPage = later(async () => (await import("./pages/sources.tsx")).SourcesPage);
const SuppressionsPage = later(async () => (await import("./pages/suppressions.tsx")).SuppressionsPage);

interface PageRow {
  path: string;
  word: Word; // in the menu
  role?: Session["role"]; // only for them
  aside?: boolean; // the menu does not have it
  show: (session: Session, rest: string, parameters: URLSearchParams) => preact.JSX.Element;
}

/** The session is over: whoever is in front of it logs in again. */
const leave = () => location.assign("/");

/** All pages: a row makes the menu's entry and the route. */
const pages: PageRow[] = [
  { path: "/overview", word: "overview", show: (session) => <OverviewPage session={session} /> },
  {
    path: "/alerts",
    word: "alerts",
    show: (session, rest, parameters) =>
      rest ? <AlertPage key={rest} id={rest} session={session} /> : <AlertsPage session={session} parameters={parameters} />,
  },
  { path: "/incidents", word: "incidents", show: (session, rest) => <IncidentsPage id={rest} session={session} /> },
  { path: "/machines", word: "machines", show: (_, rest) => <MachinesPage ip={decodeURIComponent(rest)} /> },
  { path: "/domains", word: "domains", show: (_, rest) => <DomainsPage name={decodeURIComponent(rest)} /> },
  { path: "/suppression", word: "suppression", show: (session, rest) => <SuppressionsPage session={session} rest={rest} /> },
  { path: "/automation", word: "automation", show: (session) => <AutomationPage session={session} /> },
  { path: "/exports", word: "exports", show: (session) => <ExportsPage session={session} /> },
  { path: "/detectors", word: "detectors", show: (_, rest) => <DetectorsPage slug={rest} /> },
  { path: "/feeds", word: "feeds_title", show: (session, rest) => <FeedsPage session={session} rest={rest} /> },
  { path: "/sources", word: "sources", show: () => <SourcesPage /> },
  { path: "/people", word: "people", show: (session) => <PeoplePage session={session} /> },
  { path: "/audit", word: "audit", role: "admin", show: (_, __, parameters) => <AuditPage parameters={parameters} /> },
  { path: "/account", word: "account", aside: true, show: (session) => <AccountPage session={session} onLogout={leave} /> },
];

const NothingHere = () => (
  <>
    <h1>{t("not_found")}</h1>
    <p><a href="/overview">{t("overview")}</a></p>
  </>
);

/** Pages, and the next visit of this browser before anybody has logged in, speak that language. */
function speak(to: string) {
  localStorage.setItem("language", to);
  document.documentElement.lang = to;
}

function Preferences({ session }: { session?: Session }) {
  const setLanguage = async (value: string) => {
    speak(value);
    if (session) await ask("PATCH", "/api/v1/session", { language: value }).catch(() => {}); // then this browser alone knows it
    location.reload();
  };
  const setTheme = (value: string) => {
    localStorage.setItem("theme", value);
    if (value) document.documentElement.dataset.theme = value;
    else delete document.documentElement.dataset.theme;
  };
  return (
    <div class="preferences">
      <select aria-label={t("language")} value={language()} onChange={(e) => setLanguage(e.currentTarget.value)}>
        <option value="en" lang="en">English</option>
        <option value="ja" lang="ja">日本語</option>
      </select>
      <select
        aria-label={t("theme")}
        value={localStorage.getItem("theme") ?? ""}
        onChange={(e) => setTheme(e.currentTarget.value)}
      >
        <option value="">{t("theme_auto")}</option>
        <option value="light">{t("theme_light")}</option>
        <option value="dark">{t("theme_dark")}</option>
      </select>
    </div>
  );
}

/** The pages; on narrow screens behind a button. */
function Navigation({ session, page }: { session: Session; page: PageRow | undefined }) {
  const [open, setOpen] = useState(false);
  return (
    <nav aria-label={t("navigation")}>
      <button class="toggle" aria-expanded={open} aria-controls="pages" onClick={() => setOpen(!open)}>☰ {t("menu")}</button>
      <ul id="pages" class={open ? "open" : ""} onClick={() => setOpen(false)}>
        {pages.filter(({ role, aside }) => !aside && (!role || role === session.role)).map(({ path, word }) => (
          <li key={path}><a href={path} aria-current={page?.path === path ? "page" : undefined}>{t(word)}</a></li>
        ))}
      </ul>
    </nav>
  );
}

function Frame({ session, onLogout }: { session: Session; onLogout: () => void }) {
  const place = usePlace();
  const page = pages.find(({ path }) => place.path === path || place.path.startsWith(`${path}/`));
  useEffect(() => {
    if (place.path === "/") go("/overview", true);
  }, [place.path]);
  useEffect(() => {
    document.title = page ? `${t(page.word)} · ${t("product")}` : t("product");
  }, [page]);
  const logout = () => ask("DELETE", "/api/v1/session").finally(onLogout);
  return (
    <>
      <a class="skip" href="#content">{t("skip")}</a>
      <header>
        <a class="brand" href="/overview">{t("product")}</a>
        <Navigation session={session} page={page} />
        <details class="who" key={place.path}>
          <summary>{session.name}</summary>
          <div>
            <span class="quiet">{told(session.role)}</span>
            <Preferences session={session} />
            <a href="/account">{t("account")}</a>
            <button onClick={logout}>{t("logout")}</button>
          </div>
        </details>
      </header>
      <main id="content" tabIndex={-1}>
        {page ? page.show(session, place.path.slice(page.path.length + 1), place.parameters) : <NothingHere />}
      </main>
    </>
  );
}

function App() {
  const [session, setSession] = useState<Session | null>();
  const [failure, setFailure] = useState<unknown>();
  const look = () =>
    get<Partial<Session>>("/api/v1/session").then((who) => {
      if (who.language) speak(who.language);
      setSession(who.role ? (who as Session) : null);
    }, setFailure);
  useEffect(() => {
    whenLoggedOut(() => setSession(null));
    look();
  }, []);
  if (session) return <Frame session={session} onLogout={() => setSession(null)} />;
  if (session === null) return <EntryPage onEntered={look} preferences={<Preferences />} />;
  return failure ? <Trouble failure={failure} again={look} /> : <Waiting />;
}

render(<App />, document.getElementById("app")!);
