/* trail.c - entries of the audit trail as a list
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/trail.h"

#include <inttypes.h>
#include <stdio.h>

int trail_add(void *context, uint64_t seq, const struct audit_entry *entry,
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

void api_trail(struct api *api, const struct api_request *request, struct audit_filter *filter,
               struct http_answer *answer)
{
    struct error error;
    char next[24] = "";
    filter->limit = api_parameter_number(request, "limit", API_ITEMS_MAX);
    if (!api_cursor(request, &filter->after_seq, answer))
        return;
    struct trail trail = {.json = api_list_begin(answer)};
    int r = audit_list(api->read, filter, trail_add, &trail, &error);
    if (trail.count > 0 && trail.count == filter->limit)
        snprintf(next, sizeof(next), "%" PRIu64, trail.last_seq);
    api_list_end(&trail.json, next);
    api_fail_store(answer, r, &error);
}
