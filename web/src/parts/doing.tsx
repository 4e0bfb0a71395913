// doing.tsx - something that is being done: the button waits, and what went wrong is told beside it
// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { failureText } from "./base.tsx";

export function useDoing() {
  const [trouble, setTrouble] = useState("");
  const [busy, setBusy] = useState(false);
  const run = async (work: () => Promise<unknown>) => {
    setBusy(true);
    setTrouble("");
    try {
      await work();
    } catch (failure) {
      setTrouble(failureText(failure));
    } finally {
      setBusy(false);
    }
  };
  return { busy, run, trouble: trouble ? <p class="trouble" role="alert">{trouble}</p> : null };
}

/** The field of a form that was submitted. */
export const valueOf = (event: SubmitEvent, name: string) =>
  String(new FormData(event.currentTarget as HTMLFormElement).get(name) ?? "");
