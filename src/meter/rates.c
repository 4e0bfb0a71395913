/* rates.c - how often something happened lately, and whether it is time to tell
 * SPDX-License-Identifier: Apache-2.0 */
#include "meter/rates.h"

#include "base/clock.h"

struct span {
    int64_t began_ns;
    uint32_t count;
};

bool rates_init(struct rates *rates, size_t keys_max)
{
    return table_init(&rates->table, keys_max, sizeof(struct span));
}

void rates_done(struct rates *rates)
{
    table_done(&rates->table);
}

/* Time may also have jumped back: a span that begins after now is over. */
static bool span_is_over(const struct span *span, const struct rate *rate, int64_t time_ns)
{
    return time_ns < span->began_ns || time_ns - span->began_ns > (int64_t)rate->seconds * NS_PER_S;
}

bool rates_count(struct rates *rates, uint64_t key, const struct rate *rate, int64_t time_ns)
{
    bool new;
    struct span *span = table_touch(&rates->table, key, (uint32_t)(time_ns / NS_PER_S), &new);
    if (new || span_is_over(span, rate, time_ns))
        *span = (struct span){.began_ns = time_ns};
    span->count += span->count < UINT32_MAX;
    switch ((enum rate_type)rate->type) {
    case RATE_LIMIT: return span->count <= rate->count;
    case RATE_BOTH: return span->count == rate->count;
    case RATE_ABOVE: return span->count > rate->count;
    case RATE_EVERY: break;
    }
    if (span->count < rate->count)
        return false;
    *span = (struct span){.began_ns = time_ns};
    return true;
}
