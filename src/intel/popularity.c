/* popularity.c - how widely used a registrable domain is, by a sketch that comes with the program
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/popularity.h"

#include "base/blake2s.h"
#include "base/lines.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

enum { LINE_ENTRIES = 8, RANK_MASK = 31, FILTER_BITS = 4 };

/* data/models/popularity.bin, made into an array by the build: little-endian. A domain's entry is
 * its hash with the rank in the low five bits, 0 for none. It lies in the line its hash names or,
 * where that is full, in the next one that is not; the last line has room. */
struct popularity {
    char magic[8];
    uint8_t salt[BLAKE2S_SALT_BYTES];
    uint32_t lines;
    uint32_t domains;
    uint32_t filter_words; /* behind the lines: see may_be_known() */
    uint8_t reserved[36];
    uint64_t entries[][LINE_ENTRIES];
};
static_assert(offsetof(struct popularity, entries) == 64, "lines begin on a cache line");
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the sketch is little-endian");

extern const unsigned char popularity_file[];

/* Eight bytes at a time: NAME_PAD zeros follow a name. */
static uint64_t filter_hash(const uint8_t *wire, unsigned len)
{
    uint64_t hash = len;
    for (unsigned at = 0; at < len; at += 8) {
        uint64_t word;
        memcpy(&word, wire + at, sizeof(word));
        hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
        hash ^= hash >> 32;
    }
    return hash;
}

static const uint64_t *filter_word(const struct popularity *sketch, uint64_t hash)
{
    const uint64_t *filter = sketch->entries[sketch->lines];
    return filter + ((hash >> 32) * sketch->filter_words >> 32);
}

/* Most domains are nobody's favourite, and the filter says so for a fraction of the digest's cost.
 * What is made to pass it gains nothing. */
static bool may_be_known(const struct popularity *sketch, const uint8_t *wire, unsigned len)
{
    uint64_t hash = filter_hash(wire, len), all = 1;
    uint64_t word = *filter_word(sketch, hash);
    for (unsigned bit = 0; bit < FILTER_BITS; bit++)
        all &= word >> (hash >> 6 * bit & 63);
    return all;
}

void popularity_prefetch(const struct dns_name *name, unsigned registrable)
{
    const struct popularity *sketch = (const struct popularity *)popularity_file;
    unsigned from = name->offset[registrable];
    line_prefetch(filter_word(sketch, filter_hash(name->wire + from, name->len - from)));
}

uint8_t popularity_look(const struct dns_name *name, unsigned registrable)
{
    const struct popularity *sketch = (const struct popularity *)popularity_file;
    unsigned from = name->offset[registrable];
    if (!may_be_known(sketch, name->wire + from, name->len - from))
        return 0;
    uint64_t hash = blake2s_64(name->wire + from, name->len - from, sketch->salt);
    for (uint64_t line = (hash >> 32) * sketch->lines >> 32; line < sketch->lines; line++) {
        const uint64_t *entries = sketch->entries[line];
        for (int i = 0; i < LINE_ENTRIES; i++)
            if ((entries[i] | RANK_MASK) == (hash | RANK_MASK))
                return entries[i] & RANK_MASK;
        if (!entries[LINE_ENTRIES - 1])
            return 0;
    }
    return 0;
}
