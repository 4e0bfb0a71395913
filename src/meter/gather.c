/* gather.c - what one epoch brought, by key: found fast, walked in order of keys, forgotten at once
 * SPDX-License-Identifier: Apache-2.0 */
#include "meter/gather.h"

#include <stdlib.h>
#include <string.h>

bool gather_init(struct gather *gather, uint32_t max, size_t entry_bytes)
{
    uint32_t cells = 1;
    while (cells < 2 * max)
        cells *= 2;
    const size_t bytes = sizeof(uint64_t) + entry_bytes;
    const size_t unit = bytes < LINE_BYTES ? sizeof(uint64_t) : LINE_BYTES;
    const size_t stride = (bytes + unit - 1) / unit * unit;
    *gather = (struct gather){
        .index = calloc(cells, sizeof(*gather->index)),
        .entries = lines_alloc(max * stride),
        .stride = stride,
        .entry_bytes = entry_bytes,
        .mask = cells - 1,
        .max = max,
    };
    if (gather->index && gather->entries)
        return true;
    gather_done(gather);
    return false;
}

void gather_done(struct gather *gather)
{
    free(gather->index);
    free(gather->entries);
    *gather = (struct gather){0};
}

static uint64_t *key_at(const struct gather *gather, uint32_t number)
{
    return (uint64_t *)gather_entry(gather, number) - 1;
}

/* The cell of a key: the one that has it, or the empty one where it belongs. */
static uint32_t *cell_of(const struct gather *gather, uint64_t key)
{
    uint32_t at = (uint32_t)key & gather->mask;
    while (gather->index[at] && *key_at(gather, gather->index[at] - 1) != key)
        at = (at + 1) & gather->mask;
    return &gather->index[at];
}

void *gather_touch(struct gather *gather, uint64_t key, bool *ret_new)
{
    uint32_t *cell = cell_of(gather, key);
    *ret_new = *cell == 0;
    if (*cell)
        return gather_entry(gather, *cell - 1);
    if (gather->count == gather->max)
        return NULL;
    uint32_t number = gather->count++;
    *cell = number + 1;
    *key_at(gather, number) = key;
    return memset(gather_entry(gather, number), 0, gather->entry_bytes);
}

/* Backwards: then whoever was found by way of another's cell is gone before that is empty. */
void gather_clear(struct gather *gather)
{
    enum { AHEAD = 16 };
    while (gather->count > 0) {
        gather->count--;
        if (gather->count >= AHEAD)
            gather_prefetch(gather, *key_at(gather, gather->count - AHEAD));
        *cell_of(gather, *key_at(gather, gather->count)) = 0;
    }
}

/* Puts order[0..all) nearly in the order of its keys, which are hashes and so spread evenly: by
 * their first bits. */
static void order_spread(struct gathered *order, size_t all)
{
    enum { SPREAD_BITS = 11, SPREAD = 1 << SPREAD_BITS };
    uint32_t begin[SPREAD + 1] = {0};
    struct gathered *scratch = order + all;
    for (size_t i = 0; i < all; i++)
        begin[(order[i].key >> (64 - SPREAD_BITS)) + 1]++;
    for (unsigned i = 0; i < SPREAD; i++)
        begin[i + 1] += begin[i];
    memcpy(scratch, order, all * sizeof(*order));
    for (size_t i = 0; i < all; i++)
        order[begin[scratch[i].key >> (64 - SPREAD_BITS)]++] = scratch[i];
}

static void order_by_key(struct gathered *order, size_t all)
{
    enum { FEW = 16 };
    if (all > FEW)
        order_spread(order, all);
    for (size_t i = 1; i < all; i++) {
        struct gathered moved = order[i];
        size_t at = i;
        for (; at > 0 && order[at - 1].key > moved.key; at--)
            order[at] = order[at - 1];
        order[at] = moved;
    }
}

size_t gather_sorted(struct gather *const gathers[], unsigned count, struct gathered *order)
{
    size_t all = 0;
    for (unsigned i = 0; i < count; i++)
        for (uint32_t number = 0; number < gathers[i]->count; number++)
            order[all++] =
                (struct gathered){*key_at(gathers[i], number), gather_entry(gathers[i], number)};
    order_by_key(order, all);
    return all;
}
