/* lookups.c - what in a response has to be looked up, read ahead of its judgement
 * SPDX-License-Identifier: Apache-2.0 */
#include "enrich/lookups.h"

#include <dnsvigil/indicator.h>
#include <dnsvigil/record.h>

#include <assert.h>
#include <stddef.h>
#include <string.h>

static_assert(offsetof(struct lookup, keys) == sizeof(uint64_t), "one word and the keys");

struct reading {
    const struct intel *intel;
    const struct dns_name *question;
    const struct dns_message *response;
    struct lookups *ret;
};

unsigned labels_shared(const struct dns_name *name, const struct dns_name *other)
{
    unsigned most = name->labels < other->labels ? name->labels : other->labels;
    unsigned shared = 0;
    while (shared + 1 < most &&
           name->hash[name->labels - shared - 1] == other->hash[other->labels - shared - 1])
        shared++;
    return shared;
}

/* Looks for the rarest letter first. */
static bool has_sinkhole(const struct dns_name *name)
{
    static const char word[] = "sinkhole";
    enum { BEFORE_K = 3 };
    const uint8_t *end = name->wire + name->len;
    for (const uint8_t *k = name->wire; (k = memchr(k, word[BEFORE_K], (size_t)(end - k))); k++)
        if (k - name->wire >= BEFORE_K && memcmp(k - BEFORE_K, word, sizeof(word) - 1) == 0)
            return true;
    return false;
}

static struct lookup *lookup_add(struct lookups *lookups, unsigned record, unsigned which,
                                 enum match_field field)
{
    struct lookup *lookup = (struct lookup *)(lookups->words + lookups->used++);
    lookup->record = (uint16_t)record;
    lookup->which = (uint8_t)which;
    lookup->field = (uint8_t)field;
    lookup->key_count = 0;
    lookup->sinkhole = false;
    return lookup;
}

/* Reads the names in one record's data, from the first to number `last`. Returns what it cost. */
static unsigned names_read(struct reading *reading, unsigned record, unsigned last,
                           enum match_field field)
{
    const struct dns_message *response = reading->response;
    struct dns_name name;
    unsigned cost = 0;
    for (unsigned which = 0; which <= last; which++) {
        if (!record_target(response, &response->records[record], which, &name))
            return cost + LOOKUP_COST_BAD;
        unsigned shared = reading->question ? labels_shared(&name, reading->question) : 0;
        struct lookup *lookup = lookup_add(reading->ret, record, which, field);
        lookup->sinkhole = has_sinkhole(&name);
        lookup->key_count = (uint8_t)intel_name_keys(reading->intel, &name, shared, lookup->keys);
        reading->ret->used += lookup->key_count;
        cost += LOOKUP_COST_MIN + name.labels;
    }
    return cost;
}

static unsigned record_read(struct reading *reading, unsigned record)
{
    const struct dns_record *at = &reading->response->records[record];
    struct addr addr;
    switch (at->type) {
    case DNS_TYPE_A:
    case DNS_TYPE_AAAA:
        if (at->section != DNS_SECTION_ANSWER || !record_addr(reading->response, at, &addr))
            return 0;
        if (intel_may_cover(reading->intel, &addr))
            lookup_add(reading->ret, record, 0, MATCH_ADDRESS);
        return LOOKUP_COST_MIN;
    case DNS_TYPE_CNAME:
    case DNS_TYPE_DNAME: return names_read(reading, record, 0, MATCH_CNAME);
    case DNS_TYPE_NS: return names_read(reading, record, 0, MATCH_NS);
    case DNS_TYPE_SOA: return names_read(reading, record, 1, MATCH_SOA);
    default: return 0;
    }
}

void lookups_read(const struct intel *intel, const struct dns_name *question,
                  const struct dns_message *response, struct lookups *ret)
{
    struct reading reading = {intel, question, response, ret};
    unsigned cost = 0, record = 0;
    ret->used = 0;
    for (; record < response->record_count && cost <= LOOKUP_COST_MAX; record++)
        cost += record_read(&reading, record);
    ret->unread = (uint16_t)(response->record_count - record);
}
