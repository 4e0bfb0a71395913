/* mix.h - any amount of mixed traffic: many benign clients, and threats in given parts among them
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "capture_write.h"

enum mix_kind {
#define MIX(id, slug, parts, text) MIX_##id,
#include "mix.def"
#undef MIX
    MIX_COUNT,
};

enum { MIX_PARTS = 100000 };

struct mix_options {
    uint64_t seed;
    uint64_t packets; /* exactly so many are written */
    uint32_t clients; /* 1 to 2^24 */
    uint32_t names;   /* distinct benign hosts, 1 to NAMES_BENIGN_MAX */
    uint32_t rate;    /* packets a second of event time, 1 to 10^9 */
    int64_t start_ns;
    uint32_t indicators;       /* entries of the indicator list, 0 to NAMES_INDICATOR_MAX */
    uint32_t parts[MIX_COUNT]; /* of MIX_PARTS events; what is left is benign */
};

extern const struct mix_row {
    const char *slug;
    uint32_t parts; /* default */
    const char *text;
} mix_rows[MIX_COUNT];

/* Writes the traffic. The same options give the same bytes. */
void mix_write(const struct mix_options *options, struct capture_writer *writer);
