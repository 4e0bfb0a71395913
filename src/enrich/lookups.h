/* lookups.h - what in a response has to be looked up, read ahead of its judgement
 * SPDX-License-Identifier: Apache-2.0
 *
 * Of a name only the keys are kept by which lists may know it: hardly any does, and one that may is
 * read once more. Of addresses only those are kept that lie near a listed one. */
#pragma once

#include "intel/intel.h"

#include <dnsvigil/dns.h>

enum {
    LOOKUP_COST_MIN = 4,   /* of one look-up, in labels */
    LOOKUP_COST_BAD = 64,  /* of a name that led nowhere */
    LOOKUP_COST_MAX = 512, /* of one response: 13 name servers and 100 addresses, say */
    /* None takes more words than it costs, and the last record may have two names. */
    LOOKUP_WORDS_MAX = LOOKUP_COST_MAX + 2 * (LOOKUP_COST_MIN + NAME_LABELS_MAX),
};

/* A name or an address. */
struct lookup {
    uint16_t record;
    uint8_t which; /* of the record's names */
    uint8_t field; /* enum match_field */
    uint8_t key_count;
    bool sinkhole; /* the word stands in the name */
    uint64_t keys[];
};

/* In the order of the records. */
struct lookups {
    uint16_t unread; /* records beyond the budget */
    uint16_t used;   /* of words */
    uint64_t words[LOOKUP_WORDS_MAX];
};

/* Fills *ret, as far as the budget goes: 292 aliases of 127 labels fit into one UDP message, and
 * nobody answers like that. Starts loading what intel_may_know() will read of it. Of the labels a
 * name shares with `question` (NULL: none), whose hashes must be there, keys are left out: they are
 * for who knows that the lists know nothing of the question. */
void lookups_read(const struct intel *intel, const struct dns_name *question,
                  const struct dns_message *response, struct lookups *ret);

/* How many of the last labels a name shares with another. Never all of either, for there may be
 * entries for one of them alone. */
unsigned labels_shared(const struct dns_name *name, const struct dns_name *other);

/* Them one after the other, from lookups_first() until lookups_end(). */
static inline const struct lookup *lookups_first(const struct lookups *lookups)
{
    return (const struct lookup *)lookups->words;
}

static inline const struct lookup *lookups_end(const struct lookups *lookups)
{
    return (const struct lookup *)(lookups->words + lookups->used);
}

static inline const struct lookup *lookup_next(const struct lookup *lookup)
{
    return (const struct lookup *)(lookup->keys + lookup->key_count);
}
