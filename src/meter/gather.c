/* gather.c - what one epoch brought, by key: found fast, walked in an order of its own, forgotten
 * at once SPDX-License-Identifier: Apache-2.0 */
#include "meter/gather.h"

#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 64 };

bool gather_init(struct gather *gather, uint32_t max, size_t entry_bytes)
{
    uint32_t cells = 1;
    while (cells < 2 * max)
        cells *= 2;
    size_t bytes = (max * entry_bytes + LINE_BYTES - 1) & ~(size_t)(LINE_BYTES - 1);
    *gather = (struct gather){
        .index = calloc(cells, sizeof(*gather->index)),
        .keys = malloc(max * sizeof(*gather->keys)),
        .entries = aligned_alloc(LINE_BYTES, bytes),
        .entry_bytes = entry_bytes,
        .mask = cells - 1,
        .max = max,
    };
    if (gather->index && gather->keys && gather->entries)
        return true;
    gather_done(gather);
    return false;
}

void gather_done(struct gather *gather)
{
    free(gather->index);
    free(gather->keys);
    free(gather->entries);
    *gather = (struct gather){0};
}

/* The cell of a key: the one that has it, or the empty one where it belongs. */
static uint32_t *cell_of(const struct gather *gather, uint64_t key)
{
    uint32_t at = (uint32_t)key & gather->mask;
    while (gather->index[at] && gather->keys[gather->index[at] - 1] != key)
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
    gather->keys[number] = key;
    return memset(gather_entry(gather, number), 0, gather->entry_bytes);
}

/* Backwards: then whoever was found by way of another's cell is gone before that is empty. */
void gather_clear(struct gather *gather)
{
    while (gather->count > 0) {
        gather->count--;
        *cell_of(gather, gather->keys[gather->count]) = 0;
    }
}

static int gathered_compare(const void *a, const void *b)
{
    const struct gathered *x = a, *y = b;
    return x->key < y->key ? -1 : x->key > y->key;
}

size_t gather_sorted(struct gather *const gathers[], unsigned count, struct gathered *order)
{
    size_t all = 0;
    for (unsigned i = 0; i < count; i++)
        for (uint32_t number = 0; number < gathers[i]->count; number++)
            order[all++] =
                (struct gathered){gathers[i]->keys[number], gather_entry(gathers[i], number)};
    qsort(order, all, sizeof(*order), gathered_compare);
    return all;
}
