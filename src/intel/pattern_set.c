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
    FILTER_BITS_MIN = 14,
    FILTER_BITS_MAX = 22,
    SEEKS_MAX = 8,
    HASHES_A_BUCKET = 16, /* for each run: so the filter lets one look in 16 or fewer through */
    PAIR_MASK = 0x5f5f,   /* of two bytes: without letter case, and few enough to have a table */
    LISTS_MAX = UINT8_MAX,
    CHECKED_BYTES = 4,
    /* Instructions, roughly, for a message of 100 bytes. */
    COST_SEEK = 45,
    COST_LOOKS = 500, /* with a stride of one */
};

/* The lengths a class is for begin where the one before it ends. */
static const struct {
    uint8_t len_min;
    uint8_t gram;
} class_rows[PATTERN_CLASSES] = {{1, 1}, {2, 2}, {4, 3}, {8, 4}};

/* A place in a pattern at which a look may find it. */
struct pattern_run {
    uint32_t bytes; /* `checked` of them around it, as run_read() gives them */
    uint32_t pattern;
    uint8_t offset; /* where in the pattern the look is */
    uint8_t back;   /* how far before it the bytes begin */
};

/* A byte to seek, and the pattern that has it at `offset`. Those of one byte stand together. */
struct pattern_seek {
    uint8_t byte;
    uint8_t offset;
    uint32_t pattern;
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

/* Patterns that are built into a class, by their numbers. */
struct members {
    uint32_t *numbers;
    size_t count;
};

static inline size_t run_hash(uint32_t run, uint64_t key, unsigned shift)
{
    return (size_t)(run * key >> shift);
}

/* Two bytes as an index into pattern_class.pairs. */
static inline unsigned pair_read(const uint8_t *at)
{
    uint16_t pair;
    memcpy(&pair, at, sizeof(pair));
    return pair & PAIR_MASK;
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
        free(set->classes[i].pairs);
        free(set->classes[i].filter);
        free(set->classes[i].starts);
        free(set->classes[i].runs);
        free(set->classes[i].seeks);
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
static unsigned stride_of(size_t shortest, unsigned gram)
{
    size_t stride = shortest - gram + 1;
    return stride < STRIDE_MAX ? (unsigned)stride : STRIDE_MAX;
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

static size_t bucket_of(const struct pattern_set *set, const struct pattern_class *class,
                        const uint8_t *run)
{
    if (class->pairs)
        return class->pairs[pair_read(run)];
    return run_hash(run_read(run, class->gram), set->key, class->shift) / HASHES_A_BUCKET;
}

/* What is compared first around the place of a look: with pairs, bytes beyond the pair itself. */
static struct pattern_run run_make(const struct pattern_set *set, const struct pattern_class *class,
                                   uint32_t number, unsigned offset)
{
    const struct pattern *pattern = &set->patterns[number];
    unsigned last = pattern->len - class->checked, from = offset < last ? offset : last;
    return (struct pattern_run){.bytes = run_read(pattern->bytes + from, class->checked),
                                .pattern = number,
                                .offset = (uint8_t)offset,
                                .back = (uint8_t)(offset - from)};
}

/* Counts the runs of each bucket, then puts them in their places from the last to the first, so
 * that a bucket's runs stand in the order of the members. */
static void runs_place(const struct pattern_set *set, struct pattern_class *class,
                       const struct members *members)
{
    uint32_t *ends = class->starts + 1; /* become starts as the buckets fill up */
    for (size_t i = 0; i < members->count; i++) {
        const struct pattern *pattern = &set->patterns[members->numbers[i]];
        unsigned from = window_of(class, pattern);
        for (unsigned at = from; at < from + class->stride; at++)
            ends[bucket_of(set, class, pattern->bytes + at)]++;
    }
    for (size_t i = 0; i + 1 < class->bucket_count; i++)
        ends[i + 1] += ends[i];
    for (size_t i = members->count; i-- > 0;) {
        uint32_t number = members->numbers[i];
        unsigned from = window_of(class, &set->patterns[number]);
        for (unsigned at = from; at < from + class->stride; at++) {
            size_t bucket = bucket_of(set, class, set->patterns[number].bytes + at);
            class->runs[--ends[bucket]] = run_make(set, class, number, at);
        }
    }
    memmove(class->starts, ends, class->bucket_count * sizeof(*ends));
    class->starts[class->bucket_count] = (uint32_t) class->run_count;
}

static int seek_order(const void *a, const void *b)
{
    const struct pattern_seek *x = a, *y = b;
    return x->byte != y->byte ? (x->byte > y->byte) - (x->byte < y->byte)
                              : (x->pattern > y->pattern) - (x->pattern < y->pattern);
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

/* Shorter patterns first, then those added first. */
static int member_order(const void *a, const void *b, void *arg)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    const struct pattern *patterns = arg;
    if (patterns[x].len != patterns[y].len)
        return patterns[x].len < patterns[y].len ? -1 : 1;
    return (x > y) - (x < y);
}

static void members_gather(const struct pattern_set *set, unsigned number, struct members *members)
{
    members->count = 0;
    for (size_t i = 0; i < set->count; i++)
        if (class_of(set->patterns[i].len) == number)
            members->numbers[members->count++] = (uint32_t)i;
    qsort_r(members->numbers, members->count, sizeof(*members->numbers), member_order,
            set->patterns);
}

/* Takes the shortest patterns away, to be sought by themselves, as long as this pays: without them
 * the others are looked for at longer strides, or not at all. False without memory. */
static bool seeks_take(const struct pattern_set *set, struct pattern_class *class,
                       struct members *members)
{
    struct pattern_seek seeks[SEEKS_MAX + 2];
    unsigned made = 0, least = UINT_MAX;
    size_t taken = 0;
    for (size_t i = 0; i <= members->count && made <= SEEKS_MAX; i++) {
        unsigned cost = made * COST_SEEK;
        const struct pattern *next =
            i < members->count ? &set->patterns[members->numbers[i]] : NULL;
        if (next)
            cost += COST_LOOKS / stride_of(next->len, class->gram);
        if (cost < least) {
            least = cost;
            taken = i;
            class->seek_count = made;
        }
        if (next)
            made += seeks_of(next, members->numbers[i], seeks + made);
    }
    class->seeks = calloc(class->seek_count + 1, sizeof(*seeks));
    if (!class->seeks)
        return false;
    memcpy(class->seeks, seeks, class->seek_count * sizeof(*seeks));
    qsort(class->seeks, class->seek_count, sizeof(*seeks), seek_order);
    members->numbers += taken;
    members->count -= taken;
    return true;
}

/* Gives each pair that the patterns are known by a list of its own; false where there are too many
 * for a look at a pair to tell much. */
static bool pairs_number(const struct pattern_set *set, struct pattern_class *class,
                         const struct members *members)
{
    unsigned lists = 0;
    for (size_t i = 0; i < members->count; i++) {
        const struct pattern *pattern = &set->patterns[members->numbers[i]];
        unsigned from = window_of(class, pattern);
        for (unsigned at = from; at < from + class->stride; at++) {
            uint8_t *list = &class->pairs[pair_read(pattern->bytes + at)];
            if (*list)
                continue;
            if (lists == LISTS_MAX)
                return false;
            *list = (uint8_t)++lists;
        }
    }
    class->bucket_count = lists + 1;
    return true;
}

static bool pairs_make(const struct pattern_set *set, struct pattern_class *class,
                       const struct members *members)
{
    if (class->gram != 2)
        return false;
    class->pairs = calloc(PAIR_MASK + 1, sizeof(*class->pairs));
    if (class->pairs && pairs_number(set, class, members))
        return true;
    free(class->pairs);
    class->pairs = NULL;
    return false;
}

static bool filter_make(const struct pattern_set *set, struct pattern_class *class,
                        const struct members *members)
{
    unsigned bits = FILTER_BITS_MIN;
    while (bits < FILTER_BITS_MAX && (size_t)1 << bits < class->run_count * HASHES_A_BUCKET)
        bits++;
    class->shift = 64 - bits;
    class->bucket_count = ((size_t)1 << bits) / HASHES_A_BUCKET;
    class->filter = calloc(((size_t)1 << bits) / 64, sizeof(*class->filter));
    for (size_t i = 0; class->filter && i < members->count; i++) {
        const struct pattern *pattern = &set->patterns[members->numbers[i]];
        unsigned from = window_of(class, pattern);
        for (unsigned at = from; at < from + class->stride; at++) {
            uint32_t run = run_read(pattern->bytes + at, class->gram);
            size_t hash = run_hash(run, set->key, class->shift);
            class->filter[hash / 64] |= 1ull << hash % 64;
        }
    }
    return class->filter;
}

/* How long the runs are that a class with these members looks at, and so how often it looks. */
static void gram_set(const struct pattern_set *set, struct pattern_class *class, unsigned gram,
                     const struct members *members)
{
    class->gram = gram;
    class->stride = stride_of(set->patterns[members->numbers[0]].len, gram);
    class->run_count = members->count * class->stride;
}

static bool class_build(struct pattern_set *set, unsigned number, struct members members)
{
    struct pattern_class *class = &set->classes[number];
    const unsigned gram = class_rows[number].gram;
    members_gather(set, number, &members);
    class->gram = gram < 2 ? gram : 2;
    if (!seeks_take(set, class, &members))
        return false;
    if (members.count == 0)
        return true;
    gram_set(set, class, class->gram, &members);
    class->checked = gram > 2 ? CHECKED_BYTES : gram;
    if (!pairs_make(set, class, &members)) {
        gram_set(set, class, gram, &members);
        class->checked = gram;
        if (!filter_make(set, class, &members))
            return false;
    }
    class->starts = calloc(class->bucket_count + 1, sizeof(*class->starts));
    class->runs = calloc(class->run_count, sizeof(*class->runs));
    if (!class->starts || !class->runs)
        return false;
    runs_place(set, class, &members);
    return true;
}

bool pattern_set_build(struct pattern_set *set)
{
    struct members members = {.numbers = calloc(set->count + 1, sizeof(*members.numbers))};
    bool built = members.numbers;
    for (unsigned i = 0; i < PATTERN_CLASSES && built; i++)
        built = class_build(set, i, members);
    free(members.numbers);
    return built;
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

/* Compares a pattern whose byte `offset` may stand at text[at]; false ends the search. */
static bool pattern_try(const struct look *look, uint32_t number, size_t offset, size_t at)
{
    const struct pattern *pattern = &look->set->patterns[number];
    if (*look->budget == 0)
        return false;
    --*look->budget;
    if (offset > at || pattern->len > look->len - (at - offset))
        return true;
    return !pattern_stands(pattern, look->text + at - offset) ||
           look->found(look->arg, pattern->value);
}

/* Goes through the text for the byte of seeks [from, to). */
static bool byte_seek(const struct look *look, const struct pattern_seek *from,
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

static bool seeks_run(const struct look *look)
{
    const struct pattern_seek *from = look->class->seeks, *to;
    const struct pattern_seek *end = from + look->class->seek_count;
    for (; from < end; from = to) {
        for (to = from + 1; to < end && to->byte == from->byte; to++)
            ;
        if (!byte_seek(look, from, to))
            return false;
    }
    return true;
}

/* Compares the patterns that may have a run at text[at]; false ends the search. */
static bool look_closer(const struct look *look, size_t bucket, size_t at)
{
    const struct pattern_class *class = look->class;
    const uint32_t *starts = class->starts + bucket;
    for (uint32_t i = starts[0]; i < starts[1]; i++) {
        const struct pattern_run *run = &class->runs[i];
        if (run->back > at || class->checked > look->len - (at - run->back))
            continue;
        if (run->bytes == run_read(look->text + at - run->back, class->checked) &&
            !pattern_try(look, run->pattern, run->offset, at))
            return false;
    }
    return true;
}

static bool pair_look(const struct look *look, size_t at)
{
    unsigned list = look->class->pairs[pair_read(look->text + at)];
    return list == 0 || look_closer(look, list, at);
}

/* Looks at the pairs, at four with one branch as long as there are so many: hardly one is known. */
static bool pairs_look_over(const struct look *look)
{
    const uint8_t *text = look->text, *pairs = look->class->pairs;
    const size_t stride = look->class->stride, end = look->len > 1 ? look->len - 1 : 0;
    size_t at = 0;
    while (at < end) {
        size_t four = at + 4 * stride;
        if (four - stride < end) {
            const uint8_t *pair = text + at;
            if (!(pairs[pair_read(pair)] | pairs[pair_read(pair + stride)] |
                  pairs[pair_read(pair + 2 * stride)] | pairs[pair_read(pair + 3 * stride)])) {
                at = four;
                continue;
            }
        }
        for (; at < four && at < end; at += stride)
            if (!pair_look(look, at))
                return false;
    }
    return true;
}

/* Inlined with a constant `gram`, so that reading a run is one instruction. */
static inline __attribute__((always_inline)) bool look_over(const struct look *look, unsigned gram)
{
    const uint8_t *text = look->text;
    const uint64_t *filter = look->class->filter;
    const uint64_t key = look->set->key;
    const unsigned stride = look->class->stride, shift = look->class->shift;
    const size_t end = look->len >= gram ? look->len - gram + 1 : 0;
    for (size_t at = 0; at < end; at += stride) {
        uint32_t bytes = run_read(text + at, gram);
        size_t hash = run_hash(bytes, key, shift);
        if (filter[hash / 64] >> hash % 64 & 1 && !look_closer(look, hash / HASHES_A_BUCKET, at))
            return false;
    }
    return true;
}

static bool class_search(const struct look *look)
{
    const struct pattern_class *class = look->class;
    if (class->seek_count && !seeks_run(look))
        return false;
    if (class->pairs)
        return pairs_look_over(look);
    if (!class->filter)
        return true;
    switch (class->gram) {
    case 4: return look_over(look, 4);
    case 3: return look_over(look, 3);
    case 2: return look_over(look, 2);
    default: return look_over(look, 1);
    }
}

bool pattern_set_search(const struct pattern_set *set, const uint8_t *text, size_t len,
                        unsigned *budget, pattern_fn found, void *arg)
{
    for (unsigned i = 0; i < PATTERN_CLASSES; i++) {
        const struct look look = {set, &set->classes[i], text, len, budget, found, arg};
        if (!class_search(&look))
            return false;
    }
    return true;
}

size_t pattern_set_bytes(const struct pattern_set *set)
{
    size_t bytes = set->room * sizeof(*set->patterns);
    for (unsigned i = 0; i < PATTERN_CLASSES; i++) {
        const struct pattern_class *class = &set->classes[i];
        bytes += class->seek_count * sizeof(*class->seeks);
        if (class->pairs)
            bytes += PAIR_MASK + 1;
        if (class->filter)
            bytes += class->bucket_count * HASHES_A_BUCKET / 8;
        if (class->runs)
            bytes += (class->bucket_count + 1) * sizeof(*class->starts) +
                     class->run_count * sizeof(*class->runs);
    }
    return bytes;
}
