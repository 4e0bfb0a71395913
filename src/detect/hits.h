/* hits.h - picks among a transaction's indicator hits; shared by the detectors that use lists
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <dnsvigil/detector.h>

#define CATEGORY_BIT(id) (1u << CATEGORY_##id)
#define FIELD_BIT(id)    (1u << MATCH_##id)

/* The most specific hit among the given categories and fields, or -1. Hits stand most specific
 * first, the question's before those of answers. */
static inline int hit_find(const struct enrichment *enrichment, unsigned categories,
                           unsigned fields)
{
    for (int i = 0; i < enrichment->hit_count; i++) {
        const struct indicator_hit *hit = &enrichment->hits[i];
        if ((categories >> hit->category & 1) && (fields >> hit->field & 1))
            return i;
    }
    return -1;
}

/* Fills a finding from a hit, taking over its confidence. Returns true, to end a detector with. */
static inline bool hit_report(const struct enrichment *enrichment, int hit, enum reason reason,
                              struct finding *finding)
{
    finding->reason = (uint8_t)reason;
    finding->hit = (int8_t)hit;
    finding->confidence = enrichment->hits[hit].confidence;
    return true;
}
