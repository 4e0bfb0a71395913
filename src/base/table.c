/* table.c - a table of fixed memory that forgets the least useful entries and keeps the established
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/table.h"

#include "base/lines.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ESTABLISHED = TABLE_WAYS - TABLE_PROBATION, EMPTY = 0 };

/* What of a hash stands in its set. A set is chosen by the hash's last bits, so these are others.
 */
static uint8_t tag_of(uint64_t hash)
{
    return (uint8_t)(hash >> 56);
}

static uint16_t check_of(uint64_t hash)
{
    return (uint16_t)(hash >> 40) | TABLE_USED;
}

static void sets_clear(struct table *table)
{
    for (uint64_t set = 0; set <= table->set_mask; set++)
        for (unsigned way = 0; way < TABLE_WAYS; way++)
            table->sets[set].places[way] = (uint8_t)way;
}

bool table_init(struct table *table, size_t entries, size_t entry_bytes)
{
    size_t sets = 1;
    while (sets * TABLE_WAYS < entries)
        sets *= 2;
    const size_t stride = (sizeof(uint64_t) + entry_bytes + 7) & ~(size_t)7;
    *table = (struct table){
        .sets = lines_alloc_zeroed(sets * sizeof(*table->sets)),
        .entries = lines_alloc_zeroed(sets * TABLE_WAYS * stride),
        .stride = stride,
        .entry_bytes = entry_bytes,
        .clear_bytes = entry_bytes,
        .set_mask = sets - 1,
    };
    if (!table->sets || !table->entries) {
        table_done(table);
        return false;
    }
    sets_clear(table);
    return true;
}

void table_done(struct table *table)
{
    free(table->sets);
    free(table->entries);
    *table = (struct table){0};
}

/* The hash of a way's entry, which stands before it. */
static inline uint64_t *key_at(const struct table *table, uint64_t set, unsigned way)
{
    uint64_t place = set * TABLE_WAYS + table->sets[set].places[way];
    return (uint64_t *)(table->entries + place * table->stride);
}

static inline void *entry_at(const struct table *table, uint64_t set, int way)
{
    return key_at(table, set, (unsigned)way) + 1;
}

/* The ways with this tag, and seldom some behind them: the first bit of a way's byte. */
static inline uint64_t ways_like(const struct table_set *set, uint8_t tag)
{
    static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first way is the lowest byte");
    const uint64_t ones = 0x0101010101010101ull;
    uint64_t tags;
    memcpy(&tags, set->tags, sizeof(tags));
    uint64_t differ = tags ^ tag * ones;
    return (differ - ones) & ~differ & ones << 7;
}

/* The next of the ways in *like, from the first on, that has this check; -1 when there is none.
 * Without a branch for each way: which one it is cannot be foretold. */
static inline int way_next(const struct table_set *set, uint64_t *like, uint16_t check)
{
    while (*like) {
        int way = __builtin_ctzll(*like) / 8;
        *like &= *like - 1;
        if (set->checks[way] == check)
            return way;
    }
    return -1;
}

/* By what stands in the set alone: one key in some millions is taken for another. */
static inline int way_likely(const struct table_set *set, uint8_t tag, uint16_t check)
{
    uint64_t like = ways_like(set, tag);
    return way_next(set, &like, check);
}

static inline int way_of(const struct table *table, uint64_t hash)
{
    const uint64_t number = hash & table->set_mask;
    const struct table_set *set = table->sets + number;
    uint64_t like = ways_like(set, tag_of(hash));
    int way;
    do
        way = way_next(set, &like, check_of(hash));
    while (way >= 0 && *key_at(table, number, (unsigned)way) != hash);
    return way;
}

static inline int way_empty(const struct table_set *set)
{
    return way_likely(set, 0, EMPTY);
}

/* An empty way in [from, to), else the one with the oldest stamp. Stamps are compared as a signed
 * difference to `now`, so that they may wrap. */
static int way_victim(const struct table_set *set, int from, int to, uint32_t now)
{
    int victim = from;
    for (int way = from; way < to; way++) {
        if (set->checks[way] == EMPTY)
            return way;
        if ((int32_t)(now - set->stamps[way]) > (int32_t)(now - set->stamps[victim]))
            victim = way;
    }
    return victim;
}

static void ways_swap(struct table_set *set, int a, int b)
{
    uint32_t stamp = set->stamps[a];
    uint16_t check = set->checks[a];
    uint8_t tag = set->tags[a], place = set->places[a];
    set->stamps[a] = set->stamps[b];
    set->checks[a] = set->checks[b];
    set->tags[a] = set->tags[b];
    set->places[a] = set->places[b];
    set->stamps[b] = stamp;
    set->checks[b] = check;
    set->tags[b] = tag;
    set->places[b] = place;
}

/* Moves a newcomer that was seen again to the established ways; what it displaces there goes on
 * probation instead of being lost. Returns its new way. */
static int way_promote(struct table_set *set, int way, uint32_t now)
{
    int to = way_victim(set, 0, ESTABLISHED, now);
    ways_swap(set, way, to);
    return to;
}

/* Takes `way` out of the newcomers and makes room at their end. They stand in the order they came,
 * so that of two with one stamp the older goes: a flood within one second still has both ways. */
static int way_vacate(struct table_set *set, int way)
{
    for (; way + 1 < TABLE_WAYS; way++)
        ways_swap(set, way, way + 1);
    return way;
}

/* A way for a new key: an empty one, or that of the newcomer which has been quiet longest. */
static int way_make(struct table *table, struct table_set *set, uint32_t stamp)
{
    int way = way_empty(set);
    if (way < 0) {
        way = way_victim(set, ESTABLISHED, TABLE_WAYS, stamp);
        table->evicted++;
    }
    return way >= ESTABLISHED ? way_vacate(set, way) : way;
}

void table_put(struct table *table, unsigned way, uint64_t hash, uint32_t stamp)
{
    uint64_t number = hash & table->set_mask;
    struct table_set *set = table->sets + number;
    set->tags[way] = tag_of(hash);
    set->checks[way] = check_of(hash);
    set->stamps[way] = stamp;
    *key_at(table, number, way) = hash;
}

/* Marks the entry of a way as seen again; returns its new way. */
static inline int way_renew(struct table_set *set, int way, uint32_t stamp)
{
    if (way >= ESTABLISHED)
        way = way_promote(set, way, stamp);
    set->stamps[way] = stamp;
    return way;
}

void *table_renew(struct table *table, uint64_t hash, uint32_t stamp)
{
    uint64_t number = hash & table->set_mask;
    int way = way_of(table, hash);
    return way < 0 ? NULL : entry_at(table, number, way_renew(table->sets + number, way, stamp));
}

void *table_touch(struct table *table, uint64_t hash, uint32_t stamp, bool *ret_new)
{
    uint64_t number = hash & table->set_mask;
    void *entry = table_renew(table, hash, stamp);
    *ret_new = !entry;
    if (entry)
        return entry;
    int way = way_make(table, table->sets + number, stamp);
    table_put(table, (unsigned)way, hash, stamp);
    return memset(entry_at(table, number, way), 0, table->clear_bytes);
}

void *table_find(const struct table *table, uint64_t hash)
{
    int way = way_of(table, hash);
    return way < 0 ? NULL : entry_at(table, hash & table->set_mask, way);
}

/* The entry of a way with its key, up to the entry's first `bytes`. */
static void way_prefetch(const struct table *table, uint64_t number, unsigned way, size_t bytes)
{
    lines_prefetch(key_at(table, number, way), sizeof(uint64_t) + bytes);
}

void table_prefetch_entry(const struct table *table, uint64_t hash, size_t bytes)
{
    uint64_t number = hash & table->set_mask;
    int way = way_likely(table->sets + number, tag_of(hash), check_of(hash));
    if (way >= 0)
        way_prefetch(table, number, (unsigned)way, bytes);
}

void table_prefetch_touch(const struct table *table, uint64_t hash, size_t bytes)
{
    uint64_t number = hash & table->set_mask;
    const struct table_set *set = table->sets + number;
    int way = way_likely(set, tag_of(hash), check_of(hash));
    if (way < 0)
        way = way_empty(set);
    way_prefetch(table, number, (unsigned)(way < 0 ? ESTABLISHED : way), bytes);
}

bool table_way(const struct table *table, uint64_t number, unsigned way, struct table_way *ret)
{
    const struct table_set *set = table->sets + number;
    if (set->checks[way] == EMPTY)
        return false;
    uint64_t *key = key_at(table, number, way);
    *ret = (struct table_way){.hash = *key, .stamp = set->stamps[way], .entry = key + 1};
    return true;
}
