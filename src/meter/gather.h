/* gather.h - what one epoch brought, by key: found fast, walked in order of keys, forgotten at once
 * SPDX-License-Identifier: Apache-2.0
 *
 * A dense array of entries and an index into it: clearing costs what was used and not what there is
 * room for. Nothing is displaced; what finds no room is the caller's to count. Fixed memory; one
 * thread at a time. */
#pragma once

#include "base/lines.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gather {
    uint32_t *index;  /* open addressing; 0 for an empty cell, else the entry's number from 1 */
    uint8_t *entries; /* [max][stride]: the key, then the entry */
    size_t stride;    /* whole cache lines from one on */
    size_t entry_bytes;
    uint32_t mask; /* of the index */
    uint32_t count;
    uint32_t max;
};

/* False without memory. */
bool gather_init(struct gather *gather, uint32_t max, size_t entry_bytes);
void gather_done(struct gather *gather);

/* The entry for `key`, made (zeroed) when it is not there; NULL when there is no room. Entries stay
 * where they are until gather_clear(). */
void *gather_touch(struct gather *gather, uint64_t key, bool *ret_new);

static inline void *gather_entry(const struct gather *gather, uint32_t number)
{
    return gather->entries + number * gather->stride + sizeof(uint64_t);
}

void gather_clear(struct gather *gather);

/* Starts loading what gather_touch() will need, in two steps some look-ups apart. */
static inline void gather_prefetch(const struct gather *gather, uint64_t key)
{
    line_prefetch(&gather->index[key & gather->mask]);
}

/* Returns whether there is an entry already, or one whose key shares its cell. */
static inline bool gather_prefetch_entry(const struct gather *gather, uint64_t key)
{
    uint32_t number = gather->index[key & gather->mask];
    uint32_t at = number ? number - 1 : gather->count;
    if (at < gather->max) {
        const uint8_t *entry = gather_entry(gather, at);
        line_prefetch(entry - sizeof(uint64_t));
        line_prefetch(entry + gather->entry_bytes - 1);
    }
    return number != 0;
}

/* Gathers that are walked together; one for each shard. */
enum { GATHERS_MAX = 64 };

/* One entry of one of several gathers. */
struct gathered {
    uint64_t key;
    const void *entry;
};

/* All entries of `count` gathers, at most GATHERS_MAX, in ascending order of keys, so that it does
 * not matter which gather an entry was in. `order` has room for twice as many. Returns how many
 * there are. */
size_t gather_sorted(struct gather *const gathers[], unsigned count, struct gathered *order);
