/* pattern_set.c - which of many byte strings may stand in a text, by looking at a few of its bytes
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/pattern_set.h"

#include "base/hash.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum {
    STRIDE_MAX = 8,
    END_BYTES = 4,
    FILTER_BITS_MIN = 14,
    FILTER_BITS_MAX = 22,
    FEW_MAX = 64, /* of like length: searched for with the other few, if they fit */
    HASHES_A_BUCKET =
        16, /* for each run, which sets two: so one look in 64 or fewer is let through */
};

/* The lengths a class is for begin where the one before it ends. */
static const struct {
    uint8_t len_min;
    uint8_t gram;
} class_rows[PATTERN_CLASSES] = {{1, 1}, {2, 2}, {4, 3}, {8, 4}};

/* One run of `gram` bytes of a pattern. Whole words share runs: the end of the pattern that is
 * farther away tells most of them apart before the pattern is read, which is not in the cache. */
struct pattern_run {
    uint32_t bytes; /* as run_read() gives them */
    uint32_t end;   /* END_BYTES of the pattern's first or last, likewise */
    uint32_t pattern;
    uint8_t offset; /* where in the pattern it stands */
    uint8_t end_at; /* and where the end does */
    uint8_t len;    /* of the pattern; under END_BYTES there is no end */
};

/* A run of bytes without letter case, as a number. */
static inline uint32_t run_read(const uint8_t *at, unsigned gram)
{
    uint32_t word;
    uint16_t half;
    switch (gram) {
    case 4: memcpy(&word, at, sizeof(word)); return word | 0x20202020u;
    case 3: memcpy(&half, at, sizeof(half)); return (half | (uint32_t)at[2] << 16) | 0x202020u;
    case 2: memcpy(&half, at, sizeof(half)); return half | 0x2020u;
    default: return *at | 0x20u;
    }
}

static inline size_t run_hash(uint32_t run, uint64_t key, unsigned shift)
{
    return (size_t)(run * key >> shift);
}

/* Another, of as many bits that the first has not used. */
static inline size_t run_hash_again(uint32_t run, uint64_t key, unsigned shift)
{
    return (size_t)(run * key << (64 - shift) >> shift);
}

static inline bool filter_has(const uint64_t *filter, size_t hash)
{
    return filter[hash / 64] >> hash % 64 & 1;
}

static inline void filter_add(uint64_t *filter, size_t hash)
{
    filter[hash / 64] |= 1ull << hash % 64;
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
    pattern_few_done(&set->few);
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

/* From which run on the pattern is known by `stride` runs in a row: where the commonest of them is
 * as rare as can be, for it brings most looks that find nothing. */
static unsigned window_of(const struct pattern_class *class, const struct pattern *pattern)
{
    unsigned best = 0, best_weight = 0;
    for (unsigned from = 0; from + class->stride + class->gram - 1 <= pattern->len; from++) {
        unsigned least = UINT_MAX;
        for (unsigned at = from; at < from + class->stride; at++) {
            unsigned weight = pattern_weight(pattern->bytes + at, class->gram);
            least = weight < least ? weight : least;
        }
        if (least > best_weight) {
            best_weight = least;
            best = from;
        }
    }
    return best;
}

static struct pattern_run run_make(const struct pattern_class *class,
                                   const struct pattern *patterns, size_t number, unsigned offset)
{
    const struct pattern *pattern = &patterns[number];
    struct pattern_run run = {.bytes = run_at(class, pattern, offset),
                              .pattern = (uint32_t)number,
                              .offset = (uint8_t)offset,
                              .len = pattern->len};
    if (pattern->len < END_BYTES)
        return run;
    unsigned behind = pattern->len - offset - class->gram;
    run.end_at = offset < behind ? pattern->len - END_BYTES : 0;
    run.end = run_read(pattern->bytes + run.end_at, END_BYTES);
    return run;
}

/* Counts the runs of each bucket, then puts them in their places from the last to the first, so
 * that a bucket's runs stand in the order of their patterns. */
static void runs_place(const struct pattern_set *set, struct pattern_class *class, unsigned number)
{
    uint32_t *ends = class->starts + 1; /* become starts as the buckets fill up */
    for (size_t i = 0; i < set->count; i++) {
        if (class_of(set->patterns[i].len) != number)
            continue;
        unsigned from = window_of(class, &set->patterns[i]);
        for (unsigned at = from; at < from + class->stride; at++)
            ends[run_hash(run_at(class, &set->patterns[i], at), set->key, class->shift) /
                 HASHES_A_BUCKET]++;
    }
    for (size_t i = 0; i + 1 < class->bucket_count; i++)
        ends[i + 1] += ends[i];
    for (size_t i = set->count; i-- > 0;) {
        if (class_of(set->patterns[i].len) != number)
            continue;
        unsigned from = window_of(class, &set->patterns[i]);
        for (unsigned at = from; at < from + class->stride; at++) {
            uint32_t run = run_at(class, &set->patterns[i], at);
            size_t hash = run_hash(run, set->key, class->shift);
            filter_add(class->filter, hash);
            filter_add(class->filter, run_hash_again(run, set->key, class->shift));
            class->runs[--ends[hash / HASHES_A_BUCKET]] = run_make(class, set->patterns, i, at);
        }
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

/* Gathers the patterns of the classes that have few. */
static void few_gather(const struct pattern_set *set, struct pattern_members *members,
                       bool few[PATTERN_CLASSES])
{
    size_t counts[PATTERN_CLASSES] = {0};
    for (size_t i = 0; i < set->count; i++)
        counts[class_of(set->patterns[i].len)]++;
    for (unsigned i = 0; i < PATTERN_CLASSES; i++)
        few[i] = counts[i] <= FEW_MAX;
    for (size_t i = 0; i < set->count; i++)
        if (few[class_of(set->patterns[i].len)])
            members->numbers[members->count++] = (uint32_t)i;
}

bool pattern_set_build(struct pattern_set *set)
{
    bool few[PATTERN_CLASSES], fits = false;
    struct pattern_members members = {
        .numbers = calloc(PATTERN_CLASSES * FEW_MAX, sizeof(*members.numbers))};
    if (!members.numbers)
        return false;
    few_gather(set, &members, few);
    bool built = pattern_few_build(&set->few, set->patterns, &members, &fits);
    for (unsigned i = 0; i < PATTERN_CLASSES && built; i++)
        if (!fits || !few[i]) {
            set->has_classes = true;
            built = class_build(set, i);
        }
    free(members.numbers);
    return built;
}

/* Whether the run at text[at] may be that of its pattern. */
static inline bool run_fits(const struct pattern_look *look, const struct pattern_run *run,
                            uint32_t bytes, size_t at)
{
    if (run->bytes != bytes || run->offset > at || run->len > look->len - (at - run->offset))
        return false;
    return run->len < END_BYTES ||
           run_read(look->text + at - run->offset + run->end_at, END_BYTES) == run->end;
}

/* Compares the patterns that have the run at text[at]; false ends the search. */
static bool look_closer(const struct pattern_class *class, const struct pattern_look *look,
                        uint32_t bytes, size_t hash, size_t at)
{
    const uint32_t *starts = class->starts + hash / HASHES_A_BUCKET;
    for (uint32_t i = starts[0]; i < starts[1]; i++) {
        const struct pattern_run *run = &class->runs[i];
        if (run_fits(look, run, bytes, at) && !pattern_try(look, run->pattern, run->offset, at))
            return false;
    }
    return true;
}

/* Inlined with a constant `gram`, so that reading a run is one instruction. */
static inline __attribute__((always_inline)) bool look_over(const struct pattern_class *class,
                                                            const struct pattern_look *look,
                                                            uint64_t key, unsigned gram)
{
    const uint8_t *text = look->text;
    const uint64_t *filter = class->filter;
    const unsigned stride = class->stride, shift = class->shift;
    const size_t end = look->len >= gram ? look->len - gram + 1 : 0;
    for (size_t at = 0; at < end; at += stride) {
        uint32_t bytes = run_read(text + at, gram);
        size_t hash = run_hash(bytes, key, shift);
        if (filter_has(filter, hash) && filter_has(filter, run_hash_again(bytes, key, shift)) &&
            !look_closer(class, look, bytes, hash, at))
            return false;
    }
    return true;
}

static bool class_search(const struct pattern_class *class, const struct pattern_look *look,
                         uint64_t key)
{
    switch (class->gram) {
    case 4: return look_over(class, look, key, 4);
    case 3: return look_over(class, look, key, 3);
    case 2: return look_over(class, look, key, 2);
    default: return look_over(class, look, key, 1);
    }
}

bool pattern_set_search(const struct pattern_set *set, const uint8_t *text, size_t len,
                        unsigned *budget, pattern_fn found, void *arg)
{
    const struct pattern_look look = {set->patterns, text, len, budget, found, arg};
    if (!pattern_few_search(&set->few, &look))
        return false;
    for (unsigned i = 0; set->has_classes && i < PATTERN_CLASSES; i++)
        if (set->classes[i].filter && !class_search(&set->classes[i], &look, set->key))
            return false;
    return true;
}

size_t pattern_set_bytes(const struct pattern_set *set)
{
    size_t bytes = set->room * sizeof(*set->patterns) + pattern_few_bytes(&set->few);
    for (unsigned i = 0; i < PATTERN_CLASSES; i++) {
        const struct pattern_class *class = &set->classes[i];
        if (class->filter)
            bytes += class->bucket_count * HASHES_A_BUCKET / 8 +
                     (class->bucket_count + 1) * sizeof(*class->starts) +
                     class->run_count * sizeof(*class->runs);
    }
    return bytes;
}
