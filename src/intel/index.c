/* index.c - which indicator records have a given 64-bit hash, in six hot bytes an entry
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/index.h"

#include "base/lines.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FILTER_BITS = 12, BLOCK_BITS = 512, BUCKET_ENTRIES = 8 };

static bool index_reserve(struct index *index, const struct draft *draft)
{
    size_t count = draft->count;
    *index = (struct index){
        .block_count = (uint32_t)(count * FILTER_BITS / BLOCK_BITS + 1),
        .bucket_count = (uint32_t)(count / BUCKET_ENTRIES + 1),
        .count = count,
        .record_bytes = draft->bytes,
    };
    size_t block_bytes = index->block_count * sizeof(*index->blocks);
    index->blocks = lines_alloc(block_bytes);
    index->bucket_start = calloc(index->bucket_count + 1u, sizeof(*index->bucket_start));
    index->record_start = calloc(index->bucket_count, sizeof(*index->record_start));
    index->tags = malloc((count + 1) * sizeof(*index->tags));
    index->records = malloc(draft->bytes + 1);
    if (!index->blocks || !index->bucket_start || !index->record_start || !index->tags ||
        !index->records)
        return false;
    memset(index->blocks, 0, block_bytes);
    return true;
}

static void filter_add(struct index *index, uint64_t hash)
{
    uint64_t *words = index->blocks[index_reduce(hash, index->block_count)].words;
    uint64_t bits = index_bits(hash);
    for (unsigned i = 0; i < 8; i++)
        words[i] |= 1ull << index_bit(bits, i);
}

/* Sorts the entries by bucket (counting sort, stable); bucket_start[] is filled on the way. */
static void bucket_sort(struct index *index, const struct draft *draft, uint32_t *order)
{
    uint32_t *start = index->bucket_start;
    for (size_t i = 0; i < draft->count; i++)
        start[index_reduce(draft->entries[i].hash, index->bucket_count) + 1]++;
    for (uint32_t b = 0; b < index->bucket_count; b++)
        start[b + 1] += start[b];
    /* Filling advances each start to its end, which is the next one's start: shift back after. */
    for (size_t i = 0; i < draft->count; i++)
        order[start[index_reduce(draft->entries[i].hash, index->bucket_count)]++] = (uint32_t)i;
    memmove(start + 1, start, index->bucket_count * sizeof(*start));
    start[0] = 0;
}

/* Orders one bucket by rank, stable: insertion sort, for there are eight of them. */
static void rank_sort(const struct draft *draft, uint32_t *order, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        uint32_t moved = order[i];
        size_t to = i;
        for (; to > 0 && draft->entries[order[to - 1]].rank > draft->entries[moved].rank; to--)
            order[to] = order[to - 1];
        order[to] = moved;
    }
}

/* Writes the tags and records of the entries order[from..to), which are one bucket. */
static size_t bucket_write(struct index *index, const struct draft *draft, const uint32_t *order,
                           uint32_t bucket, size_t at)
{
    index->record_start[bucket] = (uint32_t)at;
    for (uint32_t i = index->bucket_start[bucket]; i < index->bucket_start[bucket + 1]; i++) {
        const struct draft_entry *entry = draft->entries + order[i];
        const uint8_t *record = draft->records + entry->at;
        struct record ignored;
        size_t len = (size_t)(record_read(record, &ignored) - record);
        memcpy(index->records + at, record, len);
        index->tags[i] = (uint32_t)entry->hash;
        filter_add(index, entry->hash);
        at += len;
    }
    return at;
}

bool index_init(struct index *index, const struct draft *draft)
{
    assert(draft->count < UINT32_MAX);
    uint32_t *order = malloc((draft->count + 1) * sizeof(*order));
    if (!index_reserve(index, draft) || !order) {
        free(order);
        index_done(index);
        return false;
    }
    bucket_sort(index, draft, order);
    size_t at = 0;
    for (uint32_t b = 0; b < index->bucket_count; b++) {
        uint32_t start = index->bucket_start[b];
        rank_sort(draft, order + start, index->bucket_start[b + 1] - start);
        at = bucket_write(index, draft, order, b, at);
    }
    assert(at == draft->bytes);
    free(order);
    return true;
}

void index_done(struct index *index)
{
    free(index->blocks);
    free(index->bucket_start);
    free(index->tags);
    free(index->record_start);
    free(index->records);
    *index = (struct index){0};
}

size_t index_bytes(const struct index *index, size_t *ret_hot)
{
    *ret_hot = index->block_count * sizeof(*index->blocks) +
               (index->bucket_count + 1u) * sizeof(*index->bucket_start) +
               index->count * sizeof(*index->tags);
    return *ret_hot + index->bucket_count * sizeof(*index->record_start) + index->record_bytes;
}

struct index_walk index_walk(const struct index *index, uint64_t hash)
{
    uint32_t bucket = index_reduce(hash, index->bucket_count);
    return (struct index_walk){
        .index = index,
        .bucket = bucket,
        .tag = (uint32_t)hash,
        .next = index->bucket_start[bucket],
        .read = index->bucket_start[bucket],
        .end = index->bucket_start[bucket + 1],
    };
}

bool index_next(struct index_walk *walk, struct record *ret_record)
{
    const struct index *index = walk->index;
    while (walk->next < walk->end && index->tags[walk->next] != walk->tag)
        walk->next++;
    if (walk->next == walk->end)
        return false;
    if (!walk->record)
        walk->record = index->records + index->record_start[walk->bucket];
    for (walk->next++; walk->read < walk->next; walk->read++)
        walk->record = record_read(walk->record, ret_record);
    return true;
}
