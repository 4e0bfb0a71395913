/* seen.h - remembers in fixed memory which hashes it has been shown (a Bloom filter that starts
 * over)
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * 1024 bits, two for each hash. When half of them are set, after some 350 hashes, it forgets
 * everything: what comes then counts as new again. Until then at most one new hash in four is taken
 * for a known one, one in twenty on average. Callers give hashes with a fixed seed, so that counts
 * are the same from run to run. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { SEEN_BITS = 1024 };

struct seen {
    uint16_t set; /* bits that are set */
    uint16_t words[SEEN_BITS / 16];
};

static inline bool seen_set(struct seen *seen, unsigned bit)
{
    uint16_t mask = (uint16_t)(1u << bit % 16);
    uint16_t *word = &seen->words[bit / 16 % (SEEN_BITS / 16)];
    bool new = !(*word & mask);
    *word |= mask;
    seen->set += new;
    return new;
}

/* Whether `hash` is new; from now on it is known. */
static inline bool seen_add(struct seen *seen, uint64_t hash)
{
    if (seen->set > SEEN_BITS / 2)
        memset(seen, 0, sizeof(*seen));
    bool first = seen_set(seen, hash % SEEN_BITS);
    bool second = seen_set(seen, (hash >> 32) % SEEN_BITS);
    return first || second;
}
