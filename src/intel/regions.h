/* regions.h - which parts of the address space have any listed block at all: one bit for each
 * SPDX-License-Identifier: Apache-2.0
 *
 * Most answered addresses lie far from every listed one. A region is an IPv4 /16 or what shares the
 * first 32 bits of an IPv6 address (folded to 16), so one bit saves a probe for each block length.
 */
#pragma once

#include "base/addr.h"

enum { REGION_COUNT = 65536 };

/* All zero: nothing is listed. */
struct regions {
    uint64_t v4[REGION_COUNT / 64];
    uint64_t v6[REGION_COUNT / 64];
};

/* The bit of an address in its family's half. */
static inline unsigned region_of(const struct addr *addr, bool v4)
{
    const uint8_t *b = addr->bytes + (v4 ? 12 : 0);
    unsigned first = (unsigned)b[0] << 8 | b[1];
    return v4 ? first : first ^ ((unsigned)b[2] << 8 | b[3]);
}

/* Marks every region that the block touches. */
void regions_add(struct regions *regions, const struct prefix *block);

/* False: no block that was added covers the address. */
static inline bool regions_may_cover(const struct regions *regions, const struct addr *addr)
{
    bool v4 = addr_is_v4(addr);
    unsigned region = region_of(addr, v4);
    return (v4 ? regions->v4 : regions->v6)[region / 64] >> (region % 64) & 1;
}
