/* table.h - a table of fixed memory that forgets the least useful entries and keeps the established
 * SPDX-License-Identifier: Apache-2.0
 *
 * Set-associative: a key's hash names a set of 8 ways. Once they are full, two of them are on
 * probation: a new key can only displace another newcomer, and moves to the six established ways
 * when it is seen again. So a flood of new keys neither erases the known ones nor keeps newcomers
 * out. Within a kind the entry with the oldest stamp goes. The 64-bit hash is the key: seeded, so
 * two keys collide only by chance (2^-64 a pair); callers for whom that matters keep the key in the
 * entry and compare. A set is one cache line, with 23 bits of each hash; the whole of it stands
 * before its entry, in the line that is read next.
 *
 * One thread owns a table. A key that moves between ways takes its entry along by number, so
 * entries stay where they are: a pointer is valid until its entry is displaced, at the soonest by
 * the next table_touch() of the same table. */
#pragma once

#include "base/lines.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TABLE_WAYS = 8, TABLE_PROBATION = 2 };

enum { TABLE_USED = 1 }; /* a bit that is set in the check of every used way */

struct table_set {
    _Alignas(64) uint8_t tags[TABLE_WAYS]; /* a byte of each hash: all are compared at once */
    uint8_t places[TABLE_WAYS];            /* which of the set's entries belongs to the way */
    uint16_t checks[TABLE_WAYS];           /* more of each hash; 0 for an empty way */
    uint32_t stamps[TABLE_WAYS];
};
_Static_assert(sizeof(struct table_set) == 64, "a set is one cache line");

struct table {
    struct table_set *sets;
    uint8_t *entries; /* [sets][TABLE_WAYS][stride]: the hash, then the entry */
    size_t stride;
    size_t entry_bytes;
    size_t clear_bytes;
    uint64_t set_mask;
    uint64_t evicted; /* entries displaced so far */
};

/* Room for at least `entries` entries (rounded up to a power of two of sets), which are aligned to
 * 8 bytes and take 16 more each. False without memory. */
bool table_init(struct table *table, size_t entries, size_t entry_bytes);
void table_done(struct table *table);

/* Has only the first `bytes` of a new entry cleared: the rest of a large one may say by a count
 * what of it is in use. */
static inline void table_clear_only(struct table *table, size_t bytes)
{
    table->clear_bytes = bytes;
}

/* The entry for `hash`, made (and cleared) when it is not there; `stamp` (say, seconds) becomes its
 * age. `ret_new` tells whether it was made. Never fails: it displaces. */
void *table_touch(struct table *table, uint64_t hash, uint32_t stamp, bool *ret_new);

/* The same for an entry that is there; NULL when it is not. */
void *table_renew(struct table *table, uint64_t hash, uint32_t stamp);

/* The entry, or NULL; changes nothing. */
void *table_find(const struct table *table, uint64_t hash);

/* Starts loading the set of `hash`: call some look-ups ahead. */
static inline void table_prefetch(const struct table *table, uint64_t hash)
{
    line_prefetch(table->sets + (hash & table->set_mask));
}

/* Starts loading the first `bytes` of the entry of `hash`, where there is one, once its set has had
 * time to come: a second step. */
void table_prefetch_entry(const struct table *table, uint64_t hash, size_t bytes);

/* The same ahead of table_touch(): also where the entry will be made. */
void table_prefetch_touch(const struct table *table, uint64_t hash, size_t bytes);

/* One used way, for those who keep tables elsewhere. */
struct table_way {
    uint64_t hash;
    uint32_t stamp;
    void *entry;
};

/* What stands in a way of a set; false when it is empty. */
bool table_way(const struct table *table, uint64_t set, unsigned way, struct table_way *ret);

/* Puts a hash into an empty way of its set; the entry is the caller's to fill. */
void table_put(struct table *table, unsigned way, uint64_t hash, uint32_t stamp);
