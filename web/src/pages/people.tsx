// people.tsx - who may log in, and the tokens programs use
// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { ask, type Session } from "../api.ts";
import { Field, Moment } from "../parts/base.tsx";
import { useDoing, valueOf } from "../parts/doing.tsx";
import { List } from "../parts/list.tsx";
import { t, told } from "../words.ts";

interface User {
  name: string;
  role: string;
  enabled?: boolean;
  last_login?: string;
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

function Users() {
  const [turn, setTurn] = useState(0);
  const { busy, run, trouble } = useDoing();
  const done = () => setTurn((n) => n + 1);
  const add = (event: SubmitEvent) => {
    event.preventDefault();
    const body = { name: valueOf(event, "name"), role: valueOf(event, "role"), password: valueOf(event, "password") };
    run(() => ask("POST", "/api/v1/users", body)).then(done);
  };
  const remove = (name: string) =>
    confirm(t("remove_sure", { name })) && run(() => ask("DELETE", `/api/v1/users/${encodeURIComponent(name)}`)).then(done);
  return (
    <>
      <h2>{t("users")}</h2>
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
          { word: "name", show: ({ name }) => name },
          { word: "role", show: ({ role }) => told(role) },
          { word: "do", show: ({ name }) => <button disabled={busy} onClick={() => remove(name)}>{t("remove")}</button> },
        ]}
      />
    </>
  );
}

function Tokens() {
  const [turn, setTurn] = useState(0);
  const [secret, setSecret] = useState("");
  const { busy, run, trouble } = useDoing();
  const add = (event: SubmitEvent) => {
    event.preventDefault();
    const body = { name: valueOf(event, "name"), role: valueOf(event, "role"), days: Number(valueOf(event, "days")) };
    run(async () => setSecret((await ask<{ token: string }>("POST", "/api/v1/tokens", body)).token)).then(() => setTurn((n) => n + 1));
  };
  const remove = (name: string) =>
    run(() => ask("DELETE", `/api/v1/tokens/${encodeURIComponent(name)}`)).then(() => setTurn((n) => n + 1));
  return (
    <>
      <h2>{t("tokens")}</h2>
      <form class="inline" onSubmit={add}>
        <Field label={t("name")}><input name="name" required autocomplete="off" spellcheck={false} /></Field>
        <RoleField />
        <Field label={t("days")}><input name="days" type="number" min="1" max="3650" defaultValue="90" required /></Field>
        <button disabled={busy}>{t("add")}</button>
      </form>
      {trouble}
      {secret && <p role="status">{t("token_once")} <code>{secret}</code></p>}
      <List<Token>
        path="/api/v1/tokens"
        label={t("tokens")}
        empty={t("nothing_yet")}
        turn={turn}
        columns={[
          { word: "name", show: ({ name }) => name },
          { word: "owner", show: ({ owner }) => owner },
          { word: "role", show: ({ role }) => told(role) },
          { word: "expires", show: ({ expires }) => expires && <Moment time={expires} /> },
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
      {session.role === "admin" && <Users />}
      <Tokens />
    </>
  );
}
