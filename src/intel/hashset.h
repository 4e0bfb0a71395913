/* hashset.h - a growing set of 64-bit hashes, each with a byte of flags
 * SPDX-License-Identifier: Apache-2.0
 *
 * The hash is the key: hashes of names are seeded, so that two names share one only by chance
 * (2^-64 a pair). Most questions are about what is not there, and a byte of the hash beside the
 * flags answers nearly all of them. Written by the thread that loads, read-only afterwards. */
#pragma once

#include "base/lines.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hashset {
    uint64_t *keys;
    uint16_t *marks; /* flags, and the key's highest byte above them; 0 marks an empty slot */
    size_t slot_mask;
    size_t count;
};

/* An empty set, ready to use. */
bool hashset_init(struct hashset *set);
void hashset_done(struct hashset *set);

/* Ors `flags` (not 0) to those of `key`. False without memory. */
bool hashset_add(struct hashset *set, uint64_t key, uint8_t flags);

/* Whether a slot that is not empty holds another key than this one. */
static inline bool hashset_differs(const struct hashset *set, size_t slot, uint64_t key)
{
    return set->marks[slot] >> 8 != key >> 56 || set->keys[slot] != key;
}

/* Starts loading what hashset_get() reads first, and for most keys alone. */
static inline void hashset_prefetch(const struct hashset *set, uint64_t key)
{
    line_prefetch(&set->marks[key & set->slot_mask]);
}

/* The flags of `key`, 0 when it is not in the set. */
static inline uint8_t hashset_get(const struct hashset *set, uint64_t key)
{
    size_t slot = key & set->slot_mask;
    while (set->marks[slot] && hashset_differs(set, slot, key))
        slot = (slot + 1) & set->slot_mask;
    return (uint8_t)set->marks[slot];
}
