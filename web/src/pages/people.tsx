// people.tsx - who may log in, and the tokens programs use
// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { ask, type Session } from "../api.ts";
import { Field, Moment, State } from "../parts/base.tsx";
import { useDoing, valueOf } from "../parts/doing.tsx";
import { List } from "../parts/list.tsx";
import { t, told } from "../words.ts";

interface User {
  name: string;
  role: string;
  enabled: boolean;
  created?: string;
  seen?: string;
}

interface Token {
  name: string;
  owner: string;
  role: string;
  expires?: string;
  used?: string;
}

const roles = ["viewer", "analyst", "admin"];
const RoleField = () => (
  <Field label={t("role")}>
    <select name="role">{roles.map((role) => <option key={role} value={role}>{told(role)}</option>)}</select>
  </Field>
);

/** A user may be switched off and given another role or password, but not by himself. */
function UserButtons({ user, onDone }: { user: User; onDone: () => void }) {
  const { busy, run, trouble } = useDoing();
  const path = `/api/v1/users/${encodeURIComponent(user.name)}`;
  const change = (body: Record<string, unknown>) => run(() => ask("PATCH", path, body)).then(onDone);
  const remove = () => confirm(t("remove_sure", { name: user.name })) && run(() => ask("DELETE", path)).then(onDone);
  const reset = (event: SubmitEvent) => {
    event.preventDefault();
    change({ password: valueOf(event, "password") });
  };
  return (
    <>
      <div class="inline">
        <select aria-label={t("role_of", { name: user.name })} value={user.role} disabled={busy}
          onChange={(event) => change({ role: event.currentTarget.value })}>
          {roles.map((role) => <option key={role} value={role}>{told(role)}</option>)}
        </select>
        <button disabled={busy} onClick={() => change({ enabled: !user.enabled })}>{user.enabled ? t("disable") : t("enable")}</button>
        <button disabled={busy} onClick={remove}>{t("remove")}</button>
      </div>
      <details>
        <summary>{t("password_reset")}</summary>
        <form class="inline" onSubmit={reset}>
          <Field label={t("password_new")}><input name="password" type="password" required minLength={12} autocomplete="new-password" /></Field>
          <button disabled={busy}>{t("password_set")}</button>
        </form>
      </details>
      {trouble}
    </>
  );
}

function Users({ session }: { session: Session }) {
  const [turn, setTurn] = useState(0);
  const { busy, run, trouble } = useDoing();
  const done = () => setTurn((n) => n + 1);
  const add = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const body = { name: valueOf(event, "name"), role: valueOf(event, "role"), password: valueOf(event, "password") };
    run(async () => {
      await ask("POST", "/api/v1/users", body);
      form.reset();
    }).then(done);
  };
  return (
    <>
      <h2>{t("users")}</h2>
      <p class="lead">{t("roles_text")}</p>
      <form class="inline" onSubmit={add}>
        <Field label={t("user_name")}><input name="name" required autocomplete="off" spellcheck={false} /></Field>
        <RoleField />
        <Field label={t("password")}><input name="password" type="password" required minLength={12} autocomplete="new-password" /></Field>
        <button disabled={busy}>{t("add")}</button>
      </form>
      {trouble}
      <List<User>
        path="/api/v1/users"
        label={t("users")}
        empty={t("nothing_yet")}
        turn={turn}
        columns={[
          { word: "name", show: ({ name }) => <>{name}{name === session.name && <span class="mark">{t("you")}</span>}</> },
          { word: "role", show: ({ role }) => told(role) },
          { word: "status", show: ({ enabled }) => <State health={enabled ? "good" : "off"}>{told(enabled ? "enabled" : "disabled")}</State> },
          { word: "last_login", show: ({ seen }) => (seen ? <Moment time={seen} /> : t("never")) },
          { word: "do", show: (user) => (user.name === session.name
            ? <a href="/account">{t("account")}</a> : <UserButtons user={user} onDone={done} />) },
        ]}
      />
    </>
  );
}

/** Shown once, to be taken along now. */
function Secret({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <p class="news" role="status">
      {t("token_once")} <code>{text}</code>
      <button onClick={() => navigator.clipboard.writeText(text).then(() => setCopied(true))}>{copied ? t("copied") : t("copy_it")}</button>
    </p>
  );
}

function Tokens() {
  const [turn, setTurn] = useState(0);
  const [secret, setSecret] = useState("");
  const { busy, run, trouble } = useDoing();
  const add = (event: SubmitEvent) => {
    event.preventDefault();
    const body = { name: valueOf(event, "name"), role: valueOf(event, "role"), days: Number(valueOf(event, "days")) };
    const form = event.currentTarget as HTMLFormElement;
    run(async () => {
      setSecret((await ask<{ token: string }>("POST", "/api/v1/tokens", body)).token);
      form.reset();
    }).then(() => setTurn((n) => n + 1));
  };
  const remove = (name: string) =>
    confirm(t("remove_sure", { name })) && run(() => ask("DELETE", `/api/v1/tokens/${encodeURIComponent(name)}`)).then(() => setTurn((n) => n + 1));
  return (
    <>
      <h2>{t("tokens")}</h2>
      <p class="lead">{t("tokens_text")}</p>
      <form class="inline" onSubmit={add}>
        <Field label={t("name")}><input name="name" required autocomplete="off" spellcheck={false} /></Field>
        <RoleField />
        <Field label={t("days")}><input name="days" type="number" min="1" max="3650" defaultValue="90" required /></Field>
        <button disabled={busy}>{t("add")}</button>
      </form>
      {trouble}
      {secret && <Secret text={secret} />}
      <List<Token>
        path="/api/v1/tokens"
        label={t("tokens")}
        empty={t("tokens_none")}
        turn={turn}
        columns={[
          { word: "name", show: ({ name }) => name },
          { word: "owner", show: ({ owner }) => owner },
          { word: "role", show: ({ role }) => told(role) },
          { word: "expires", show: ({ expires }) => expires && <Moment time={expires} /> },
          { word: "last_used", show: ({ used }) => (used ? <Moment time={used} /> : t("never")) },
          { word: "do", show: ({ name }) => <button disabled={busy} onClick={() => remove(name)}>{t("remove")}</button> },
        ]}
      />
    </>
  );
}

export function PeoplePage({ session }: { session: Session }) {
  return (
    <>
      <h1>{t("people_title")}</h1>
      {session.role === "admin" && <Users session={session} />}
      <Tokens />
    </>
  );
}
