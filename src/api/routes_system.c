/* routes_system.c - health, metrics, the audit trail, and the description of the API itself
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/routes.h"

#include "store/audit.h"

#include <inttypes.h>
#include <stdio.h>
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
    json_key(&json, "ready");
    json_bool(&json, ready);
    reasons_write(&json, ready ? NULL : reasons.data);
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

struct trail {
    struct json json;
    uint64_t last_seq;
    uint64_t count;
};

/* An audit_fn. */
static int trail_add(void *context, uint64_t seq, const struct audit_entry *entry,
                     const uint8_t hash[static AUDIT_HASH_BYTES])
{
    struct trail *trail = context;
    char hex[2 * AUDIT_HASH_BYTES + 1];
    for (unsigned i = 0; i < AUDIT_HASH_BYTES; i++)
        snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    json_object_begin(&trail->json);
    json_pair_int(&trail->json, "seq", (int64_t)seq);
    api_pair_time(&trail->json, "time", entry->time_ns);
    json_pair(&trail->json, "actor", entry->actor);
    json_pair(&trail->json, "action", entry->action);
    json_pair(&trail->json, "object", entry->object);
    json_pair_opt(&trail->json, "from", entry->from);
    json_pair_opt(&trail->json, "to", entry->to);
    json_pair_opt(&trail->json, "reason", entry->reason);
    json_pair_opt(&trail->json, "comment", entry->comment);
    json_pair(&trail->json, "hash", hex);
    json_object_end(&trail->json);
    trail->last_seq = seq;
    trail->count++;
    return 0;
}

API_HANDLER(audit_show)
{
    struct error error;
    struct audit_filter filter = {
        .object = api_parameter(request, "object"),
        .actor = api_parameter(request, "actor"),
        .since_ns = api_parameter_time(request, "since"),
        .until_ns = api_parameter_time(request, "until"),
        .limit = api_parameter_number(request, "limit", API_ITEMS_MAX),
    };
    if (!api_cursor(request, &filter.after_seq, answer))
        return;
    char next[24] = "";
    struct trail trail = {.json = api_list_begin(answer)};
    int r = audit_list(api->read, &filter, trail_add, &trail, &error);
    if (trail.count > 0 && trail.count == filter.limit)
        snprintf(next, sizeof(next), "%" PRIu64, trail.last_seq);
    api_list_end(&trail.json, next);
    api_fail_store(answer, r, &error);
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
