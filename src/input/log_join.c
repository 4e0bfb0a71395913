/* log_join.c - remembers queries that a log has told of until a later line tells of the response
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/log_join.h"

#include "base/clock.h"
#include "base/hash.h"

#include <ctype.h>

enum { COMMON_MAX = 1024 }; /* bytes told apart; longer than a name with all around it */

static const int64_t patience_ns = 60 * NS_PER_S;

uint64_t log_join_key(struct log_text common)
{
    char lower[COMMON_MAX];
    size_t len = common.len < sizeof(lower) ? common.len : sizeof(lower);
    for (size_t i = 0; i < len; i++)
        lower[i] = (char)tolower((unsigned char)common.at[i]);
    return hash_bytes(lower, len, hash_seed) | 1;
}

/* The low bit says nothing: it is always set. */
static struct log_asked *set_of(struct log_join *join, uint64_t key)
{
    return join->sets[(key >> 1) % LOG_JOIN_SETS];
}

void log_join_add(struct log_join *join, const struct log_asked *asked)
{
    struct log_asked *set = set_of(join, asked->key);
    struct log_asked *oldest = &set[0];
    for (unsigned way = 1; way < LOG_JOIN_WAYS && oldest->key; way++)
        if (!set[way].key || set[way].time_ns < oldest->time_ns)
            oldest = &set[way];
    *oldest = *asked;
}

bool log_join_take(struct log_join *join, uint64_t key, uint16_t qtype, int64_t now_ns,
                   struct log_asked *ret_asked)
{
    struct log_asked *set = set_of(join, key);
    struct log_asked *best = NULL;
    for (unsigned way = 0; way < LOG_JOIN_WAYS; way++) {
        struct log_asked *asked = &set[way];
        if (asked->key != key || (qtype && asked->qtype != qtype) ||
            now_ns - asked->time_ns > patience_ns)
            continue;
        if (!best || asked->time_ns > best->time_ns)
            best = asked;
    }
    if (!best)
        return false;
    *ret_asked = *best;
    best->key = 0;
    return true;
}
