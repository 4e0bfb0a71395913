/* bytes16.h - sixteen bytes at a time, for whatever vector unit the compiler finds
 * SPDX-License-Identifier: Apache-2.0
 *
 * GNU C vectors: operators work on all bytes at once, and a comparison gives 0xff where it holds.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { BYTES16 = 16 };

typedef uint8_t bytes16 __attribute__((vector_size(16)));

static inline bytes16 bytes16_load(const uint8_t *from)
{
    bytes16 bytes;
    memcpy(&bytes, from, sizeof(bytes));
    return bytes;
}

static inline void bytes16_store(uint8_t *to, bytes16 bytes)
{
    memcpy(to, &bytes, sizeof(bytes));
}

/* 0xff for each byte in first..last. */
static inline bytes16 bytes16_within(bytes16 bytes, uint8_t first, uint8_t last)
{
    return (bytes16)(bytes - first <= (uint8_t)(last - first));
}

static inline bool bytes16_any(bytes16 bytes)
{
    uint64_t halves[2];
    memcpy(halves, &bytes, sizeof(halves));
    return halves[0] | halves[1];
}

/* The sum of all bytes, modulo 256. */
static inline uint8_t bytes16_sum(bytes16 bytes)
{
    uint64_t halves[2];
    memcpy(halves, &bytes, sizeof(halves));
    return (uint8_t)(((halves[0] * 0x0101010101010101ull) >> 56) +
                     ((halves[1] * 0x0101010101010101ull) >> 56));
}
