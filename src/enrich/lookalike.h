/* lookalike.h - finds what in a name looks like a brand that it does not belong to
 * SPDX-License-Identifier: Apache-2.0
 *
 * Says how a name looks, not what it is for: fan sites and resellers borrow names, too. Detectors
 * ask for further signs. */
#pragma once

#include "base/lines.h"
#include "enrich/brands.h"

#include <dnsvigil/detector.h>
#include <dnsvigil/lookalike.h>

/* The strongest likeness in the question, or false. The brand's own domains are like nobody. Pure,
 * some us and for A-labels an allocation: ask only about names that nobody knows, and keep it that
 * there was nothing (struct lookalike_cache). */
bool lookalike_find(const struct brands *brands, const struct dns_name *name,
                    const struct enrichment *enrichment, struct lookalike *ret);

/* Names in which nothing was found, in fixed memory. One thread. Zeroed is empty. */
enum { LOOKALIKE_CACHE_SLOTS = 8192 };
struct lookalike_cache {
    uint64_t plain[LOOKALIKE_CACHE_SLOTS];
};

/* Starts loading what lookalike_look() will read. */
static inline void lookalike_prefetch(const struct lookalike_cache *cache,
                                      const struct dns_name *name)
{
    line_prefetch(&cache->plain[name->hash[0] % LOOKALIKE_CACHE_SLOTS]);
}

/* The same by way of the cache, and only where a likeness would count: not for names that are
 * popular, allowed or without a registrable domain. Returns `room` filled, or NULL. */
const struct lookalike *lookalike_look(struct lookalike_cache *cache, const struct brands *brands,
                                       const struct dns_name *name,
                                       const struct enrichment *enrichment, struct lookalike *room);
