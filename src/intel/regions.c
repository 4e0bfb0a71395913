/* regions.c - which parts of the address space have any listed block at all
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/regions.h"

enum { V4_BITS_FIRST = 96, V4_REGION_BITS = V4_BITS_FIRST + 16, V6_REGION_BITS = 32 };

static void bits_set(uint64_t *bits, unsigned from, unsigned count)
{
    for (unsigned i = from; i < from + count; i++)
        bits[i / 64] |= 1ull << i % 64;
}

void regions_add(struct regions *regions, const struct prefix *block)
{
    bool v4 = addr_is_v4(&block->addr) && block->bits >= V4_BITS_FIRST;
    if (v4 && block->bits < V4_REGION_BITS)
        bits_set(regions->v4, region_of(&block->addr, true), 1u << (V4_REGION_BITS - block->bits));
    else if (v4)
        bits_set(regions->v4, region_of(&block->addr, true), 1);
    else if (block->bits >= V6_REGION_BITS)
        bits_set(regions->v6, region_of(&block->addr, false), 1);
    else
        bits_set(regions->v6, 0, REGION_COUNT);
}
