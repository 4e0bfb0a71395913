// route.ts - which page is shown, and its parameters, as the address bar has them
// SPDX-License-Identifier: Apache-2.0
import { useLayoutEffect, useState } from "preact/hooks";

export interface Place {
  path: string;
  parameters: URLSearchParams;
}

const here = (): Place => ({ path: location.pathname, parameters: new URLSearchParams(location.search) });

/** Goes to a page of ours; `replace` leaves no step to come back to. */
export function go(to: string, replace = false): void {
  history[replace ? "replaceState" : "pushState"](null, "", to);
  dispatchEvent(new PopStateEvent("popstate"));
}

/** Links of ours are followed without loading the program anew. */
function onClick(event: MouseEvent): void {
  const link = (event.target as Element | null)?.closest?.("a[href^='/']") as HTMLAnchorElement | null;
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || link.target || link.hasAttribute("download")) return;
  event.preventDefault();
  go(link.getAttribute("href")!);
}

export function usePlace(): Place {
  const [place, set] = useState(here);
  useLayoutEffect(() => { // what is chosen at once, before the first paint, counts, too
    const move = () => set(here());
    addEventListener("popstate", move);
    document.addEventListener("click", onClick);
    return () => {
      removeEventListener("popstate", move);
      document.removeEventListener("click", onClick);
    };
  }, []);
  return place;
}
