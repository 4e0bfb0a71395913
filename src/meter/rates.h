/* rates.h - how often something happened lately, and whether it is time to tell
 * SPDX-License-Identifier: Apache-2.0
 *
 * The thresholds of signature rules. A key stands for a rule and whom it counts for. Fixed memory,
 * one thread, event time; what is forgotten for want of room begins anew. */
#pragma once

#include "base/table.h"

/* In what follows a span of `seconds` begins with the first event after the last span's end. */
enum rate_type {
    RATE_LIMIT, /* told for the first `count` in a span */
    RATE_EVERY, /* told at every `count`th in a span, with which a new one begins */
    RATE_BOTH,  /* told at the `count`th of a span, once */
    RATE_ABOVE, /* told for each after the `count`th in a span */
};

struct rate {
    uint8_t type;   /* enum rate_type */
    uint32_t count; /* at least 1 */
    uint32_t seconds;
};

struct rates {
    struct table table;
};

/* Room for `keys_max` keys of 28 bytes with their index. False without memory. */
bool rates_init(struct rates *rates, size_t keys_max);
void rates_done(struct rates *rates);

/* Counts one more event of `key` and says whether it is told. */
bool rates_count(struct rates *rates, uint64_t key, const struct rate *rate, int64_t time_ns);
