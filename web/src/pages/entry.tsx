// entry.tsx - getting in: logging in, or making the first administrator
// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { ask, get } from "../api.ts";
import { failureText, Field, Trouble, useAsked, Waiting } from "../parts/base.tsx";
import { t } from "../words.ts";

interface Props {
  onEntered: () => void;
  preferences: preact.JSX.Element;
}

/** A link may bring the code behind its #, which goes to no server; it does not stay in the history. */
const givenCode = new URLSearchParams(location.hash.slice(1)).get("code") ?? "";
if (givenCode) history.replaceState(null, "", location.pathname);

const valueOf = (form: HTMLFormElement, name: string) => String(new FormData(form).get(name) ?? "");

function EntryForm({ setup, onEntered }: { setup: boolean; onEntered: () => void }) {
  const [trouble, setTrouble] = useState("");
  const [busy, setBusy] = useState(false);
  const enter = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const [name, password] = [valueOf(form, "name"), valueOf(form, "password")];
    if (setup && password !== valueOf(form, "again")) return setTrouble(t("passwords_differ"));
    setBusy(true);
    try {
      if (setup) await ask("POST", "/api/v1/setup", { code: valueOf(form, "code"), name, password });
      await ask("POST", "/api/v1/session", { name, password });
      onEntered();
    } catch (failure) {
      setTrouble(failureText(failure));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={enter}>
      {setup && (
        <Field label={t("setup_code")}>
          <input name="code" required autocomplete="off" spellcheck={false} defaultValue={givenCode} />
        </Field>
      )}
      <Field label={t("user_name")}>
        <input name="name" required autocomplete="username" autocapitalize="none" spellcheck={false} autofocus />
      </Field>
      <Field label={t("password")}>
        <input name="password" type="password" required minLength={setup ? 12 : 1}
          autocomplete={setup ? "new-password" : "current-password"} />
      </Field>
      {setup && (
        <Field label={t("password_again")}>
          <input name="again" type="password" required autocomplete="new-password" />
        </Field>
      )}
      {trouble && <p class="trouble" role="alert">{trouble}</p>}
      <button class="main" disabled={busy}>{setup ? t("setup_do") : t("login")}</button>
    </form>
  );
}

export function EntryPage({ onEntered, preferences }: Props) {
  const { value, failure, again } = useAsked(() => get<{ needed: boolean }>("/api/v1/setup"), []);
  return (
    <main class="entry">
      <h1>{t("product")}</h1>
      {failure ? <Trouble failure={failure} again={again} /> : !value && <Waiting />}
      {value?.needed && <h2>{t("setup_title")}</h2>}
      {value?.needed && <p>{t("setup_text")}</p>}
      {value && <EntryForm setup={value.needed} onEntered={onEntered} />}
      {preferences}
    </main>
  );
}
