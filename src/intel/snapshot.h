/* snapshot.h - the inside of struct intel, for the builder that fills it
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "intel/attributes.h"
#include "intel/index.h"
#include "intel/intel.h"
#include "intel/regions.h"

enum {
    ADDRESS_KEY_MAX = 17,
    REF_ADDRESS = 1u << 31, /* in a hit's ref: the entry is among the addresses */
};

struct intel {
    struct index names;
    struct index addresses;
    uint64_t subtree_depths; /* bit 63 - n: some entry of n labels reaches below itself */
    uint64_t exact_depths;   /* bit 63 - n: some entry of n labels stands for itself alone */
    uint64_t block_bits[3];  /* bit n: some block has n bits */
    struct regions regions;  /* where blocks are */
    struct attributes attributes;
};

/* The key of an address block: its length and its address, without the 12 bytes that all IPv4
 * addresses share. Returns the key's length. */
static inline uint8_t block_key(const struct prefix *block, uint8_t key[static ADDRESS_KEY_MAX])
{
    bool v4 = addr_is_v4(&block->addr) && block->bits >= 96;
    unsigned skip = v4 ? 12 : 0;
    key[0] = block->bits;
    memcpy(key + 1, block->addr.bytes + skip, 16 - skip);
    return (uint8_t)(17 - skip);
}

/* The record behind a hit of this snapshot. */
static inline void hit_record(const struct intel *intel, const struct indicator_hit *hit,
                              struct record *ret_record)
{
    const struct index *index = hit->ref & REF_ADDRESS ? &intel->addresses : &intel->names;
    index_record(index, hit->ref & ~REF_ADDRESS, ret_record);
}
