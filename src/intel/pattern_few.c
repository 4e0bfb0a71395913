/* pattern_few.c - which of a few dozen byte strings may stand in a text, in less than a look a byte
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/pattern_few.h"

#include "base/bytes16.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum {
    STRIDE_MAX = 8,
    SEEKS_MAX = 8,
    RUN_BYTES = 3,
    SLOT_BITS = 13, /* few enough slots to stay near, many enough to be mostly empty */
    LISTS_MAX = UINT8_MAX,
    CHECKED_BYTES = 4,
    WEIGHT_RARE = 12, /* byte_weight() of most bytes */
    /* Instructions, roughly, for a message of 100 bytes: a byte sought; looks at a stride of one;
     * and what a run brings that is in the table but leads to nothing. */
    COST_SEEK = 30,
    COST_SEEK_COMMON = 200,
    COST_LOOKS = 600,
    COST_RUN = 2,
    COST_RUN_BINARY = 12,
    COST_RUN_COMMON = 300,
};

/* A byte to seek, and the pattern that has it at `offset`. Those of one byte stand together. */
struct pattern_seek {
    uint8_t byte;
    uint8_t offset;
    uint32_t pattern;
};

/* A run of a pattern, with some bytes around it that are compared first. */
struct pattern_run {
    uint32_t bytes;
    uint32_t pattern;
    uint8_t offset; /* of the run in the pattern */
    uint8_t back;   /* how far before the run the bytes begin */
};

/* How one pattern is looked for, given the stride. */
struct plan {
    unsigned window; /* which of its runs is the first in the table */
    unsigned cost;
    bool sought;
};

/* Of a run, the first RUN_BYTES of the word in memory, without letter case. */
static inline uint32_t slot_of(uint32_t word)
{
    const uint32_t mask = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0x5f5f5f : 0x5f5f5f00;
    return (word & mask) * 0x9e3779b1u >> (32 - SLOT_BITS);
}

static uint32_t run_slot(const uint8_t *run)
{
    uint32_t word = 0;
    memcpy(&word, run, RUN_BYTES);
    return slot_of(word);
}

/* The same for a run in a text, of which CHECKED_BYTES are read: one instruction. */
static inline uint32_t slot_read(const uint8_t *at)
{
    uint32_t word;
    memcpy(&word, at, sizeof(word));
    return slot_of(word);
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
    return is_letter(byte) || (byte >= '-' && byte <= '9') ? 8 : WEIGHT_RARE;
}

unsigned pattern_weight(const uint8_t *bytes, size_t len)
{
    unsigned weight = 0;
    for (size_t i = 0; i < len; i++)
        weight += byte_weight(bytes[i]);
    return weight;
}

/* Zeros and ones in a row stand in the header and around records of every message. Other small
 * numbers, such as lengths and pointers, are less common, but more so than what letters make. */
static unsigned run_cost(const uint8_t *at)
{
    unsigned small = 0, tiny = 0;
    for (unsigned i = 0; i < RUN_BYTES; i++) {
        small += byte_weight(at[i]) <= 2;
        tiny += !(at[i] & 0x5e);
    }
    if (tiny == RUN_BYTES)
        return COST_RUN_COMMON;
    return small > 0 ? COST_RUN_BINARY * small : COST_RUN;
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
    unsigned runs = pattern->len < CHECKED_BYTES ? 0 : pattern->len - RUN_BYTES + 1u;
    struct plan best = {.cost = COST_SEEK * seeks_of(pattern, 0, seeks), .sought = true};
    if (byte_weight(seeks->byte) < WEIGHT_RARE)
        best.cost = COST_SEEK_COMMON;
    for (unsigned from = 0; stride > 0 && from + stride <= runs; from++) {
        unsigned cost = 0;
        for (unsigned at = from; at < from + stride; at++)
            cost += run_cost(pattern->bytes + at);
        if (cost / stride < best.cost)
            best = (struct plan){.window = from, .cost = cost / stride};
    }
    return best;
}

/* Of all patterns with that stride; UINT_MAX where they do not fit. */
static unsigned cost_of(const struct pattern *patterns, const struct pattern_members *members,
                        unsigned stride)
{
    unsigned cost = stride > 0 ? COST_LOOKS / stride : 0, seeks = 0, runs = 0;
    for (size_t i = 0; i < members->count; i++) {
        const struct pattern *pattern = &patterns[members->numbers[i]];
        struct pattern_seek seek[2];
        struct plan plan = plan_of(pattern, stride);
        seeks += plan.sought ? seeks_of(pattern, 0, seek) : 0;
        runs += plan.sought ? 0 : stride;
        cost += plan.cost;
        if (seeks > SEEKS_MAX || runs > LISTS_MAX)
            return UINT_MAX;
    }
    return cost;
}

static bool stride_choose(struct pattern_few *few, const struct pattern *patterns,
                          const struct pattern_members *members)
{
    unsigned least = UINT_MAX;
    for (unsigned stride = 0; stride <= STRIDE_MAX; stride++) {
        if (stride == 1)
            continue; /* see runs_look_over() */
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

/* Numbers the slots in use and counts the runs of each. */
static void runs_count(struct pattern_few *few, const struct pattern *pattern, unsigned window)
{
    for (unsigned at = window; at < window + few->stride; at++) {
        uint8_t *list = &few->slots[run_slot(pattern->bytes + at)];
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
        unsigned list = few->slots[run_slot(pattern->bytes + at)];
        few->runs[--few->starts[list]] = run_make(pattern, number, at);
    }
}

/* Sorts the patterns into those sought by a byte and those looked for by runs. */
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
            runs_count(few, pattern, plan.window);
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
            memset(few->rows + BYTES16 * few->row_count++, few->seeks[i].byte, BYTES16);
}

bool pattern_few_build(struct pattern_few *few, const struct pattern *patterns,
                       const struct pattern_members *members, bool *ret_fits)
{
    *few = (struct pattern_few){0};
    *ret_fits = stride_choose(few, patterns, members);
    if (!*ret_fits || members->count == 0)
        return true;
    few->seeks = calloc(SEEKS_MAX + 1, sizeof(*few->seeks));
    few->rows = calloc(SEEKS_MAX + 1, BYTES16);
    few->slots = calloc(1 << SLOT_BITS, sizeof(*few->slots));
    few->starts = calloc(LISTS_MAX + 2, sizeof(*few->starts));
    few->runs = calloc(LISTS_MAX, sizeof(*few->runs));
    if (!few->seeks || !few->rows || !few->slots || !few->starts || !few->runs)
        return false;
    patterns_file(few, patterns, members);
    rows_fill(few);
    return true;
}

void pattern_few_done(struct pattern_few *few)
{
    free(few->seeks);
    free(few->rows);
    free(few->slots);
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

/* Compares the patterns that are sought by the byte of seeks[from] to seeks[to - 1] wherever it
 * stands; false ends the search. */
static bool byte_seek(const struct pattern_few *few, const struct pattern_look *look, unsigned from,
                      unsigned to)
{
    const uint8_t *end = look->text + look->len, *at = look->text;
    while ((at = memchr(at, few->seeks[from].byte, (size_t)(end - at))) != NULL) {
        for (unsigned i = from; i < to; i++)
            if (!pattern_try(look, few->seeks[i].pattern, few->seeks[i].offset,
                             (size_t)(at - look->text)))
                return false;
        at++;
    }
    return true;
}

/* Whether one of the bytes that are sought stands in the text: mostly none does. */
static bool seeks_stand(const struct pattern_few *few, const uint8_t *text, size_t len)
{
    bytes16 any = {0};
    if (few->row_count == 0)
        return false;
    if (len < BYTES16)
        return true;
    const uint8_t *rows_end = few->rows + few->row_count * BYTES16, *last = text + len - BYTES16;
    for (const uint8_t *from = few->rows; from < rows_end; from += BYTES16) {
        bytes16 row = bytes16_load(from);
        for (const uint8_t *at = text; at < last; at += BYTES16)
            any |= (bytes16)(bytes16_load(at) == row);
        any |= (bytes16)(bytes16_load(last) == row);
    }
    return bytes16_any(any);
}

static bool seeks_run(const struct pattern_few *few, const struct pattern_look *look)
{
    for (unsigned from = 0, to; from < few->seek_count; from = to) {
        for (to = from + 1; to < few->seek_count; to++)
            if (few->seeks[to].byte != few->seeks[from].byte)
                break;
        if (!byte_seek(few, look, from, to))
            return false;
    }
    return true;
}

/* Compares the patterns that have a run of this list; false ends the search. */
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

/* From `at` back, where four looks find a run that the table has, or the last few looks are left.
 * By itself, so that everything stays in registers. */
static __attribute__((noinline)) size_t runs_skip(const uint8_t *text, const uint8_t *slots,
                                                  size_t stride, size_t at)
{
    for (; at >= 4 * stride; at -= 4 * stride) {
        const uint8_t *run = text + at;
        if (slots[slot_read(run)] | slots[slot_read(run - stride)] |
            slots[slot_read(run - 2 * stride)] | slots[slot_read(run - 3 * stride)])
            break;
    }
    return at;
}

/* Four looks from `at` back, or as many as there are. */
static bool four_look(const struct pattern_few *few, const struct pattern_look *look, size_t at)
{
    for (unsigned i = 0; i < 4; i++) {
        unsigned list = few->slots[slot_read(look->text + at)];
        if (list && !look_closer(few, look, list, at))
            return false;
        if (at < few->stride)
            break;
        at -= few->stride;
    }
    return true;
}

/* From the end of the text on, whose last run is no look's: with a stride of two or more the run
 * before it tells as much, and then no look reads behind the text. */
static bool runs_look_over(const struct pattern_few *few, const struct pattern_look *look)
{
    const size_t four = 4 * few->stride;
    for (size_t at = look->len - CHECKED_BYTES;; at -= four) {
        at = runs_skip(look->text, few->slots, few->stride, at);
        if (!four_look(few, look, at))
            return false;
        if (at < four)
            return true;
    }
}

bool pattern_few_search(const struct pattern_few *few, const struct pattern_look *look)
{
    return (!seeks_stand(few, look->text, look->len) || seeks_run(few, look)) &&
           (few->run_count == 0 || look->len < CHECKED_BYTES || runs_look_over(few, look));
}

size_t pattern_few_bytes(const struct pattern_few *few)
{
    if (!few->slots)
        return 0;
    return (SEEKS_MAX + 1) * (sizeof(*few->seeks) + BYTES16) +
           (1 << SLOT_BITS) * sizeof(*few->slots) + (LISTS_MAX + 2) * sizeof(*few->starts) +
           LISTS_MAX * sizeof(*few->runs);
}
