/* pattern_few.c - which of a few dozen byte strings may stand in a text, in less than a look a byte
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/pattern_few.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum {
    STRIDE_MAX = 8,
    SEEKS_MAX = 8,
    MEMCHRS_MAX = 3, /* beyond, one walk over the text for all bytes costs less */
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

/* Where several bytes are sought, a table says of each byte whether it is one, and where its seeks
 * are: seeks[table - 1]. */
static bool bytes_table(struct pattern_few *few)
{
    unsigned different = 0;
    for (unsigned i = 0; i < few->seek_count; i++)
        different += i == 0 || few->seeks[i].byte != few->seeks[i - 1].byte;
    if (different <= MEMCHRS_MAX)
        return true;
    few->bytes = calloc(UINT8_MAX + 1, sizeof(*few->bytes));
    for (unsigned i = few->seek_count; few->bytes && i-- > 0;)
        few->bytes[few->seeks[i].byte] = (uint8_t)(i + 1);
    return few->bytes;
}

bool pattern_few_build(struct pattern_few *few, const struct pattern *patterns,
                       const struct pattern_members *members, bool *ret_fits)
{
    *few = (struct pattern_few){0};
    *ret_fits = stride_choose(few, patterns, members);
    if (!*ret_fits || members->count == 0)
        return true;
    few->seeks = calloc(SEEKS_MAX + 1, sizeof(*few->seeks));
    few->pairs = calloc(PAIR_MASK + 1, sizeof(*few->pairs));
    few->starts = calloc(LISTS_MAX + 2, sizeof(*few->starts));
    few->runs = calloc(LISTS_MAX, sizeof(*few->runs));
    if (!few->seeks || !few->pairs || !few->starts || !few->runs)
        return false;
    patterns_file(few, patterns, members);
    return bytes_table(few);
}

void pattern_few_done(struct pattern_few *few)
{
    free(few->seeks);
    free(few->bytes);
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

/* Goes through the text for the byte of seeks [from, to). */
static bool byte_seek(const struct pattern_look *look, const struct pattern_seek *from,
                      const struct pattern_seek *to)
{
    const uint8_t *at = look->text, *end = look->text + look->len;
    while (at < end && (at = memchr(at, from->byte, (size_t)(end - at)))) {
        for (const struct pattern_seek *seek = from; seek < to; seek++)
            if (!pattern_try(look, seek->pattern, seek->offset, (size_t)(at - look->text)))
                return false;
        at++;
    }
    return true;
}

static bool byte_look(const struct pattern_few *few, const struct pattern_look *look, size_t at)
{
    const struct pattern_seek *end = few->seeks + few->seek_count;
    unsigned list = few->bytes[look->text[at]];
    if (list == 0)
        return true;
    for (const struct pattern_seek *seek = few->seeks + list - 1;
         seek < end && seek->byte == look->text[at]; seek++)
        if (!pattern_try(look, seek->pattern, seek->offset, at))
            return false;
    return true;
}

/* Looks at every byte, at four with one branch. */
static bool bytes_look_over(const struct pattern_few *few, const struct pattern_look *look)
{
    const uint8_t *text = look->text, *bytes = few->bytes;
    for (size_t at = 0; at < look->len;) {
        size_t end = at + 4 < look->len ? at + 4 : look->len;
        if (end - at == 4 &&
            !(bytes[text[at]] | bytes[text[at + 1]] | bytes[text[at + 2]] | bytes[text[at + 3]])) {
            at = end;
            continue;
        }
        for (; at < end; at++)
            if (!byte_look(few, look, at))
                return false;
    }
    return true;
}

static bool seeks_run(const struct pattern_few *few, const struct pattern_look *look)
{
    if (few->bytes)
        return bytes_look_over(few, look);
    const struct pattern_seek *from = few->seeks, *to;
    const struct pattern_seek *end = from + few->seek_count;
    for (; from < end; from = to) {
        for (to = from + 1; to < end && to->byte == from->byte; to++)
            ;
        if (!byte_seek(look, from, to))
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

static bool pair_look(const struct pattern_few *few, const struct pattern_look *look, unsigned list,
                      size_t at)
{
    return list == 0 || look_closer(few, look, list, at);
}

/* Looks at four pairs with one branch, then at those that are left. */
static bool pairs_look_over(const struct pattern_few *few, const struct pattern_look *look)
{
    const uint8_t *text = look->text, *pairs = few->pairs;
    const size_t stride = few->stride, end = look->len >= PAIR_BYTES ? look->len - 1 : 0;
    const size_t four_end = end > 3 * stride ? end - 3 * stride : 0;
    size_t at = 0;
    for (; at < four_end; at += 4 * stride) {
        const uint8_t *pair = text + at;
        unsigned a = pairs[pair_read(pair)], b = pairs[pair_read(pair + stride)];
        unsigned c = pairs[pair_read(pair + 2 * stride)], d = pairs[pair_read(pair + 3 * stride)];
        if ((a | b | c | d) == 0)
            continue;
        if (!pair_look(few, look, a, at) || !pair_look(few, look, b, at + stride) ||
            !pair_look(few, look, c, at + 2 * stride) || !pair_look(few, look, d, at + 3 * stride))
            return false;
    }
    for (; at < end; at += stride)
        if (!pair_look(few, look, pairs[pair_read(text + at)], at))
            return false;
    return true;
}

bool pattern_few_search(const struct pattern_few *few, const struct pattern_look *look)
{
    return (few->seek_count == 0 || seeks_run(few, look)) &&
           (few->run_count == 0 || pairs_look_over(few, look));
}

size_t pattern_few_bytes(const struct pattern_few *few)
{
    if (!few->pairs)
        return 0;
    return (SEEKS_MAX + 1) * sizeof(*few->seeks) + PAIR_MASK + 1 +
           (LISTS_MAX + 2) * sizeof(*few->starts) + LISTS_MAX * sizeof(*few->runs);
}
