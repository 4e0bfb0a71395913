/* routes_system.c - health, metrics, the audit trail, and the description of the API itself
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/routes.h"
#include "api/trail.h"
#include "api/vitals.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REASONS_MAX_BYTES = 4096 };

/* One reason a line becomes one text each. */
static void reasons_write(struct json *json, const char *text)
{
    json_key(json, "reasons");
    json_array_begin(json);
    while (text && *text) {
        size_t len = strcspn(text, "\n");
        json_text_len(json, text, len);
        text += len + (text[len] == '\n');
    }
    json_array_end(json);
}

/* How long alerts take on average; before there is one of live traffic, how long the last canary
 * did. 0: unknown. */
static int64_t latency_ns(const struct vitals *vitals)
{
    uint64_t count = 0;
    for (unsigned i = 0; i < VITALS_LATENCIES; i++)
        count += vitals->latency.counts[i];
    return count ? vitals->latency.sum_ns / (int64_t)count : vitals->canary_travelled_ns;
}

static void latency_write(const struct api *api, struct json *json)
{
    struct vitals *vitals = api_vitals(api);
    int64_t ns = vitals ? latency_ns(vitals) : 0;
    if (ns > 0)
        json_pair_int(json, "latency_ms", (ns + NS_PER_MS - 1) / NS_PER_MS);
    free(vitals);
}

API_HANDLER(health_show)
{
    (void)request;
    struct buf reasons;
    buf_init(&reasons, REASONS_MAX_BYTES);
    bool running = api->hooks.ready != NULL;
    bool ready = running && api->hooks.ready(api->hooks.arg, &reasons);
    if (!running)
        buf_text(&reasons, "service: it does not run\n");
    struct json json = json_writer(&answer->body);
    json_object_begin(&json);
    json_key(&json, "running");
    json_bool(&json, running);
    json_key(&json, "ready");
    json_bool(&json, ready);
    reasons_write(&json, ready ? NULL : reasons.data);
    latency_write(api, &json);
    json_pair(&json, "version", DNSVIGIL_VERSION);
    json_object_end(&json);
    buf_done(&reasons);
}

API_HANDLER(metrics_show)
{
    (void)request;
    answer->type = "text/plain; version=0.0.4; charset=utf-8";
    if (api->hooks.metrics)
        api->hooks.metrics(api->hooks.arg, &answer->body);
    else
        api_fail(answer, 503, "not_running", "the service does not run");
}

API_HANDLER(openapi_show)
{
    (void)api, (void)request;
    openapi_write(&answer->body);
}

API_HANDLER(audit_show)
{
    const char *newest = api_parameter(request, "newest");
    struct audit_filter filter = {
        .object = api_parameter(request, "object"),
        .actor = api_parameter(request, "actor"),
        .newest_first = newest && strcmp(newest, "true") == 0,
        .since_ns = api_parameter_time(request, "since"),
        .until_ns = api_parameter_time(request, "until"),
    };
    api_trail(api, request, &filter, answer);
}

API_HANDLER(audit_check)
{
    (void)request;
    struct error error;
    uint64_t broken_seq;
    int r = audit_verify(api->read, &broken_seq, &error);
    api_fail_store(answer, r, &error);
    if (r < 0)
        return;
    struct json json = json_writer(&answer->body);
    json_object_begin(&json);
    json_key(&json, "intact");
    json_bool(&json, broken_seq == 0);
    if (broken_seq)
        json_pair_int(&json, "broken_seq", (int64_t)broken_seq);
    json_object_end(&json);
}
