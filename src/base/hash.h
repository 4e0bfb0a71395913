/* hash.h - seeded hashes for tables whose keys an attacker chooses
 * SPDX-License-Identifier: Apache-2.0
 *
 * All tables share one process-wide seed, drawn once before any thread starts: without it a client
 * could aim names at one bucket. Nothing a hash decides may show in an alert, so figures that do
 * (client counts) use HASH_FIXED_SEED and stay the same from run to run. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define HASH_FIXED_SEED 0x9e3779b97f4a7c15ull

extern uint64_t hash_seed;

/* Draws the process seed from the kernel. Call once, first thing in main(). */
void hash_seed_init(void);

/* XXH3 over `len` bytes. */
static inline uint64_t hash_bytes(const void *data, size_t len, uint64_t seed)
{
    return XXH3_64bits_withSeed(data, len, seed);
}

/* Folds the 128-bit product of two words: the mixing step of the wyhash family. */
static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}
