/* hashset.c - a growing set of 64-bit hashes, each with a byte of flags
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/hashset.h"

#include "base/lines.h"

#include <assert.h>
#include <stdlib.h>

enum { SLOTS_FIRST = 64 };

static bool slots_new(struct hashset *set, size_t slots)
{
    *set = (struct hashset){
        .keys = lines_alloc_zeroed(slots * sizeof(*set->keys)),
        .marks = lines_alloc_zeroed(slots * sizeof(*set->marks)),
        .slot_mask = slots - 1,
    };
    if (set->keys && set->marks)
        return true;
    hashset_done(set);
    return false;
}

bool hashset_init(struct hashset *set)
{
    return slots_new(set, SLOTS_FIRST);
}

void hashset_done(struct hashset *set)
{
    free(set->keys);
    free(set->marks);
    *set = (struct hashset){0};
}

static void slot_fill(struct hashset *set, uint64_t key, uint8_t flags)
{
    size_t slot = key & set->slot_mask;
    while (set->marks[slot] && hashset_differs(set, slot, key))
        slot = (slot + 1) & set->slot_mask;
    set->count += !set->marks[slot];
    set->keys[slot] = key;
    set->marks[slot] |= (uint16_t)(key >> 56 << 8 | flags);
}

static bool slots_double(struct hashset *set)
{
    struct hashset larger;
    if (!slots_new(&larger, (set->slot_mask + 1) * 2))
        return false;
    for (size_t i = 0; i <= set->slot_mask; i++)
        if (set->marks[i])
            slot_fill(&larger, set->keys[i], (uint8_t)set->marks[i]);
    hashset_done(set);
    *set = larger;
    return true;
}

bool hashset_add(struct hashset *set, uint64_t key, uint8_t flags)
{
    assert(flags);
    if (set->count * 2 > set->slot_mask && !slots_double(set))
        return false;
    slot_fill(set, key, flags);
    return true;
}
