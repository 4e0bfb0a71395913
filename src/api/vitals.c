/* vitals.c - how the running program fares, as metrics, as reasons for alarm and as a line of text
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/vitals.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/pulse.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct named {
    const char *name;
    const char *text;
};

static const struct named counters[METRIC_COUNT] = {
#define METRIC(id, slug, text) {slug, text},
#include <dnsvigil/metrics.def>
#undef METRIC
};

static const char *const rejects[REJECT_COUNT] = {
#define REJECT(id, slug, text) slug,
#include <dnsvigil/reject.def>
#undef REJECT
};

static const char *const malformed[MALFORMED_COUNT] = {
    [MALFORMED_NONE] = "none",
#define MALFORMED(id, slug, text) [MALFORMED_##id] = slug,
#include <dnsvigil/malformed.def>
#undef MALFORMED
};

static double age_s(const struct vitals *vitals, int64_t time_ns)
{
    return time_ns ? (double)(vitals->now_ns - time_ns) / NS_PER_S : -1;
}

/* The reasons are optional. */
static void reason_add(struct buf *reasons, bool *ready, const char *what, const char *why)
{
    *ready = false;
    if (reasons)
        buf_printf(reasons, "%s: %s\n", what, why);
}

static bool is_stale(const struct vitals *vitals)
{
    int64_t since_ns = vitals->probed_ns ? vitals->probed_ns : vitals->started_ns;
    return vitals->now_ns - since_ns > VITALS_PROBE_MAX_S * NS_PER_S;
}

/* A pulse_late_fn. */
static void late_add(void *arg, const char *name, int64_t since_ns)
{
    struct vitals *vitals = arg;
    if (vitals->late_count == VITALS_LATE_MAX)
        return;
    struct vitals_late *late = &vitals->late[vitals->late_count++];
    snprintf(late->name, sizeof(late->name), "%s", name);
    late->since_ns = since_ns;
}

void vitals_threads_look(struct vitals *vitals)
{
    vitals->threads = (unsigned)pulse_count();
    vitals->late_count = 0;
    pulse_late(VITALS_BEAT_MAX_S * NS_PER_S, late_add, vitals);
}

bool vitals_is_alive(const struct vitals *vitals, struct buf *reasons)
{
    bool alive = true;
    for (unsigned i = 0; i < vitals->late_count; i++) {
        char why[64];
        snprintf(why, sizeof(why), "stands still for %.0f s",
                 (double)vitals->late[i].since_ns / NS_PER_S);
        reason_add(reasons, &alive, vitals->late[i].name, why);
    }
    if (alive && is_stale(vitals) && !vitals->store_failing)
        reason_add(reasons, &alive, "threads", "one of those that judge traffic stands still");
    return alive;
}

static unsigned broken_count(const struct vitals *vitals)
{
    unsigned count = 0;
    for (unsigned i = 0; i < vitals->source_count; i++)
        count += vitals->sources[i].broken;
    return count;
}

static bool is_canary_lost(const struct vitals *vitals)
{
    return vitals->canary_sent_ns &&
           vitals->now_ns - vitals->canary_sent_ns > VITALS_CANARY_MAX_S * NS_PER_S;
}

bool vitals_is_ready(const struct vitals *vitals, struct buf *reasons)
{
    bool ready = true;
    if (vitals->source_count == 0)
        reason_add(reasons, &ready, "sources", "there are none");
    for (unsigned i = 0; i < vitals->source_count; i++)
        if (vitals->sources[i].broken)
            reason_add(reasons, &ready, vitals->sources[i].name, "it can be read no more");
    if (vitals->indicators == 0)
        reason_add(reasons, &ready, "lists", "none is loaded");
    if (vitals->store_failing)
        reason_add(reasons, &ready, "store", "it does not take alerts");
    if (is_canary_lost(vitals))
        reason_add(reasons, &ready, "canary", "it was sent and has not come back as an alert");
    return vitals_is_alive(vitals, reasons) && ready;
}

static void head(struct buf *buf, const char *name, const char *type, const char *text)
{
    buf_printf(buf, "# HELP dnsvigil_%s %s\n# TYPE dnsvigil_%s %s\n", name, text, name, type);
}

static void counter(struct buf *buf, const char *name, const char *text, uint64_t value)
{
    buf_printf(buf, "# HELP dnsvigil_%s_total %s\n# TYPE dnsvigil_%s_total counter\n", name, text,
               name);
    buf_printf(buf, "dnsvigil_%s_total %" PRIu64 "\n", name, value);
}

static void gauge(struct buf *buf, const char *name, const char *text, double value)
{
    head(buf, name, "gauge", text);
    buf_printf(buf, "dnsvigil_%s %.15g\n", name, value);
}

static void reasons_write(struct buf *buf, const char *name, const char *text,
                          const char *const *slugs, const uint64_t *values, unsigned first,
                          unsigned count)
{
    head(buf, name, "counter", text);
    for (unsigned i = first; i < count; i++) {
        buf_printf(buf, "dnsvigil_%s{reason=\"%s\"} %" PRIu64 "\n", name, slugs[i], values[i]);
    }
}

const int64_t vitals_latency_limits_ns[VITALS_LATENCIES - 1] = {
    10 * NS_PER_MS, 50 * NS_PER_MS, 100 * NS_PER_MS, 500 * NS_PER_MS, NS_PER_S,
    2 * NS_PER_S,   5 * NS_PER_S,   10 * NS_PER_S,   60 * NS_PER_S};

static void latency_write(const struct vitals_latency *latency, struct buf *buf)
{
    uint64_t count = 0;
    head(buf, "detection_latency_seconds", "histogram",
         "time from the event that raised an alert until the alert was stored");
    for (unsigned i = 0; i < VITALS_LATENCIES; i++) {
        count += latency->counts[i];
        if (i < VITALS_LATENCIES - 1)
            buf_printf(buf, "dnsvigil_detection_latency_seconds_bucket{le=\"%.15g\"} %" PRIu64 "\n",
                       (double)vitals_latency_limits_ns[i] / NS_PER_S, count);
    }
    buf_printf(buf,
               "dnsvigil_detection_latency_seconds_bucket{le=\"+Inf\"} %" PRIu64
               "\ndnsvigil_detection_latency_seconds_sum %.15g"
               "\ndnsvigil_detection_latency_seconds_count %" PRIu64 "\n",
               count, (double)latency->sum_ns / NS_PER_S, count);
}

/* One line of a metric with a label whose value comes from the configuration. */
static void labelled(struct buf *buf, const char *name, const char *label, const char *text,
                     double value)
{
    buf_printf(buf, "dnsvigil_%s{%s=\"", name, label);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            buf_char(buf, '\\');
        if (*text == '\n')
            buf_text(buf, "\\n");
        else
            buf_char(buf, *text);
    }
    buf_printf(buf, "\"} %.15g\n", value);
}

static void feeds_write(const struct vitals *vitals, struct buf *buf)
{
    head(buf, "feed_entries", "gauge", "entries of a list in force");
    for (unsigned i = 0; i < vitals->feed_count; i++)
        labelled(buf, "feed_entries", "feed", vitals->feeds[i].name,
                 (double)vitals->feeds[i].entries);
    head(buf, "feed_age_seconds", "gauge", "time since a list was last known to be the newest");
    for (unsigned i = 0; i < vitals->feed_count; i++)
        if (vitals->feeds[i].fetched_ns)
            labelled(buf, "feed_age_seconds", "feed", vitals->feeds[i].name,
                     age_s(vitals, vitals->feeds[i].fetched_ns));
}

/* Of each source what it or its reader has counted: other counters are of all sources together. */
static void sources_write(const struct vitals *vitals, struct buf *buf)
{
    head(buf, "source_broken", "gauge", "1 when a source can be read no more");
    for (unsigned i = 0; i < vitals->source_count; i++)
        labelled(buf, "source_broken", "source", vitals->sources[i].name,
                 vitals->sources[i].broken);
    for (unsigned m = 0; m < METRIC_COUNT; m++) {
        char name[96];
        uint64_t sum = 0;
        for (unsigned i = 0; i < vitals->source_count; i++)
            sum += vitals->sources[i].metrics.value[m];
        if (sum == 0)
            continue;
        snprintf(name, sizeof(name), "source_%s_total", counters[m].name);
        head(buf, name, "counter", counters[m].text);
        for (unsigned i = 0; i < vitals->source_count; i++)
            labelled(buf, name, "source", vitals->sources[i].name,
                     (double)vitals->sources[i].metrics.value[m]);
    }
}

static void exports_write(const struct vitals *vitals, struct buf *buf)
{
    if (vitals->export_count == 0)
        return;
#define EXPORT_METRIC(slug, type, value, text)                                                     \
    head(buf, "export_" slug, type, text);                                                         \
    for (unsigned i = 0; i < vitals->export_count; i++) {                                          \
        const struct vitals_export *export = &vitals->exports[i];                                  \
        labelled(buf, "export_" slug, "export", export->name, value);                              \
    }
#include "api/export_metrics.def"
#undef EXPORT_METRIC
}

static void rings_write(const struct vitals *vitals, struct buf *buf)
{
    head(buf, "ring_batches", "gauge", "batches of messages that wait for a shard");
    for (unsigned i = 0; i < vitals->shards && i < VITALS_SHARDS_MAX; i++)
        buf_printf(buf, "dnsvigil_ring_batches{shard=\"%u\"} %u\n", i, vitals->ring_depths[i]);
}

void vitals_metrics(const struct vitals *vitals, struct buf *buf)
{
    head(buf, "build_info", "gauge", "always 1; the label tells the version");
    buf_text(buf, "dnsvigil_build_info{version=\"" DNSVIGIL_VERSION "\"} 1\n");
#define GAUGE(name, value, text) gauge(buf, name, text, value);
#include "api/gauges.def"
#undef GAUGE
    counter(buf, "reloads", "times a configuration was taken over", vitals->reloads);
    counter(buf, "reloads_refused", "times a configuration was refused and the old one stayed",
            vitals->reloads_refused);
    for (unsigned i = 0; i < METRIC_COUNT; i++)
        counter(buf, counters[i].name, counters[i].text, vitals->metrics.value[i]);
    latency_write(&vitals->latency, buf);
    feeds_write(vitals, buf);
    sources_write(vitals, buf);
    rings_write(vitals, buf);
    exports_write(vitals, buf);
    reasons_write(buf, "rejected_total", "frames that carried no DNS message for us", rejects,
                  vitals->metrics.rejected, 0, REJECT_COUNT);
    reasons_write(buf, "malformed_total", "DNS messages that could not be read to their end",
                  malformed, vitals->metrics.malformed, MALFORMED_NONE + 1, MALFORMED_COUNT);
}

void vitals_line(const struct vitals *vitals, struct buf *buf)
{
    char time[TIME_TEXT_MAX];
    struct json json = json_writer(buf);
    time_format(vitals->now_ns, time);
    json_object_begin(&json);
    json_pair(&json, "time", time);
    json_pair(&json, "event", "stats");
    json_key(&json, "ready");
    json_bool(&json, vitals_is_ready(vitals, NULL));
    for (unsigned i = 0; i < METRIC_COUNT; i++)
        if (vitals->metrics.value[i])
            json_pair_int(&json, counters[i].name, (int64_t)vitals->metrics.value[i]);
    for (unsigned i = 0; i < REJECT_COUNT; i++) {
        if (!vitals->metrics.rejected[i])
            continue;
        char name[64] = "rejected_";
        strncat(name, rejects[i], sizeof(name) - strlen(name) - 1);
        json_pair_int(&json, name, (int64_t)vitals->metrics.rejected[i]);
    }
    json_object_end(&json);
    buf_char(buf, '\n');
}
