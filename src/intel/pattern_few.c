/* pattern_few.c - which of a few dozen byte strings may stand in a text, in less than a look a byte
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/pattern_few.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum {
    STRIDE_MAX = 8,
    SEEKS_MAX = 8,
    CHUNK = 16, /* bytes that are compared at once */
    PAIR_BYTES = 2,
    PAIR_MASK = 0x5f5f, /* of a pair: without letter case, and few enough to have a table */
    LISTS_MAX = UINT8_MAX,
    CHECKED_BYTES = 4,
    /* Instructions, roughly, for a message of 100 bytes: a byte sought; looks at a stride of one;
     * and what a pair brings that is in the table but leads to nothing. */
    COST_SEEK = 60,
    COST_LOOKS = 500,
    COST_PAIR = 12,
    COST_PAIR_BINARY = 40,
    COST_PAIR_COMMON = 300,
};

/* A byte to seek, and the pattern that has it at `offset`. Those of one byte stand together. */
struct pattern_seek {
    uint8_t byte;
    uint8_t offset;
    uint32_t pattern;
};

/* A pair of a pattern, with some bytes around it that are compared first. */
struct pattern_run {
    uint32_t bytes;
    uint32_t pattern;
    uint8_t offset; /* of the pair in the pattern */
    uint8_t back;   /* how far before the pair the bytes begin */
};

/* How one pattern is looked for, given the stride. */
struct plan {
    unsigned window; /* which of its pairs is the first in the table */
    unsigned cost;
    bool sought;
};

static inline unsigned pair_read(const uint8_t *at)
{
    uint16_t pair;
    memcpy(&pair, at, sizeof(pair));
    return pair & PAIR_MASK;
}

/* CHECKED_BYTES without letter case, as a number. */
static inline uint32_t bytes_read(const uint8_t *at)
{
    uint32_t word;
    memcpy(&word, at, sizeof(word));
    return word | 0x20202020u;
}

static bool is_letter(uint8_t byte)
{
    return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
}

static unsigned byte_weight(uint8_t byte)
{
    if (byte < 2)
        return 1;
    if (byte < 0x20 || byte == 0xc0)
        return 2;
    return is_letter(byte) || (byte >= '-' && byte <= '9') ? 8 : 12;
}

unsigned pattern_weight(const uint8_t *bytes, size_t len)
{
    unsigned weight = 0;
    for (size_t i = 0; i < len; i++)
        weight += byte_weight(bytes[i]);
    return weight;
}

/* In the header and around records, zeros and ones make every seventh pair. One pair in a hundred
 * each are those of other small numbers, such as the length of an address, and pointers. */
static unsigned pair_cost(const uint8_t *at)
{
    bool zeros = !(at[0] & 0x5e) && !(at[1] & 0x5e);
    if (byte_weight(at[0]) > 2 || byte_weight(at[1]) > 2)
        return zeros ? COST_PAIR_COMMON : COST_PAIR;
    return zeros ? COST_PAIR_COMMON : COST_PAIR_BINARY;
}

/* A rare byte that is no letter is sought once, a letter in both of its cases. */
static unsigned seeks_of(const struct pattern *pattern, uint32_t number,
                         struct pattern_seek seeks[2])
{
    unsigned best = 0;
    for (unsigned i = 1; i < pattern->len; i++) {
        unsigned weight = byte_weight(pattern->bytes[i]);
        unsigned most = byte_weight(pattern->bytes[best]);
        if (weight > most || (weight == most && is_letter(pattern->bytes[best])))
            best = i;
    }
    seeks[0] = seeks[1] = (struct pattern_seek){pattern->bytes[best], (uint8_t)best, number};
    seeks[1].byte ^= 0x20;
    return is_letter(seeks[0].byte) ? 2 : 1;
}

static struct plan plan_of(const struct pattern *pattern, unsigned stride)
{
    struct pattern_seek seeks[2];
    unsigned pairs = pattern->len < CHECKED_BYTES ? 0 : pattern->len - 1u;
    struct plan best = {.cost = COST_SEEK * seeks_of(pattern, 0, seeks), .sought = true};
    for (unsigned from = 0; stride > 0 && from + stride <= pairs; from++) {
        unsigned cost = 0;
        for (unsigned at = from; at < from + stride; at++)
            cost += pair_cost(pattern->bytes + at);
        if (cost / stride < best.cost)
            best = (struct plan){.window = from, .cost = cost / stride};
    }
    return best;
}

/* Of all patterns with that stride; UINT_MAX where they do not fit. */
static unsigned cost_of(const struct pattern *patterns, const struct pattern_members *members,
                        unsigned stride)
{
    unsigned cost = stride > 0 ? COST_LOOKS / stride : 0, seeks = 0, pairs = 0;
    for (size_t i = 0; i < members->count; i++) {
        const struct pattern *pattern = &patterns[members->numbers[i]];
        struct pattern_seek seek[2];
        struct plan plan = plan_of(pattern, stride);
        seeks += plan.sought ? seeks_of(pattern, 0, seek) : 0;
        pairs += plan.sought ? 0 : stride;
        cost += plan.cost;
        if (seeks > SEEKS_MAX || pairs > LISTS_MAX)
            return UINT_MAX;
    }
    return cost;
}

static bool stride_choose(struct pattern_few *few, const struct pattern *patterns,
                          const struct pattern_members *members)
{
    unsigned least = UINT_MAX;
    for (unsigned stride = 0; stride <= STRIDE_MAX; stride++) {
        unsigned cost = cost_of(patterns, members, stride);
        if (cost >= least)
            continue;
        least = cost;
        few->stride = stride;
    }
    return least < UINT_MAX;
}

static int seek_order(const void *a, const void *b)
{
    const struct pattern_seek *x = a, *y = b;
    return x->byte != y->byte ? (x->byte > y->byte) - (x->byte < y->byte)
                              : (x->pattern > y->pattern) - (x->pattern < y->pattern);
}

static struct pattern_run run_make(const struct pattern *pattern, uint32_t number, unsigned offset)
{
    unsigned last = pattern->len - CHECKED_BYTES, from = offset < last ? offset : last;
    return (struct pattern_run){.bytes = bytes_read(pattern->bytes + from),
                                .pattern = number,
                                .offset = (uint8_t)offset,
                                .back = (uint8_t)(offset - from)};
}

/* Numbers the pairs and counts the runs of each list. */
static void pairs_count(struct pattern_few *few, const struct pattern *pattern, unsigned window)
{
    for (unsigned at = window; at < window + few->stride; at++) {
        uint8_t *list = &few->pairs[pair_read(pattern->bytes + at)];
        if (*list == 0)
            *list = (uint8_t)few->list_count++;
        few->starts[*list]++;
        few->run_count++;
    }
}

/* Each list's start is its end at first, and falls as its runs find their places. */
static void runs_place(struct pattern_few *few, const struct pattern *pattern, uint32_t number,
                       unsigned window)
{
    for (unsigned at = window; at < window + few->stride; at++) {
        unsigned list = few->pairs[pair_read(pattern->bytes + at)];
        few->runs[--few->starts[list]] = run_make(pattern, number, at);
    }
}

/* Sorts the patterns into those sought by a byte and those looked for by pairs. */
static void patterns_file(struct pattern_few *few, const struct pattern *patterns,
                          const struct pattern_members *members)
{
    few->list_count = 1;
    for (size_t i = 0; i < members->count; i++) {
        const struct pattern *pattern = &patterns[members->numbers[i]];
        struct plan plan = plan_of(pattern, few->stride);
        if (plan.sought)
            few->seek_count += seeks_of(pattern, members->numbers[i], few->seeks + few->seek_count);
        else
            pairs_count(few, pattern, plan.window);
    }
    qsort(few->seeks, few->seek_count, sizeof(*few->seeks), seek_order);
    for (size_t list = 1; list <= few->list_count; list++)
        few->starts[list] += few->starts[list - 1];
    for (size_t i = members->count; i-- > 0;) {
        const struct pattern *pattern = &patterns[members->numbers[i]];
        struct plan plan = plan_of(pattern, few->stride);
        if (!plan.sought)
            runs_place(few, pattern, members->numbers[i], plan.window);
    }
}

/* Each different byte that is sought fills a row. */
static void rows_fill(struct pattern_few *few)
{
    for (unsigned i = 0; i < few->seek_count; i++)
        if (i == 0 || few->seeks[i].byte != few->seeks[i - 1].byte)
            memset(few->rows + CHUNK * few->row_count++, few->seeks[i].byte, CHUNK);
}

bool pattern_few_build(struct pattern_few *few, const struct pattern *patterns,
                       const struct pattern_members *members, bool *ret_fits)
{
    *few = (struct pattern_few){0};
    *ret_fits = stride_choose(few, patterns, members);
    if (!*ret_fits || members->count == 0)
        return true;
    few->seeks = calloc(SEEKS_MAX + 1, sizeof(*few->seeks));
    few->rows = calloc(SEEKS_MAX + 1, CHUNK);
    few->pairs = calloc(PAIR_MASK + 1, sizeof(*few->pairs));
    few->starts = calloc(LISTS_MAX + 2, sizeof(*few->starts));
    few->runs = calloc(LISTS_MAX, sizeof(*few->runs));
    if (!few->seeks || !few->rows || !few->pairs || !few->starts || !few->runs)
        return false;
    patterns_file(few, patterns, members);
    rows_fill(few);
    return true;
}

void pattern_few_done(struct pattern_few *few)
{
    free(few->seeks);
    free(few->rows);
    free(few->pairs);
    free(few->starts);
    free(few->runs);
    *few = (struct pattern_few){0};
}

static bool pattern_stands(const struct pattern *pattern, const uint8_t *at)
{
    for (unsigned i = 0; i < pattern->len; i++)
        if ((pattern->bytes[i] ^ at[i]) & 0xdf)
            return false;
    return true;
}

bool pattern_try(const struct pattern_look *look, uint32_t number, size_t offset, size_t at)
{
    const struct pattern *pattern = &look->patterns[number];
    if (*look->budget == 0)
        return false;
    --*look->budget;
    if (offset > at || pattern->len > look->len - (at - offset))
        return true;
    return !pattern_stands(pattern, look->text + at - offset) ||
           look->found(look->arg, pattern->value);
}

/* Compares the patterns that are sought by the byte at text[at]; false ends the search. */
static bool byte_try(const struct pattern_few *few, const struct pattern_look *look, size_t at)
{
    for (unsigned i = 0; i < few->seek_count; i++)
        if (few->seeks[i].byte == look->text[at] &&
            !pattern_try(look, few->seeks[i].pattern, few->seeks[i].offset, at))
            return false;
    return true;
}

/* Sets ret_hits[i] where the byte i of CHUNK is one that is sought, and returns whether one is.
 * Vectors of the compiler's: one instruction where the machine has such, else a loop. */
static inline bool chunk_hits(const struct pattern_few *few, const uint8_t *at,
                              uint8_t ret_hits[CHUNK])
{
    uint8_t chunk __attribute__((vector_size(CHUNK))), row __attribute__((vector_size(CHUNK)));
    int8_t any __attribute__((vector_size(CHUNK))) = {0};
    const uint8_t *end = few->rows + few->row_count * CHUNK;
    uint64_t halves[2];
    memcpy(&chunk, at, sizeof(chunk));
    for (const uint8_t *from = few->rows; from < end; from += CHUNK) {
        memcpy(&row, from, sizeof(row));
        any |= chunk == row;
    }
    memcpy(halves, &any, sizeof(halves));
    memcpy(ret_hits, &any, sizeof(any));
    return halves[0] | halves[1];
}

/* The last chunk reaches back over bytes that were looked at, which are not tried again. */
static bool seeks_run(const struct pattern_few *few, const struct pattern_look *look)
{
    uint8_t hits[CHUNK];
    for (size_t at = 0, from, next; at < look->len; at = next) {
        next = at + CHUNK < look->len ? at + CHUNK : look->len;
        from = next < CHUNK ? 0 : next - CHUNK;
        if (next < CHUNK)
            memset(hits, 1, sizeof(hits));
        else if (!chunk_hits(few, look->text + from, hits))
            continue;
        for (; at < next; at++)
            if (hits[at - from] && !byte_try(few, look, at))
                return false;
    }
    return true;
}

/* Compares the patterns that have a pair of this list; false ends the search. */
static bool look_closer(const struct pattern_few *few, const struct pattern_look *look,
                        unsigned list, size_t at)
{
    for (uint32_t i = few->starts[list]; i < few->starts[list + 1]; i++) {
        const struct pattern_run *run = &few->runs[i];
        if (run->back > at || CHECKED_BYTES > look->len - (at - run->back))
            continue;
        if (run->bytes == bytes_read(look->text + at - run->back) &&
            !pattern_try(look, run->pattern, run->offset, at))
            return false;
    }
    return true;
}

/* From `at` on, where the first of four pairs is of which the table has one; at least `end` without
 * any. By itself, so that everything stays in registers. */
static __attribute__((noinline)) size_t pairs_skip(const uint8_t *text, const uint8_t *pairs,
                                                   size_t stride, size_t at, size_t end)
{
    for (; at < end; at += 4 * stride) {
        const uint8_t *pair = text + at;
        if (pairs[pair_read(pair)] | pairs[pair_read(pair + stride)] |
            pairs[pair_read(pair + 2 * stride)] | pairs[pair_read(pair + 3 * stride)])
            break;
    }
    return at;
}

/* Looks at four pairs with one branch, and at the last few one by one. */
static bool pairs_look_over(const struct pattern_few *few, const struct pattern_look *look)
{
    const uint8_t *text = look->text, *pairs = few->pairs;
    const size_t stride = few->stride, end = look->len - 1;
    const size_t four_end = end > 3 * stride ? end - 3 * stride : 0;
    for (size_t at = 0; at < end; at += stride) {
        at = pairs_skip(text, pairs, stride, at, four_end);
        while (at < end && pairs[pair_read(text + at)] == 0)
            at += stride;
        if (at < end && !look_closer(few, look, pairs[pair_read(text + at)], at))
            return false;
    }
    return true;
}

bool pattern_few_search(const struct pattern_few *few, const struct pattern_look *look)
{
    return (few->seek_count == 0 || seeks_run(few, look)) &&
           (few->run_count == 0 || look->len < PAIR_BYTES || pairs_look_over(few, look));
}

size_t pattern_few_bytes(const struct pattern_few *few)
{
    if (!few->pairs)
        return 0;
    return (SEEKS_MAX + 1) * (sizeof(*few->seeks) + CHUNK) + PAIR_MASK + 1 +
           (LISTS_MAX + 2) * sizeof(*few->starts) + LISTS_MAX * sizeof(*few->runs);
}
