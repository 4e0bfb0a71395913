// account.tsx - one's own password, and where one is logged in
// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { ask, type Session } from "../api.ts";
import { Field, Moment } from "../parts/base.tsx";
import { useDoing, valueOf } from "../parts/doing.tsx";
import { List } from "../parts/list.tsx";
import { t, told } from "../words.ts";

const passwordBytesMin = 12;

function Password({ onLogout }: { onLogout: () => void }) {
  const { busy, run, trouble } = useDoing();
  const [differ, setDiffer] = useState(false);
  const change = (event: SubmitEvent) => {
    event.preventDefault();
    const next = valueOf(event, "new");
    setDiffer(next !== valueOf(event, "again"));
    if (next !== valueOf(event, "again")) return;
    run(async () => {
      await ask("PUT", "/api/v1/session/password", { old: valueOf(event, "old"), new: next });
      onLogout();
    });
  };
  return (
    <section>
      <h2>{t("password_change")}</h2>
      <p class="lead">{t("password_text", { count: passwordBytesMin })}</p>
      <form class="stack" onSubmit={change}>
        <Field label={t("password_old")}><input name="old" type="password" required autocomplete="current-password" /></Field>
        <Field label={t("password_new")}>
          <input name="new" type="password" required minLength={passwordBytesMin} autocomplete="new-password" />
        </Field>
        <Field label={t("password_again")}><input name="again" type="password" required autocomplete="new-password" /></Field>
        {differ && <p class="trouble" role="alert">{t("passwords_differ")}</p>}
        {trouble}
        <button class="main" disabled={busy}>{t("password_change")}</button>
      </form>
    </section>
  );
}

interface Login {
  id: string;
  user: string;
  created: string;
  used: string;
  current: boolean;
}

function Logins({ session, onLogout }: { session: Session; onLogout: () => void }) {
  const [turn, setTurn] = useState(0);
  const { busy, run, trouble } = useDoing();
  const end = ({ id, current }: Login) =>
    run(() => ask("DELETE", `/api/v1/sessions/${id}`)).then(() => (current ? onLogout() : setTurn(turn + 1)));
  return (
    <section>
      <h2>{t("sessions")}</h2>
      <p class="lead">{session.role === "admin" ? t("sessions_all_text") : t("sessions_text")}</p>
      {trouble}
      <List<Login>
        path="/api/v1/sessions"
        label={t("sessions")}
        empty={t("nothing_yet")}
        turn={turn}
        columns={[
          { word: "user_name", show: ({ user, current }) => <>{user}{current && <span class="mark">{t("this_one")}</span>}</> },
          { word: "session_began", show: ({ created }) => <Moment time={created} /> },
          { word: "last_used", show: ({ used }) => <Moment time={used} /> },
          { word: "do", show: (row) => <button disabled={busy} onClick={() => end(row)}>{t("session_end")}</button> },
        ]}
      />
    </section>
  );
}

export function AccountPage({ session, onLogout }: { session: Session; onLogout: () => void }) {
  return (
    <>
      <h1>{t("account")}</h1>
      <p>{session.name}, {told(session.role)}</p>
      <Password onLogout={onLogout} />
      <Logins session={session} onLogout={onLogout} />
    </>
  );
}
