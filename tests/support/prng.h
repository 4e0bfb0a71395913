/* prng.h - repeatable random numbers for tests and generated traffic (splitmix64)
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

struct prng {
    uint64_t state; /* any value; the same value gives the same numbers */
};

static inline uint64_t prng_next(struct prng *prng)
{
    uint64_t z = prng->state += 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

/* 0 to limit - 1. */
static inline unsigned prng_below(struct prng *prng, unsigned limit)
{
    return (unsigned)((prng_next(prng) >> 32) * limit >> 32);
}
