// base.tsx - the small parts every page is made of
// SPDX-License-Identifier: Apache-2.0
import { Component, type ComponentChildren, type JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Failure } from "../api.ts";
import { language, t, told } from "../words.ts";

export function failureText(failure: unknown): string {
  if (failure instanceof Failure) {
    const key = `error_${failure.code}`;
    if (failure.status === 0) return t("offline");
    return told(key) === key ? t("went_wrong", { why: failure.message }) : told(key);
  }
  return t("went_wrong", { why: String(failure) });
}

/** What a request brings: nothing yet, a value, or a failure; `again` asks once more. */
export function useAsked<T>(ask: () => Promise<T>, on: unknown[]) {
  const [state, set] = useState<{ value?: T; failure?: unknown }>({});
  const [turn, again] = useState(0);
  useEffect(() => {
    let gone = false;
    ask().then(
      (value) => gone || set({ value }),
      (failure: unknown) => gone || set((old) => ({ value: old.value, failure })),
    );
    return () => {
      gone = true;
    };
  }, [...on, turn]);
  return { ...state, again: () => again((n) => n + 1) };
}

/** A number that grows every so often, for what is to be asked anew. */
export function useTurns(everyMs: number): number {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTurn((n) => n + 1), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return turn;
}

export function Trouble({ failure, again }: { failure: unknown; again: () => void }) {
  return (
    <p class="trouble" role="alert">
      {failureText(failure)} <button onClick={again}>{t("retry")}</button>
    </p>
  );
}

export const Waiting = () => <p class="waiting" role="status">{t("loading")}</p>;

const marks: Record<string, string> = { Informational: "i", Low: "l", Medium: "m", High: "h" };

/** Shape and word beside the colour: colour alone tells nothing. */
export function Severity({ value }: { value: string }) {
  return <span class={`severity ${marks[value] ?? ""}`}>{told(value)}</span>;
}

export type Health = "good" | "warn" | "bad" | "off";

/** How something fares: a shape and a word beside the colour. */
export function State({ health, children }: { health: Health; children: ComponentChildren }) {
  return <span class={`state ${health}`}>{children}</span>;
}

/** Draws anew only when one of these properties is another one: for what stands there a thousand times. */
export function kept<P extends object>(Show: (props: P) => JSX.Element, on: (keyof P)[]) {
  return class extends Component<P> {
    override shouldComponentUpdate(next: P) {
      return on.some((name) => next[name] !== this.props[name]);
    }
    render() {
      return <Show {...this.props} />;
    }
  };
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** To make a format takes longer than a thousand uses of it. */
function format(timeStyle: "short" | "medium"): Intl.DateTimeFormat {
  const key = language() + timeStyle;
  const made = formats.get(key) ?? new Intl.DateTimeFormat(language(), { dateStyle: "medium", timeStyle });
  formats.set(key, made);
  return made;
}

/** In the user's zone, with the exact UTC time for those who point at it; to the second where `exact`. */
export function Moment({ time, exact }: { time: string; exact?: boolean }) {
  const shown = format(exact ? "medium" : "short").format(new Date(time));
  return <time dateTime={time} title={`${time.slice(0, 19).replace("T", " ")} UTC`}>{shown}</time>;
}

export function Chip({ label, onRemove }: { label: string; onRemove: () => void }) {
  return (
    <span class="chip">
      {label}
      <button class="bare" aria-label={t("remove_filter", { filter: label })} onClick={onRemove}>×</button>
    </span>
  );
}

export function Field({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <label class="field">
      <span>{label}</span>
      {children}
    </label>
  );
}

export function Facts({ children }: { children: ComponentChildren }) {
  return <dl class="facts">{children}</dl>;
}

/** One fact; none where there is nothing to tell. */
export function Fact({ term, children }: { term: string; children: ComponentChildren }) {
  if (children === undefined || children === null || children === "") return null;
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}
