/* pattern_set.c - which of many byte strings may stand in a text, by looking at a few of its bytes
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/pattern_set.h"

#include "base/hash.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    STRIDE_MAX = 8,
    FILTER_BITS_MIN = 9,
    FILTER_BITS_MAX = 22,
    HASHES_A_BUCKET = 16, /* for each run: so the filter lets one look in 16 or fewer through */
};

/* The lengths a class is for begin where the one before it ends. */
static const struct {
    uint8_t len_min;
    uint8_t gram;
} class_rows[PATTERN_CLASSES] = {{1, 1}, {2, 2}, {4, 4}, {8, 4}};

/* One run of `gram` bytes of a pattern. */
struct pattern_run {
    uint32_t bytes; /* as run_read() gives them */
    uint32_t pattern;
    uint32_t offset; /* where in the pattern it stands */
};

/* A run of bytes without letter case, as a number. */
static inline uint32_t run_read(const uint8_t *at, unsigned gram)
{
    uint32_t word;
    uint16_t half;
    switch (gram) {
    case 4: memcpy(&word, at, sizeof(word)); return word | 0x20202020u;
    case 2: memcpy(&half, at, sizeof(half)); return half | 0x2020u;
    default: return *at | 0x20u;
    }
}

static inline size_t run_hash(uint32_t run, uint64_t key, unsigned shift)
{
    return (size_t)(((uint64_t)run * key) >> shift);
}

static unsigned class_of(size_t len)
{
    unsigned class = PATTERN_CLASSES - 1;
    while (len < class_rows[class].len_min)
        class --;
    return class;
}

void pattern_set_init(struct pattern_set *set)
{
    *set = (struct pattern_set){.key = hash_mix(hash_seed, HASH_FIXED_SEED) | 1};
}

void pattern_set_done(struct pattern_set *set)
{
    for (unsigned i = 0; i < PATTERN_CLASSES; i++) {
        free(set->classes[i].filter);
        free(set->classes[i].starts);
        free(set->classes[i].runs);
    }
    free(set->patterns);
    *set = (struct pattern_set){0};
}

bool pattern_set_add(struct pattern_set *set, const uint8_t *bytes, size_t len, uint32_t value)
{
    assert(len > 0 && len <= PATTERN_BYTES_MAX);
    if (set->count == set->room) {
        size_t room = set->room ? set->room * 2 : 64;
        struct pattern *larger = realloc(set->patterns, room * sizeof(*larger));
        if (!larger)
            return false;
        set->patterns = larger;
        set->room = room;
    }
    set->patterns[set->count++] =
        (struct pattern){.bytes = bytes, .len = (uint8_t)len, .value = value};
    return true;
}

/* How often the class may look: the shortest pattern still has a whole run at one of the looks. */
static unsigned stride_of(const struct pattern_set *set, unsigned class, size_t *ret_count)
{
    size_t shortest = PATTERN_BYTES_MAX;
    *ret_count = 0;
    for (size_t i = 0; i < set->count; i++) {
        if (class_of(set->patterns[i].len) != class)
            continue;
        ++*ret_count;
        if (set->patterns[i].len < shortest)
            shortest = set->patterns[i].len;
    }
    size_t stride = shortest - class_rows[class].gram + 1;
    return stride < STRIDE_MAX ? (unsigned)stride : STRIDE_MAX;
}

static uint32_t run_at(const struct pattern_class *class, const struct pattern *pattern,
                       unsigned offset)
{
    return run_read(pattern->bytes + offset, class->gram);
}

/* Counts the runs of each bucket, then puts them in their places from the last to the first, so
 * that a bucket's runs stand in the order of their patterns. */
static void runs_place(const struct pattern_set *set, struct pattern_class *class, unsigned number)
{
    uint32_t *ends = class->starts + 1; /* become starts as the buckets fill up */
    for (size_t i = 0; i < set->count; i++)
        for (unsigned at = 0; at < class->stride && class_of(set->patterns[i].len) == number; at++)
            ends[run_hash(run_at(class, &set->patterns[i], at), set->key, class->shift) /
                 HASHES_A_BUCKET]++;
    for (size_t i = 0; i + 1 < class->bucket_count; i++)
        ends[i + 1] += ends[i];
    for (size_t i = set->count; i-- > 0;)
        for (unsigned at = 0; at < class->stride && class_of(set->patterns[i].len) == number;
             at++) {
            uint32_t run = run_at(class, &set->patterns[i], at);
            size_t hash = run_hash(run, set->key, class->shift);
            class->filter[hash / 64] |= 1ull << hash % 64;
            class->runs[--ends[hash / HASHES_A_BUCKET]] =
                (struct pattern_run){.bytes = run, .pattern = (uint32_t)i, .offset = at};
        }
    memmove(class->starts, ends, class->bucket_count * sizeof(*ends));
    class->starts[class->bucket_count] = (uint32_t) class->run_count;
}

static bool class_build(struct pattern_set *set, unsigned number)
{
    struct pattern_class *class = &set->classes[number];
    size_t count;
    unsigned bits = FILTER_BITS_MIN;
    class->gram = class_rows[number].gram;
    class->stride = stride_of(set, number, &count);
    if (count == 0)
        return true;
    class->run_count = count * class->stride;
    while (bits < FILTER_BITS_MAX && (size_t)1 << bits < class->run_count * HASHES_A_BUCKET)
        bits++;
    class->shift = 64 - bits;
    class->bucket_count = ((size_t)1 << bits) / HASHES_A_BUCKET;
    class->filter = calloc(((size_t)1 << bits) / 64, sizeof(*class->filter));
    class->starts = calloc(class->bucket_count + 1, sizeof(*class->starts));
    class->runs = calloc(class->run_count, sizeof(*class->runs));
    if (!class->filter || !class->starts || !class->runs)
        return false;
    runs_place(set, class, number);
    return true;
}

bool pattern_set_build(struct pattern_set *set)
{
    for (unsigned i = 0; i < PATTERN_CLASSES; i++)
        if (!class_build(set, i))
            return false;
    return true;
}

/* Where one class looks at a text. */
struct look {
    const struct pattern_set *set;
    const struct pattern_class *class;
    const uint8_t *text;
    size_t len;
    unsigned *budget;
    pattern_fn found;
    void *arg;
};

static bool pattern_stands(const struct pattern *pattern, const uint8_t *at)
{
    for (unsigned i = 0; i < pattern->len; i++)
        if ((pattern->bytes[i] ^ at[i]) & 0xdf)
            return false;
    return true;
}

/* Compares the patterns that have the run at text[at]; false ends the search. */
static bool look_closer(const struct look *look, uint32_t bytes, size_t hash, size_t at)
{
    const struct pattern_class *class = look->class;
    const uint32_t *starts = class->starts + hash / HASHES_A_BUCKET;
    for (uint32_t i = starts[0]; i < starts[1]; i++) {
        const struct pattern_run *run = &class->runs[i];
        const struct pattern *pattern = &look->set->patterns[run->pattern];
        if (run->bytes != bytes)
            continue;
        if (*look->budget == 0)
            return false;
        --*look->budget;
        if (run->offset > at || pattern->len > look->len - (at - run->offset))
            continue;
        if (pattern_stands(pattern, look->text + at - run->offset) &&
            !look->found(look->arg, pattern->value))
            return false;
    }
    return true;
}

/* Inlined with a constant `gram`, so that reading a run is one instruction. */
static inline __attribute__((always_inline)) bool look_over(const struct look *look, unsigned gram)
{
    const struct pattern_class *class = look->class;
    for (size_t at = 0; at + gram <= look->len; at += class->stride) {
        uint32_t bytes = run_read(look->text + at, gram);
        size_t hash = run_hash(bytes, look->set->key, class->shift);
        if (class->filter[hash / 64] >> hash % 64 & 1 && !look_closer(look, bytes, hash, at))
            return false;
    }
    return true;
}

bool pattern_set_search(const struct pattern_set *set, const uint8_t *text, size_t len,
                        unsigned *budget, pattern_fn found, void *arg)
{
    for (unsigned i = 0; i < PATTERN_CLASSES; i++) {
        const struct pattern_class *class = &set->classes[i];
        const struct look look = {set, class, text, len, budget, found, arg};
        if (!class->filter)
            continue;
        bool whole = class->gram == 4   ? look_over(&look, 4)
                     : class->gram == 2 ? look_over(&look, 2)
                                        : look_over(&look, 1);
        if (!whole)
            return false;
    }
    return true;
}

size_t pattern_set_bytes(const struct pattern_set *set)
{
    size_t bytes = set->room * sizeof(*set->patterns);
    for (unsigned i = 0; i < PATTERN_CLASSES; i++) {
        const struct pattern_class *class = &set->classes[i];
        if (class->filter)
            bytes += class->bucket_count * HASHES_A_BUCKET / 8 +
                     (class->bucket_count + 1) * sizeof(*class->starts) +
                     class->run_count * sizeof(*class->runs);
    }
    return bytes;
}
