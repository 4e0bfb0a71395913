// evidence.tsx - why an alert was raised: numbers against their limits, and what each kind of evidence has
// SPDX-License-Identifier: Apache-2.0
import { useMemo } from "preact/hooks";
import { type Alert, type Evidence, type Feature, get, type Indicator, type Point, type Signature, type Tunnel } from "../api.ts";
import { language, t, whole } from "../words.ts";
import { Fact, Facts, Moment, useAsked } from "./base.tsx";
import { Plot } from "./plot.tsx";
import { term } from "./terms.ts";

export const number = (value: number) => value.toLocaleString(language(),
  value !== 0 && Math.abs(value) < 1e-4 ? { notation: "scientific", maximumSignificantDigits: 2 } : { maximumSignificantDigits: 4 });

/** A number with its unit: seconds in the largest unit that fits, shares of one in words of their own. */
export function measured(value: number, unit = ""): string {
  const steps: [number, string][] = [[86400, "day"], [3600, "hour"], [60, "minute"]];
  const [size, name] = steps.find(([size]) => unit === "s" && value >= 2 * size) ?? [1, "second"];
  if (unit === "s")
    return (value / size).toLocaleString(language(), { style: "unit", unit: name, unitDisplay: "long", maximumSignificantDigits: 3 });
  return unit ? `${number(value)} ${term("unit", unit)}` : number(value);
}

/** The measured value as a bar, the threshold as a line across it; the same in words beside it. */
function FeatureBar({ feature }: { feature: Feature }) {
  const most = Math.max(Math.abs(feature.value), Math.abs(feature.threshold)) || 1;
  const width = (value: number) => `${Math.min(100, (100 * Math.abs(value)) / (most * 1.1))}`;
  return (
    <tr>
      <th scope="row">{term("feature", feature.name)}<span class="summary">{term("meaning", feature.name)}</span></th>
      <td class="number">{measured(feature.value, feature.unit)}</td>
      <td class="number">{measured(feature.threshold, feature.unit)}</td>
      <td aria-hidden="true">
        <svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none">
          <rect class="value" width={width(feature.value)} height="10" />
          <rect class="threshold" x={width(feature.threshold)} width="0.8" height="10" />
        </svg>
      </td>
    </tr>
  );
}

function Features({ features }: { features: Feature[] }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t("why")}>
      <table class="features">
        <thead><tr><th>{t("feature")}</th><th class="number">{t("measured")}</th><th class="number">{t("threshold")}</th><td /></tr></thead>
        <tbody>{features.map((feature) => <FeatureBar key={feature.name} feature={feature} />)}</tbody>
      </table>
    </div>
  );
}

interface Feed {
  name: string;
  licence?: string;
  entries?: number;
  fetched?: string;
}

function IndicatorFacts({ indicator }: { indicator: Indicator }) {
  const { value } = useAsked(() => get<{ items: Feed[] }>("/api/v1/feeds"), []);
  const feed = value?.items.find(({ name }) => name === indicator.feed);
  return (
    <>
      <h3>{t("indicator")}</h3>
      <Facts>
        <Fact term={t("matched")}><span class="data">{indicator.matched}</span> ({term("field", indicator.field)})</Fact>
        <Fact term={t("category")}>{term("category", indicator.category)}</Fact>
        <Fact term={t("feed")}>{indicator.feed}{feed ? "" : ` (${t("built_in")})`}</Fact>
        <Fact term={t("entry")}>{indicator.entry && <code>{indicator.entry}</code>}</Fact>
        <Fact term={t("licence")}>{feed?.licence}</Fact>
        <Fact term={t("fetched")}>{feed?.fetched && <Moment time={feed.fetched} />}</Fact>
        <Fact term={t("confidence")}>{`${indicator.confidence} %`}</Fact>
      </Facts>
    </>
  );
}

/** References are kind,what; those that name a page can be opened. */
function Reference({ text }: { text: string }) {
  const [kind, ...rest] = text.split(",");
  const what = rest.join(",");
  const address = kind === "url" ? `https://${what.replace(/^https?:\/\//, "")}`
    : kind === "cve" ? `https://www.cve.org/CVERecord?id=CVE-${what.replace(/^CVE-/i, "")}` : "";
  if (!address) return <span class="data">{text}</span>;
  return <a class="data" href={address} target="_blank" rel="noreferrer noopener">{kind === "cve" ? `CVE-${what.replace(/^CVE-/i, "")}` : what}</a>;
}

function SignatureFacts({ signature }: { signature: Signature }) {
  return (
    <>
      <h3>{t("rule")}</h3>
      <Facts>
        <Fact term={t("rule_number")}>{`${signature.gid}:${signature.sid}`} ({t("revision", { count: signature.rev })})</Fact>
        <Fact term={t("message")}>{signature.msg}</Fact>
        <Fact term={t("rule_class")}>{signature.classtype}</Fact>
        <Fact term={t("found_in")}>{term("side", signature.side)}</Fact>
        <Fact term={t("matched")}>
          {signature.matched && <ul class="plain">{signature.matched.map((line) => <li key={line} class="data">{line}</li>)}</ul>}
        </Fact>
        <Fact term={t("rule_place")}><span class="data">{signature.place}</span></Fact>
        <Fact term={t("references")}>
          {signature.references && <ul class="plain">{signature.references.map((one) => <li key={one}><Reference text={one} /></li>)}</ul>}
        </Fact>
        <Fact term={t("rules_also")}>
          {signature.others && <ul class="plain">{signature.others.map((one) => <li key={one}>{one}</li>)}</ul>}
        </Fact>
      </Facts>
      {signature.text && <details open><summary>{t("rule_text")}</summary><pre class="diff wrap" tabIndex={0}>{signature.text}</pre></details>}
    </>
  );
}

const ways = [{ colour: "--high" }, { colour: "--accent", dash: [6, 4] }];

/** What had been carried by then, both ways. */
function TunnelCurve({ tunnel }: { tunnel: Tunnel }) {
  const points = useMemo((): Point[] => {
    const start = tunnel.first_seen && tunnel.first_seen < (tunnel.points?.[0]?.time ?? "") ? [{ time: tunnel.first_seen, bytes_up: 0, bytes_down: 0 }] : [];
    return [...start, ...(tunnel.points ?? [])];
  }, [tunnel]);
  const data = useMemo((): [number[], number[], number[]] =>
    [points.map(({ time }) => Date.parse(time) / 1000), points.map((p) => p.bytes_up), points.map((p) => p.bytes_down)], [points]);
  if (points.length < 2) return null;
  return (
    <>
      <h3>{t("bytes_over_time")}</h3>
      <p class="quiet"><span class="key high" aria-hidden="true" /> {t("bytes_up")} <span class="key dashed" aria-hidden="true" /> {t("bytes_down")}</p>
      <Plot label={t("bytes_over_time")} data={data} lines={ways}>
        <thead><tr><th>{t("time")}</th><th class="number">{t("bytes_up")}</th><th class="number">{t("bytes_down")}</th></tr></thead>
        <tbody>
          {points.map(({ time, bytes_up, bytes_down }) => (
            <tr key={time}>
              <td>{new Date(time).toLocaleString(language(), { dateStyle: "short", timeStyle: "medium" })}</td>
              <td class="number">{whole(Math.round(bytes_up))}</td>
              <td class="number">{whole(Math.round(bytes_down))}</td>
            </tr>
          ))}
        </tbody>
      </Plot>
    </>
  );
}

function TunnelFacts({ tunnel }: { tunnel: Tunnel }) {
  return (
    <>
      <h3>{t("tunnel")}</h3>
      <Facts>
        <Fact term={t("bytes_up")}>{measured(tunnel.bytes_up, "B")}</Fact>
        <Fact term={t("bytes_down")}>{measured(tunnel.bytes_down, "B")}</Fact>
        <Fact term={t("tunnel_rate")}>{tunnel.rate && t("bytes_per_second", { bytes: number(tunnel.rate) })}</Fact>
        <Fact term={t("queries")}>{whole(tunnel.queries)}</Fact>
        <Fact term={t("unique_names")}>{whole(tunnel.unique_names)}</Fact>
        <Fact term={t("interval")}>{tunnel.interval_s !== undefined && measured(tunnel.interval_s, "s")}</Fact>
        <Fact term={t("qtype")}>{tunnel.qtype}</Fact>
        <Fact term={t("label_max")}>{tunnel.label_max && measured(tunnel.label_max, "B")}</Fact>
        <Fact term={t("tool")}>{tunnel.tool ?? t("unknown")}</Fact>
        <Fact term={t("encoding")}>{tunnel.encoding ? term("encoding", tunnel.encoding) : t("unknown")}</Fact>
        <Fact term={t("decoded")}>{tunnel.decoded && <code>{tunnel.decoded}</code>}</Fact>
      </Facts>
      <TunnelCurve tunnel={tunnel} />
    </>
  );
}

function Burst({ burst }: { burst: NonNullable<Evidence["burst"]> }) {
  const row = (name: string, score: number | undefined, found: boolean) => (
    <tr key={name}>
      <td class="data">{name}</td>
      <td class="number">{score === undefined ? "" : score.toFixed(1)}</td>
      <td>{found ? t("exists") : t("exists_not")}</td>
    </tr>
  );
  return (
    <>
      <h3>{t("burst")}</h3>
      <Facts>
        <Fact term={t("names_failed")}>{whole(burst.names)}</Fact>
        <Fact term={t("share_failed")}>{`${number(100 * burst.nxdomain_share)} %`}</Fact>
        <Fact term={t("window")}>{measured(burst.window_s, "s")}</Fact>
        <Fact term={t("mean_score")}>{burst.mean_score.toFixed(1)}</Fact>
        <Fact term={t("length_spread")}>{number(burst.length_stddev)}</Fact>
        <Fact term={t("tlds")}>{burst.tlds}</Fact>
      </Facts>
      <p class="quiet">{t("score_meaning")}</p>
      <div class="scroll short" tabIndex={0} role="region" aria-label={t("burst")}>
        <table>
          <thead><tr><th>{t("domain")}</th><th class="number">{t("score")}</th><th>{t("found")}</th></tr></thead>
          <tbody>
            {burst.resolved?.map((name) => row(name, undefined, true))}
            {burst.samples.map((name, index) => row(name, burst.scores?.[index], false)).reverse()}
          </tbody>
        </table>
      </div>
    </>
  );
}

function RandomFacts({ random }: { random: NonNullable<Evidence["random"]> }) {
  return (
    <>
      <h3>{t("random")}</h3>
      <Facts>
        <Fact term={t("score")}>{random.score.toFixed(1)}</Fact>
        <Fact term={t("benign_share")}>{`${number(100 * random.benign_share)} %`}</Fact>
        <Fact term={t("more_domains")}>{random.more_domains}</Fact>
        <Fact term={t("pieces")}>
          {random.pieces && <ul class="plain">{random.pieces.map(({ text, weight }) => <li key={text}><code>{text}</code> +{weight.toFixed(1)}</li>)}</ul>}
        </Fact>
      </Facts>
      <p class="quiet">{t("score_meaning")}</p>
    </>
  );
}

function LookalikeFacts({ lookalike }: { lookalike: NonNullable<Evidence["lookalike"]> }) {
  return (
    <>
      <h3>{t("lookalike")}</h3>
      <Facts>
        <Fact term={t("brand")}>{lookalike.brand}</Fact>
        <Fact term={t("likeness")}>{term("likeness", lookalike.technique)}</Fact>
        <Fact term={t("skeleton")}><span class="data">{lookalike.skeleton}</span></Fact>
        <Fact term={t("edits")}>{lookalike.distance}</Fact>
        <Fact term={t("signs")}>
          {lookalike.signs && <ul class="plain">{lookalike.signs.map((sign) => <li key={sign}>{term("sign", sign)}</li>)}</ul>}
        </Fact>
      </Facts>
    </>
  );
}

function AnomalyFacts({ anomaly, summary }: { anomaly: NonNullable<Evidence["anomaly"]>; summary: string }) {
  const bytes = anomaly.start?.match(/../g) ?? [];
  const printed = bytes.map((hex) => parseInt(hex, 16)).map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "."));
  const rows = Array.from({ length: Math.ceil(bytes.length / 16) }, (_, row) =>
    `${(16 * row).toString(16).padStart(4, "0")}  ${bytes.slice(16 * row, 16 * row + 16).join(" ").padEnd(47)}  ${printed.slice(16 * row, 16 * row + 16).join("")}`);
  return (
    <>
      <h3>{t("anomaly")}</h3>
      <Facts>
        <Fact term={t("what_is_odd")}>{summary}</Fact>
        <Fact term={t("standard")}>{anomaly.reference}</Fact>
        <Fact term={t("protocol")}>{anomaly.protocol}</Fact>
        <Fact term={t("found_in")}>{term("side", anomaly.side)}</Fact>
        <Fact term={t("header")}>{anomaly.header && <span class="data">{anomaly.header}</span>}</Fact>
        <Fact term={t("message_bytes")}>{whole(anomaly.bytes)}</Fact>
        <Fact term={t("damage_at")}>{anomaly.damage_at}</Fact>
      </Facts>
      {rows.length > 0 && (
        <>
          <h4>{t("first_bytes", { count: bytes.length })}</h4>
          <pre class="diff" tabIndex={0}>{rows.join("\n")}</pre>
        </>
      )}
    </>
  );
}

export function Why({ alert }: { alert: Alert }) {
  const { evidence } = alert;
  return (
    <section>
      <h2>{t("why")}</h2>
      <p class="lead">{evidence.summary}</p>
      {evidence.features?.length > 0 && <Features features={evidence.features} />}
      {evidence.indicator && <IndicatorFacts indicator={evidence.indicator} />}
      {evidence.rule && <SignatureFacts signature={evidence.rule} />}
      {evidence.tunnel && <TunnelFacts tunnel={evidence.tunnel} />}
      {evidence.burst && <Burst burst={evidence.burst} />}
      {evidence.random && <RandomFacts random={evidence.random} />}
      {evidence.lookalike && <LookalikeFacts lookalike={evidence.lookalike} />}
      {evidence.anomaly && <AnomalyFacts anomaly={evidence.anomaly} summary={evidence.summary} />}
      <h3>{t("benign_if")}</h3>
      <p class="lead">{evidence.benign_if}</p>
    </section>
  );
}
