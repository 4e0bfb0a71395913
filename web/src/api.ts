// api.ts - what the service is asked for: one function for requests, one for its events
// SPDX-License-Identifier: Apache-2.0

/** What went wrong, in the service's words; status 0 when it did not answer at all. */
export class Failure extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export type Query = Record<string, string | number | undefined>;

export function query(parameters: Query): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== "");
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text && `?${text}`;
}

let onLeave: () => void = () => {};

/** Called when the session is over, whichever request finds out. */
export function whenLoggedOut(call: () => void): void {
  onLeave = call;
}

export async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Failure(0, "offline", "");
  }
  const text = await response.text();
  const json = text && response.headers.get("Content-Type")?.includes("json") ? JSON.parse(text) : {};
  if (response.ok) return json as T;
  if (response.status === 401 && method + path !== "POST/api/v1/session") onLeave();
  throw new Failure(response.status, json.error?.code ?? "", json.error?.message ?? response.statusText);
}

export const get = <T>(path: string, parameters: Query = {}) => ask<T>("GET", path + query(parameters));

/** Calls for each alert that changes, until the returned function is called. What changes before
 * `begun` is not told. */
export function follow(each: (id: string, revision: number) => void, begun?: () => void): () => void {
  const source = new EventSource("/api/v1/events");
  if (begun) source.addEventListener("open", begun);
  source.addEventListener("alert", (event) => {
    const change = JSON.parse((event as MessageEvent<string>).data);
    each(change.id, change.revision);
  });
  return () => source.close();
}

// The native record, as docs/schema/alert.schema.json describes it; what the pages use of it.
export interface Sample {
  time: string;
  qname: string;
  qtype: string;
  rcode?: string;
  answers?: string[];
}

export interface Feature {
  name: string;
  value: number;
  threshold: number;
  unit?: string;
}

export interface Indicator {
  feed: string;
  entry?: string;
  category: string;
  confidence: number;
  matched: string;
  field: string;
}

export interface Signature {
  gid: number;
  sid: number;
  rev: number;
  msg?: string;
  classtype?: string;
  place: string; // file:line
  text?: string;
  side: string;
  matched?: string[];
  references?: string[];
  tactics?: string[];
  techniques?: string[];
  others?: string[];
}

export interface Point {
  time: string;
  bytes_up: number;
  bytes_down: number;
}

export interface Tunnel {
  bytes_up: number;
  bytes_down: number;
  queries: number;
  unique_names: number;
  qtype: string;
  first_seen?: string;
  rate?: number;
  interval_s?: number;
  label_max?: number;
  encoding?: string;
  tool?: string;
  decoded?: string;
  points?: Point[];
}

export interface Evidence {
  summary: string;
  features: Feature[];
  samples: Sample[];
  benign_if: string;
  indicator?: Indicator;
  rule?: Signature;
  tunnel?: Tunnel;
  burst?: {
    names: number; nxdomain_share: number; window_s: number; mean_score: number; length_stddev: number; tlds: number;
    samples: string[]; scores?: number[]; resolved?: string[];
  };
  random?: { score: number; benign_share: number; more_domains?: number; pieces?: { text: string; weight: number }[] };
  lookalike?: { brand?: string; technique: string; skeleton: string; distance: number; signs?: string[] };
  anomaly?: {
    code: string; reference: string; text: string; protocol?: string; side: string; header?: string; bytes: number;
    damage_at?: number; start?: string;
  };
}

export interface Alert {
  id: string;
  revision: number;
  alert_type: string;
  detector: string;
  title: string;
  description: string;
  severity: string;
  status: string;
  disposition?: string;
  tactic: string;
  techniques: string[];
  start: string;
  end: string;
  generated?: string;
  count: number;
  sensor?: string;
  compromised_entity: string;
  entity: { ip: string; name?: string; owner?: string; email?: string; tags?: string[] };
  resolver?: { ip: string };
  domain?: string;
  assignee?: string;
  feedback?: { value: string; reason?: string };
  incidents?: string[];
  suppressed_by?: string;
  sample?: boolean;
  retroactive?: boolean;
  preview?: boolean;
  evidence: Evidence;
  prevalence?: { clients: number; first_seen: string; last_seen: string };
  response?: { compromised?: boolean; contact?: { state: string }; steps: { id: string; text: string }[] };
}

export interface Session {
  name: string;
  role: "viewer" | "analyst" | "admin";
  language?: "en" | "ja";
}

export interface Page<T> {
  items: T[];
  next?: string;
}
