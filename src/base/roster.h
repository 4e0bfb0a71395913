/* roster.h - a fixed number of records by key, of which the least useful goes first
 * SPDX-License-Identifier: Apache-2.0
 *
 * Like a table (table.h), for records that are few or large, or own something elsewhere. Which
 * record is displaced depends on the order of events alone, not on hashes: newcomers wait in one
 * queue, and whoever is seen again moves to that of the established, which may hold three quarters
 * of all; the one that has been quiet longest there goes back to the newcomers. The newcomer that
 * came first goes. So a flood of new keys neither erases the known ones nor keeps newcomers out.
 * The 64-bit hash is the key: seeded, so two keys collide only by chance.
 *
 * Memory is there from the start, and its pages are when they are used for the first time: records
 * are taken in turn. One thread owns a roster. A record stays where it is until it is displaced. */
#pragma once

#include "base/image.h"
#include "base/lines.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct roster_queue {
    uint32_t first, last; /* numbers of records from 1; 0: none */
    uint32_t count;
};

/* Told of a record that is about to go, to give back what it owns. */
typedef void (*roster_drop_fn)(void *arg, void *record);

struct roster {
    uint32_t *index; /* [mask + 1]: the first record of each chain, from 1 */
    uint8_t *heads;  /* [max][stride]: what the roster needs, then the record */
    size_t stride;
    size_t record_bytes;
    uint32_t mask;
    uint32_t max;
    uint32_t used;  /* so many heads have been taken … */
    uint32_t spare; /* … of which these, chained, have been given back; 0: none */
    struct roster_queue newcomers, established;
    roster_drop_fn drop; /* NULL: records own nothing */
    void *drop_arg;
    uint64_t displaced;
};

/* Room for `max` records, which are aligned to 8 bytes and take 32 more each. False without memory.
 */
bool roster_init(struct roster *roster, uint32_t max, size_t record_bytes);
void roster_done(struct roster *roster);

static inline void roster_on_drop(struct roster *roster, roster_drop_fn drop, void *arg)
{
    roster->drop = drop;
    roster->drop_arg = arg;
}

/* The record for `hash`, made (and cleared) when it is not there. Never fails: it displaces. */
void *roster_touch(struct roster *roster, uint64_t hash, bool *ret_new);

/* The record, or NULL; changes nothing. */
void *roster_find(const struct roster *roster, uint64_t hash);

/* Displaces the record whose turn it is, but not `keep`. False when there is no other. */
bool roster_displace(struct roster *roster, const void *keep);

/* Starts loading what a look-up needs, in two steps some look-ups apart; of the record the first
 * `bytes`. */
static inline void roster_prefetch(const struct roster *roster, uint64_t hash)
{
    line_prefetch(&roster->index[hash & roster->mask]);
}

void roster_prefetch_record(const struct roster *roster, uint64_t hash, size_t bytes);

/* Appends all records with their keys and order; fills a roster fresh from roster_init() with them,
 * false when it was of another size or kind. */
void roster_save(const struct roster *roster, const char *tag, struct buf *buf);
bool roster_load(struct roster *roster, const char *tag, struct image *image);
