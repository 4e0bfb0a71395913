/* blake2s.c - BLAKE2s (RFC 7693): a cryptographic hash that is fast on short input
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/blake2s.h"

#include <stdbool.h>
#include <string.h>

enum { BLOCK_BYTES = 64, ROUNDS = 10, DIGEST_BYTES = 8 };

static const uint32_t start[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static const uint8_t order[ROUNDS][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

static uint32_t load32(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint32_t rotate(uint32_t word, unsigned bits)
{
    return word >> bits | word << (32 - bits);
}

static inline void mix(uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d, uint32_t x, uint32_t y)
{
    *a += *b + x;
    *d = rotate(*d ^ *a, 16);
    *c += *d;
    *b = rotate(*b ^ *c, 12);
    *a += *b + y;
    *d = rotate(*d ^ *a, 8);
    *c += *d;
    *b = rotate(*b ^ *c, 7);
}

/* RFC 7693 3.2. `done` is the number of bytes hashed with this block; below 2^32 here. */
static void compress(uint32_t state[8], const uint8_t block[BLOCK_BYTES], uint32_t done, bool last)
{
    uint32_t m[16], v[16];
    for (int i = 0; i < 16; i++)
        m[i] = load32(block + 4 * i);
    memcpy(v, state, 8 * sizeof(*v));
    memcpy(v + 8, start, sizeof(start));
    v[12] ^= done;
    v[14] ^= last ? UINT32_MAX : 0;
    for (int round = 0; round < ROUNDS; round++) {
        const uint8_t *s = order[round];
        for (int i = 0; i < 4; i++)
            mix(&v[i], &v[4 + i], &v[8 + i], &v[12 + i], m[s[2 * i]], m[s[2 * i + 1]]);
        for (int i = 0; i < 4; i++)
            mix(&v[i], &v[4 + (i + 1) % 4], &v[8 + (i + 2) % 4], &v[12 + (i + 3) % 4],
                m[s[8 + 2 * i]], m[s[9 + 2 * i]]);
    }
    for (int i = 0; i < 8; i++)
        state[i] ^= v[i] ^ v[8 + i];
}

uint64_t blake2s_64(const void *data, size_t len, const uint8_t salt[static BLAKE2S_SALT_BYTES])
{
    const uint8_t *at = data;
    uint8_t block[BLOCK_BYTES] = {0};
    uint32_t state[8], done = 0;
    memcpy(state, start, sizeof(state));
    state[0] ^= 1u << 24 | 1u << 16 | DIGEST_BYTES; /* no key, one leaf */
    state[4] ^= load32(salt);
    state[5] ^= load32(salt + 4);
    for (; len > BLOCK_BYTES; at += BLOCK_BYTES, len -= BLOCK_BYTES)
        compress(state, at, done += BLOCK_BYTES, false);
    if (len)
        memcpy(block, at, len);
    compress(state, block, done + (uint32_t)len, true);
    return state[0] | (uint64_t)state[1] << 32;
}
