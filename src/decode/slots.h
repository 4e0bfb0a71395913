/* slots.h - a fixed number of entries found by key, in order of use, so that the oldest can give
 * way
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * The memory of what waits for more frames: datagrams in fragments, TCP streams. base/table.h is
 * not used because its set of eight would let the hash decide who goes; here the oldest of all
 * goes, so that what is found does not depend on the seed.
 *
 * An entry is a struct whose first member is `struct slot`, followed by its key: `key_bytes` bytes
 * that are compared whole (no padding inside). Entries never move. One thread owns a table; nothing
 * is allocated after slots_init(). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Managed here; numbers count entries from 1, 0 is none. */
struct slot {
    uint32_t bucket;
    uint32_t bucket_next;
    uint32_t older;
    uint32_t newer;
};

struct slots {
    uint8_t *entries; /* [max], number n at (n - 1) * entry_bytes */
    uint32_t *buckets;
    uint32_t bucket_mask;
    uint32_t entry_bytes;
    uint32_t key_bytes;
    uint32_t max;
    uint32_t used; /* numbers handed out at least once: the rest is untouched memory */
    uint32_t free; /* given back, linked by bucket_next */
    uint32_t oldest;
    uint32_t newest;
};

/* False without memory. `max` is at least 1. */
bool slots_init(struct slots *slots, uint32_t max, uint32_t entry_bytes, uint32_t key_bytes);
void slots_done(struct slots *slots);

/* The entry with this key, or NULL. */
void *slots_find(const struct slots *slots, const void *key);

/* A new entry, the newest, with this key and the rest zeroed; NULL when all are taken. The key must
 * not be there yet. */
void *slots_add(struct slots *slots, const void *key);

void slots_remove(struct slots *slots, void *entry);

/* Moves an entry to the end that goes last, or first. */
void slots_make_newest(struct slots *slots, void *entry);
void slots_make_oldest(struct slots *slots, void *entry);

/* The entry to go first, or NULL when there is none. */
void *slots_oldest(const struct slots *slots);
