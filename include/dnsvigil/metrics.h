/* metrics.h - the counters of one shard, and what must add up among them
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <dnsvigil/dns.h>

enum metric {
#define METRIC(id, slug, text) METRIC_##id,
#include <dnsvigil/metrics.def>
#undef METRIC
    METRIC_COUNT,
};

enum reject {
#define REJECT(id, slug, text) REJECT_##id,
#include <dnsvigil/reject.def>
#undef REJECT
    REJECT_COUNT,
};

/* Owned by one shard and written by its thread only. */
struct metrics {
    uint64_t value[METRIC_COUNT];
    uint64_t rejected[REJECT_COUNT];     /* frames, by reason */
    uint64_t malformed[MALFORMED_COUNT]; /* messages, by reason; [MALFORMED_NONE] stays 0 */
};
