/* table.h - a table of fixed memory that forgets the least useful entries and keeps the established
 * SPDX-License-Identifier: Apache-2.0
 *
 * Set-associative: a key's hash names a set of 8 ways. Once they are full, two of them are on
 * probation: a new key can only displace another newcomer, and moves to the six established ways
 * when it is seen again. So a flood of new keys neither erases the known ones nor keeps newcomers
 * out. Within a kind the entry with the oldest stamp goes. The 64-bit hash is the key: seeded, so
 * two keys collide only by chance (2^-64 a pair); callers for whom that matters keep the key in the
 * entry and compare.
 *
 * One thread owns a table. Entries move between ways: a pointer is valid until the next
 * table_touch() of the same table. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TABLE_WAYS = 8, TABLE_PROBATION = 2 };

struct table {
    uint64_t *keys;   /* [sets][TABLE_WAYS], 0 for an empty way */
    uint32_t *stamps; /* [sets][TABLE_WAYS] */
    uint8_t *entries; /* [sets][TABLE_WAYS][entry_bytes] */
    size_t entry_bytes;
    uint64_t set_mask;
    uint64_t evicted; /* entries displaced so far */
};

/* Room for at least `entries` entries (rounded up to a power of two of sets). False without memory.
 */
bool table_init(struct table *table, size_t entries, size_t entry_bytes);
void table_done(struct table *table);

/* The entry for `hash`, made (zeroed) when it is not there; `stamp` (say, seconds) becomes its age.
 * `ret_new` tells whether it was made. Never fails: it displaces. */
void *table_touch(struct table *table, uint64_t hash, uint32_t stamp, bool *ret_new);

/* The entry, or NULL; changes nothing. */
void *table_find(const struct table *table, uint64_t hash);

/* Starts loading the set of `hash`: call some look-ups ahead. */
static inline void table_prefetch(const struct table *table, uint64_t hash)
{
    uint64_t set = (hash & table->set_mask) * TABLE_WAYS;
    __builtin_prefetch(table->keys + set);
    __builtin_prefetch(table->stamps + set);
}

/* Starts loading the entry of `hash`, once its set has had time to come: a second step. */
void table_prefetch_entry(const struct table *table, uint64_t hash);
