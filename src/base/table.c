/* table.c - a table of fixed memory that forgets the least useful entries and keeps the established
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/table.h"

#include "base/lines.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ESTABLISHED = TABLE_WAYS - TABLE_PROBATION, EMPTY = 0 };

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
    *table = (struct table){
        .sets = lines_alloc_zeroed(sets * sizeof(*table->sets)),
        .entries = lines_alloc_zeroed(sets * TABLE_WAYS * entry_bytes),
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

/* 0 marks an empty way, so the one hash that is 0 borrows a neighbour's. */
static uint64_t key_of(uint64_t hash)
{
    return hash ? hash : 1;
}

/* The ways whose tag is that of `key`, and seldom some behind them: the first bit of a way's byte.
 */
static inline uint64_t ways_like(const struct table_set *set, uint64_t key)
{
    static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first way is the lowest byte");
    const uint64_t ones = 0x0101010101010101ull;
    uint64_t tags;
    memcpy(&tags, set->tags, sizeof(tags));
    uint64_t differ = tags ^ (key >> 56) * ones;
    return (differ - ones) & ~differ & ones << 7;
}

/* Without a branch for each way: which one it is cannot be foretold. */
static int way_of(const struct table_set *set, uint64_t key)
{
    for (uint64_t like = ways_like(set, key); like; like &= like - 1) {
        int way = __builtin_ctzll(like) / 8;
        if (set->keys[way] == key)
            return way;
    }
    return -1;
}

/* An empty way in [from, to), else the one with the oldest stamp. Stamps are compared as a signed
 * difference to `now`, so that they may wrap. */
static int way_victim(const struct table_set *set, int from, int to, uint32_t now)
{
    int victim = from;
    for (int way = from; way < to; way++) {
        if (!set->keys[way])
            return way;
        if ((int32_t)(now - set->stamps[way]) > (int32_t)(now - set->stamps[victim]))
            victim = way;
    }
    return victim;
}

static uint8_t *entry_at(const struct table *table, uint64_t hash, int way)
{
    uint64_t set = hash & table->set_mask;
    uint64_t place = set * TABLE_WAYS + table->sets[set].places[way];
    return table->entries + place * table->entry_bytes;
}

static void ways_swap(struct table_set *set, int a, int b)
{
    uint64_t key = set->keys[a];
    uint32_t stamp = set->stamps[a];
    uint8_t place = set->places[a];
    table_set_key(set, (unsigned)a, set->keys[b]);
    set->stamps[a] = set->stamps[b];
    set->places[a] = set->places[b];
    table_set_key(set, (unsigned)b, key);
    set->stamps[b] = stamp;
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
    int way = way_of(set, EMPTY);
    if (way < 0) {
        way = way_victim(set, ESTABLISHED, TABLE_WAYS, stamp);
        table->evicted++;
    }
    return way >= ESTABLISHED ? way_vacate(set, way) : way;
}

void *table_touch(struct table *table, uint64_t hash, uint32_t stamp, bool *ret_new)
{
    struct table_set *set = table->sets + (hash & table->set_mask);
    int way = way_of(set, key_of(hash));
    *ret_new = way < 0;
    if (way < 0) {
        way = way_make(table, set, stamp);
        table_set_key(set, (unsigned)way, key_of(hash));
        memset(entry_at(table, hash, way), 0, table->clear_bytes);
    } else if (way >= ESTABLISHED) {
        way = way_promote(set, way, stamp);
    }
    set->stamps[way] = stamp;
    return entry_at(table, hash, way);
}

void *table_find(const struct table *table, uint64_t hash)
{
    int way = way_of(table->sets + (hash & table->set_mask), key_of(hash));
    return way < 0 ? NULL : entry_at(table, hash, way);
}

static void lines_prefetch(const uint8_t *from, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += LINE_BYTES)
        line_prefetch(from + at);
    line_prefetch(from + bytes - 1);
}

void table_prefetch_entry(const struct table *table, uint64_t hash, size_t bytes)
{
    int way = way_of(table->sets + (hash & table->set_mask), key_of(hash));
    if (way >= 0)
        lines_prefetch(entry_at(table, hash, way), bytes);
}

void table_prefetch_touch(const struct table *table, uint64_t hash, size_t bytes)
{
    const struct table_set *set = table->sets + (hash & table->set_mask);
    int way = way_of(set, key_of(hash));
    if (way < 0)
        way = way_of(set, EMPTY);
    lines_prefetch(entry_at(table, hash, way < 0 ? ESTABLISHED : way), bytes);
}
