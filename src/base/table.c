/* table.c - a table of fixed memory that forgets the least useful entries and keeps the established
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/table.h"

#include <stdlib.h>
#include <string.h>

enum { ESTABLISHED = TABLE_WAYS - TABLE_PROBATION, EMPTY = 0 };

/* Zeroed memory that starts on a cache line, so that a set of keys is one line. */
static void *lines_alloc(size_t bytes)
{
    enum { LINE_BYTES = 64 };
    size_t rounded = (bytes + LINE_BYTES - 1) & ~(size_t)(LINE_BYTES - 1);
    void *memory = aligned_alloc(LINE_BYTES, rounded);
    return memory ? memset(memory, 0, rounded) : NULL;
}

bool table_init(struct table *table, size_t entries, size_t entry_bytes)
{
    size_t sets = 1;
    while (sets * TABLE_WAYS < entries)
        sets *= 2;
    *table = (struct table){
        .keys = lines_alloc(sets * TABLE_WAYS * sizeof(*table->keys)),
        .stamps = lines_alloc(sets * TABLE_WAYS * sizeof(*table->stamps)),
        .entries = lines_alloc(sets * TABLE_WAYS * entry_bytes),
        .entry_bytes = entry_bytes,
        .set_mask = sets - 1,
    };
    if (table->keys && table->stamps && table->entries)
        return true;
    table_done(table);
    return false;
}

void table_done(struct table *table)
{
    free(table->keys);
    free(table->stamps);
    free(table->entries);
    *table = (struct table){0};
}

/* 0 marks an empty way, so the one hash that is 0 borrows a neighbour's. */
static uint64_t key_of(uint64_t hash)
{
    return hash ? hash : 1;
}

static int way_of(const uint64_t *keys, uint64_t key)
{
    for (int way = 0; way < TABLE_WAYS; way++)
        if (keys[way] == key)
            return way;
    return -1;
}

/* An empty way in [from, to), else the one with the oldest stamp. Stamps are compared as a signed
 * difference to `now`, so that they may wrap. */
static int way_victim(const uint64_t *keys, const uint32_t *stamps, int from, int to, uint32_t now)
{
    int victim = from;
    for (int way = from; way < to; way++) {
        if (!keys[way])
            return way;
        if ((int32_t)(now - stamps[way]) > (int32_t)(now - stamps[victim]))
            victim = way;
    }
    return victim;
}

static uint8_t *entry_at(const struct table *table, uint64_t set, int way)
{
    return table->entries + (set * TABLE_WAYS + (uint64_t)way) * table->entry_bytes;
}

static void bytes_swap(uint8_t *a, uint8_t *b, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        uint8_t byte = a[i];
        a[i] = b[i];
        b[i] = byte;
    }
}

/* Moves a newcomer that was seen again to the established ways; what it displaces there goes on
 * probation instead of being lost. Returns its new way. */
static int way_promote(struct table *table, uint64_t set, int way, uint32_t now)
{
    uint64_t *keys = table->keys + set * TABLE_WAYS;
    uint32_t *stamps = table->stamps + set * TABLE_WAYS;
    int to = way_victim(keys, stamps, 0, ESTABLISHED, now);
    uint64_t key = keys[way];
    uint32_t stamp = stamps[way];
    keys[way] = keys[to];
    stamps[way] = stamps[to];
    keys[to] = key;
    stamps[to] = stamp;
    bytes_swap(entry_at(table, set, way), entry_at(table, set, to), table->entry_bytes);
    return to;
}

/* Takes `way` out of the newcomers and makes room at their end. They stand in the order they came,
 * so that of two with one stamp the older goes: a flood within one second still has both ways. */
static int way_vacate(struct table *table, uint64_t set, int way)
{
    uint64_t *keys = table->keys + set * TABLE_WAYS;
    uint32_t *stamps = table->stamps + set * TABLE_WAYS;
    for (; way + 1 < TABLE_WAYS; way++) {
        keys[way] = keys[way + 1];
        stamps[way] = stamps[way + 1];
        memcpy(entry_at(table, set, way), entry_at(table, set, way + 1), table->entry_bytes);
    }
    return way;
}

void *table_touch(struct table *table, uint64_t hash, uint32_t stamp, bool *ret_new)
{
    uint64_t set = hash & table->set_mask;
    uint64_t *keys = table->keys + set * TABLE_WAYS;
    uint32_t *stamps = table->stamps + set * TABLE_WAYS;
    int way = way_of(keys, key_of(hash));
    *ret_new = way < 0;
    if (way < 0) {
        way = way_of(keys, EMPTY);
        if (way < 0) {
            way = way_victim(keys, stamps, ESTABLISHED, TABLE_WAYS, stamp);
            table->evicted++;
        }
        if (way >= ESTABLISHED)
            way = way_vacate(table, set, way);
        keys[way] = key_of(hash);
        memset(entry_at(table, set, way), 0, table->entry_bytes);
    } else if (way >= ESTABLISHED) {
        way = way_promote(table, set, way, stamp);
    }
    stamps[way] = stamp;
    return entry_at(table, set, way);
}

void *table_find(const struct table *table, uint64_t hash)
{
    uint64_t set = hash & table->set_mask;
    int way = way_of(table->keys + set * TABLE_WAYS, key_of(hash));
    return way < 0 ? NULL : entry_at(table, set, way);
}

void table_prefetch_entry(const struct table *table, uint64_t hash)
{
    uint64_t set = hash & table->set_mask;
    const uint64_t *keys = table->keys + set * TABLE_WAYS;
    int way = way_of(keys, key_of(hash));
    if (way < 0)
        way = way_of(keys, EMPTY); /* where table_touch() will make it */
    __builtin_prefetch(entry_at(table, set, way < 0 ? ESTABLISHED : way), 1);
}
