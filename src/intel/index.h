/* index.h - which indicator records have a given 64-bit hash, in six hot bytes an entry
 * SPDX-License-Identifier: Apache-2.0
 *
 * Built once, read by any number of threads. Three layers, each asked only when the one before
 * cannot say no:
 *   a Bloom filter of 12 bits an entry in blocks of one cache line, one bit in each of the block's
 *   eight words (Putze, Sanders, Singler: Cache-, Hash- and Space-Efficient Bloom Filters, 2007):
 *   one memory access turns away 99.5 % of what is not there;
 *   buckets of eight entries on average, as one array of 32-bit tags with the buckets' starts
 *   beside it, so that no slot is empty;
 *   the records (draft.h), a bucket's together and in the order of its tags.
 * A tag is only a hint: the caller compares the record's key, so what it reports is exact. */
#pragma once

#include "base/lines.h"
#include "intel/draft.h"

struct index_block {
    _Alignas(64) uint64_t words[8];
};

struct index {
    struct index_block *blocks;
    uint32_t *bucket_start; /* [bucket_count + 1], into tags */
    uint32_t *tags;         /* [count] */
    uint32_t *record_start; /* [bucket_count], into records */
    uint8_t *records;
    uint32_t block_count;
    uint32_t bucket_count;
    size_t count;
    size_t record_bytes;
};

/* Builds the index of all entries of `draft`. Entries of equal hash keep the order of their ranks
 * and, within a rank, the one they were added in. False without memory. */
bool index_init(struct index *index, const struct draft *draft);
void index_done(struct index *index);

/* Bytes held, and (`ret_hot`) how many of them a look-up that finds nothing may touch. */
size_t index_bytes(const struct index *index, size_t *ret_hot);

/* Maps the upper half of the hash onto [0, n). */
static inline uint32_t index_reduce(uint64_t hash, uint32_t n)
{
    return (uint32_t)(((hash >> 32) * n) >> 32);
}

/* Starts loading what index_may_have() will read. */
static inline void index_prefetch(const struct index *index, uint64_t hash)
{
    line_prefetch(index->blocks + index_reduce(hash, index->block_count));
}

/* Eight bit numbers of six bits each, from bit 16 up; bit number i belongs to word i of a block. */
static inline uint64_t index_bits(uint64_t hash)
{
    return hash * 0x9e3779b97f4a7c15ull;
}

static inline unsigned index_bit(uint64_t bits, unsigned i)
{
    return bits >> (16 + 6 * i) & 63;
}

/* Whether the four words from `from` on have their bits set. */
static inline bool index_half(const uint64_t *words, uint64_t bits, unsigned from)
{
    uint64_t all = 1;
    for (unsigned i = from; i < from + 4; i++)
        all &= words[i] >> index_bit(bits, i);
    return all & 1;
}

/* False: no entry has this hash. True: one may have. The words are read in two halves without a
 * branch inside: one on each word mispredicts too often (32 against 16 cycles). */
static inline bool index_may_have(const struct index *index, uint64_t hash)
{
    const uint64_t *words = index->blocks[index_reduce(hash, index->block_count)].words;
    uint64_t bits = index_bits(hash);
    return index_half(words, bits, 0) && index_half(words, bits, 4);
}

/* A walk over the records that may have one hash. */
struct index_walk {
    const struct index *index;
    const uint8_t *record; /* the one after the last given; NULL before the first */
    uint32_t bucket;
    uint32_t tag;
    uint32_t next; /* the tag to look at next */
    uint32_t read; /* how many tags' records lie before `record` */
    uint32_t end;
};

struct index_walk index_walk(const struct index *index, uint64_t hash);

/* The next record whose tag is the hash's; false at the end. Records are touched only when a tag
 * is equal. */
bool index_next(struct index_walk *walk, struct record *ret_record);

/* A handle for a record of this index (under 2^31), and the record of a handle. */
static inline uint32_t index_handle(const struct index *index, const struct record *record)
{
    return (uint32_t)(record->key - RECORD_KEY_AT - index->records);
}

static inline void index_record(const struct index *index, uint32_t handle,
                                struct record *ret_record)
{
    record_read(index->records + handle, ret_record);
}
