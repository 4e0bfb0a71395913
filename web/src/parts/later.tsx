// later.tsx - pages that are fetched when they are first shown, so that the first view is small
// SPDX-License-Identifier: Apache-2.0
import type { ComponentType } from "preact";
import { Trouble, useAsked, Waiting } from "./base.tsx";

export function later<P extends object>(fetch: () => Promise<ComponentType<P>>): ComponentType<P> {
  let page: ComponentType<P> | undefined;
  const Fetched = (props: P) => {
    const { value, failure, again } = useAsked(async () => (page ??= await fetch()), []);
    const Page = page ?? value;
    if (Page) return <Page {...props} />;
    return failure === undefined ? <Waiting /> : <Trouble failure={failure} again={again} />;
  };
  return Fetched;
}
