// titles.ts - what detectors are called by people
// SPDX-License-Identifier: Apache-2.0
import { get } from "../api.ts";
import { language } from "../words.ts";
import { useAsked } from "./base.tsx";

interface Kind {
  detector: string;
  alert_type: string;
  title: string;
}

export function useKinds(): Kind[] {
  return useAsked(() => get<{ items: Kind[] }>("/api/v1/detectors", { lang: language() }), []).value?.items ?? [];
}

/** From a detector's slug or id to its title; the same again until the service has told. */
export function useTitles(): (name: string) => string {
  const kinds = useKinds();
  return (name) => kinds.find(({ detector, alert_type }) => name === detector || name === alert_type)?.title ?? name;
}
