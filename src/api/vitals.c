/* vitals.c - how the running program fares, as metrics, as reasons for alarm and as a line of text
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/vitals.h"

#include "base/clock.h"
#include "base/json.h"

#include <inttypes.h>
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

bool vitals_is_ready(const struct vitals *vitals, struct buf *reasons)
{
    bool ready = true;
    if (vitals->sources == 0)
        reason_add(reasons, &ready, "sources", "there are none");
    if (vitals->sources_broken > 0)
        reason_add(reasons, &ready, "sources", "not all of them can be read");
    if (vitals->indicators == 0)
        reason_add(reasons, &ready, "lists", "none is loaded");
    if (vitals->store_failing)
        reason_add(reasons, &ready, "store", "it does not take alerts");
    if (is_stale(vitals))
        reason_add(reasons, &ready, "threads", "one of those that judge traffic stands still");
    return ready;
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
