/* rule_endings.c - which rules ask for how a name ends, by the suffix hashes the name carries
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/rule_endings.h"

#include "base/hash.h"

#include <dnsvigil/name.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL_MAX = 63, DEPTH_LAST = 63, FILTER_BITS_MIN = 6, BITS_PER_ENDING = 16 };

static const uint8_t kind_bytes[ENDING_KIND_COUNT] = {0, 1, 4};

/* Lengths of the tails of endings that are looked at; each ending has the longest that fits. */
static const uint8_t tail_bytes[ENDING_TAILS] = {1, 3, 6, 8, 12};

/* Where the longest run of whole labels at the end of the text begins. */
static size_t labels_begin(const uint8_t *text, size_t len)
{
    size_t start = len, end = len;
    while (start > 0) {
        size_t begin = end;
        while (begin > 0 && text[begin - 1] != '.')
            begin--;
        if (begin == end || end - begin > LABEL_MAX || len - begin + 2 > NAME_WIRE_MAX)
            break;
        start = begin;
        end = begin - 1; /* before the dot; the loop ends where there is none */
    }
    return start;
}

bool name_of_text(struct dns_name *ret_name, const uint8_t *text, size_t len)
{
    size_t start = labels_begin(text, len);
    uint8_t *length = ret_name->wire;
    uint8_t *to = length;
    *to = 0;
    for (size_t i = start; i < len; i++) {
        bool upper = text[i] >= 'A' && text[i] <= 'Z';
        *++to = (uint8_t)(text[i] + (upper ? 32 : 0));
        if (text[i] == '.')
            *(length = to) = 0;
        else
            ++*length;
    }
    if (to > ret_name->wire)
        *++to = 0;
    ret_name->len = (uint8_t)(to - ret_name->wire + 1);
    ret_name->mixed_case = ret_name->uppercase = false;
    name_index(ret_name);
    return len > 0 && start == 0;
}

/* `hash` is of the labels right of the one whose last bytes end before `end`. */
static inline uint64_t ending_key(uint64_t hash, const uint8_t *end, enum ending_kind kind)
{
    uint32_t tail = 0;
    if (kind == ENDING_WHOLE)
        return hash;
    if (kind == ENDING_FOUR)
        memcpy(&tail, end - 4, sizeof(tail));
    else
        tail = end[-1];
    return hash_mix(hash ^ HASH_FIXED_SEED, ((uint64_t)kind << 32 | tail) ^ hash_seed);
}

/* Of the last tail_bytes[tail] bytes before `end`. Inlined, for each tail by itself. */
static inline __attribute__((always_inline)) uint64_t tail_key(const uint8_t *end, unsigned tail)
{
    uint64_t last = 0;
    uint32_t before = 0;
    const unsigned bytes = tail_bytes[tail], first = bytes > 8 ? bytes - 8 : 0;
    memcpy(&last, end - bytes + first, bytes - first);
    memcpy(&before, end - bytes, first);
    return hash_mix(last ^ HASH_FIXED_SEED, ((uint64_t)bytes << 32 | before) ^ hash_seed);
}

static uint64_t depth_bit(unsigned labels)
{
    return 1ull << (labels < DEPTH_LAST ? labels : DEPTH_LAST);
}

static bool ending_append(struct rule_endings *endings, const struct rule_ending *ending)
{
    if (endings->count == endings->room) {
        size_t room = endings->room ? endings->room * 2 : 64;
        struct rule_ending *larger = realloc(endings->endings, room * sizeof(*larger));
        if (!larger)
            return false;
        endings->endings = larger;
        endings->room = room;
    }
    endings->endings[endings->count++] = *ending;
    return true;
}

/* Of a name that stands for an ending: without the length of its first label, unless it is whole.
 */
static uint64_t ending_tail(struct rule_endings *endings, const struct dns_name *name, bool whole)
{
    unsigned tail = ENDING_TAILS - 1, bytes = name->len - 1u - !whole;
    const uint8_t *end = name->wire + name->len - 1;
    while (tail_bytes[tail] > bytes)
        tail--;
    endings->has_tail[tail] = true;
    return tail_key(end, tail);
}

bool rule_endings_add(struct rule_endings *endings, const uint8_t *text, size_t len, bool whole,
                      uint32_t rule, bool *ret_memory)
{
    struct dns_name name;
    enum ending_kind kind = ENDING_WHOLE;
    *ret_memory = true;
    if (len > 0 && text[0] == '.') {
        whole = true;
        text++;
        len--;
    }
    if (!name_of_text(&name, text, len))
        return false;
    uint64_t hash = name.hash[0];
    if (!whole) {
        kind = name.wire[0] < kind_bytes[ENDING_FOUR] ? ENDING_ONE : ENDING_FOUR;
        hash = ending_key(name.hash[1], name.wire + name.offset[1], kind);
    }
    endings->depths[kind] |= depth_bit(name.labels);
    *ret_memory = ending_append(
        endings, &(struct rule_ending){hash, ending_tail(endings, &name, whole), rule});
    return *ret_memory;
}

static int ending_order(const void *a, const void *b)
{
    const struct rule_ending *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->rule > y->rule) - (x->rule < y->rule);
}

/* Three bits of the key's word in the filter. */
static inline uint64_t filter_bits(uint64_t key)
{
    return 1ull << (key & 63) | 1ull << (key >> 6 & 63) | 1ull << (key >> 12 & 63);
}

static inline void filter_set(const struct rule_endings *endings, uint64_t *filter, uint64_t key)
{
    filter[key >> endings->filter_shift] |= filter_bits(key);
}

static inline bool filter_has(const struct rule_endings *endings, const uint64_t *filter,
                              uint64_t key)
{
    return !(filter_bits(key) & ~filter[key >> endings->filter_shift]);
}

static size_t slot_of(const struct rule_endings *endings, uint64_t key)
{
    size_t slot = key >> 20 & endings->slot_mask;
    while (endings->slots[slot] && endings->endings[endings->slots[slot] - 1].key != key)
        slot = (slot + 1) & endings->slot_mask;
    return slot;
}

bool rule_endings_build(struct rule_endings *endings)
{
    if (endings->count == 0)
        return true;
    unsigned bits = FILTER_BITS_MIN;
    while ((size_t)64 << bits < endings->count * BITS_PER_ENDING)
        bits++;
    endings->filter_shift = 64 - bits;
    endings->slot_mask = 1;
    while (endings->slot_mask < endings->count * 2)
        endings->slot_mask = endings->slot_mask * 2 + 1;
    endings->filter = calloc((size_t)1 << bits, sizeof(*endings->filter));
    endings->tails = calloc((size_t)1 << bits, sizeof(*endings->tails));
    endings->slots = calloc(endings->slot_mask + 1, sizeof(*endings->slots));
    if (!endings->filter || !endings->tails || !endings->slots)
        return false;
    qsort(endings->endings, endings->count, sizeof(*endings->endings), ending_order);
    for (size_t i = 0; i < endings->count; i++) {
        uint64_t key = endings->endings[i].key;
        filter_set(endings, endings->filter, key);
        filter_set(endings, endings->tails, endings->endings[i].tail);
        size_t slot = slot_of(endings, key);
        if (!endings->slots[slot])
            endings->slots[slot] = (uint32_t)i + 1;
    }
    return true;
}

void rule_endings_done(struct rule_endings *endings)
{
    free(endings->endings);
    free(endings->filter);
    free(endings->tails);
    free(endings->slots);
    *endings = (struct rule_endings){0};
}

static void key_report(const struct rule_endings *endings, uint64_t key, ending_fn found, void *arg)
{
    size_t i = endings->slots[slot_of(endings, key)];
    if (i == 0)
        return;
    for (i--; i < endings->count && endings->endings[i].key == key; i++)
        found(arg, endings->endings[i].rule);
}

static inline void key_search(const struct rule_endings *endings, uint64_t key, ending_fn found,
                              void *arg)
{
    if (filter_has(endings, endings->filter, key))
        key_report(endings, key, found, arg);
}

/* The ending of `labels` labels, where the name's label is long enough. */
static inline void depth_search(const struct rule_endings *endings, const struct dns_name *name,
                                enum ending_kind kind, unsigned labels, ending_fn found, void *arg)
{
    unsigned label = name->labels - labels;
    if (kind == ENDING_WHOLE)
        key_search(endings, name->hash[label], found, arg);
    else if (name->wire[name->offset[label]] >= kind_bytes[kind])
        key_search(endings,
                   ending_key(name->hash[label + 1], name->wire + name->offset[label + 1], kind),
                   found, arg);
}

/* Whether the last bytes of the name are those of some ending. */
static bool tail_is_known(const struct rule_endings *endings, const struct dns_name *name)
{
    const uint8_t *end = name->wire + name->len - 1;
    bool known = false;
#pragma GCC unroll 5
    for (unsigned tail = 0; tail < ENDING_TAILS; tail++)
        if (endings->has_tail[tail] && name->len > tail_bytes[tail])
            known |= filter_has(endings, endings->tails, tail_key(end, tail));
    return known;
}

void rule_endings_search(const struct rule_endings *endings, const struct dns_name *name,
                         ending_fn found, void *arg)
{
    if (!endings->filter || !tail_is_known(endings, name))
        return;
    uint64_t have = name->labels < DEPTH_LAST ? (2ull << name->labels) - 1 : ~0ull;
    for (enum ending_kind kind = 0; kind < ENDING_KIND_COUNT; kind++)
        for (uint64_t depths = endings->depths[kind] & have; depths; depths &= depths - 1) {
            unsigned labels = (unsigned)__builtin_ctzll(depths);
            depth_search(endings, name, kind, labels, found, arg);
            for (unsigned more = labels + 1; labels == DEPTH_LAST && more <= name->labels; more++)
                depth_search(endings, name, kind, more, found, arg);
        }
}

size_t rule_endings_bytes(const struct rule_endings *endings)
{
    size_t bytes = endings->room * sizeof(*endings->endings);
    if (endings->filter)
        bytes += ((size_t)1 << (64 - endings->filter_shift)) * 2 * sizeof(*endings->filter) +
                 (endings->slot_mask + 1) * sizeof(*endings->slots);
    return bytes;
}
