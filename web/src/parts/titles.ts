// titles.ts - what detectors are called by people
// SPDX-License-Identifier: Apache-2.0
import { get } from "../api.ts";
import { language } from "../words.ts";
import { useAsked } from "./base.tsx";

/** From a detector's slug to its title; the slug itself until the service has told. */
export function useTitles(): (slug: string) => string {
  const { value } = useAsked(
    () => get<{ items: { detector: string; title: string }[] }>("/api/v1/detectors", { lang: language() }), []);
  const titles = Object.fromEntries(value?.items.map(({ detector, title }) => [detector, title]) ?? []);
  return (slug) => titles[slug] ?? slug;
}
