/* trail.h - entries of the audit trail as a list
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "api/api.h"
#include "store/audit.h"

/* A list that is being written; start from api_list_begin(). */
struct trail {
    struct json json;
    uint64_t last_seq;
    uint64_t count;
};

/* An audit_fn for a struct trail. */
int trail_add(void *context, uint64_t seq, const struct audit_entry *entry,
              const uint8_t hash[static AUDIT_HASH_BYTES]);

/* A page of the entries that the filter leaves as the whole answer, oldest first, behind `cursor`
 * and up to `limit` of the query. */
void api_trail(struct api *api, const struct api_request *request, struct audit_filter *filter,
               struct http_answer *answer);
