/* popularity.c - how widely used a registrable domain is, by a sketch that comes with the program
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/popularity.h"

#include "base/blake2s.h"

#include <assert.h>
#include <stddef.h>

enum { LINE_ENTRIES = 8, RANK_MASK = 31 };

/* data/models/popularity.bin, made into an array by the build: little-endian. A domain's entry is
 * its hash with the rank in the low five bits, 0 for none. It lies in the line its hash names or,
 * where that is full, in the next one that is not; the last line has room. */
struct popularity {
    char magic[8];
    uint8_t salt[BLAKE2S_SALT_BYTES];
    uint32_t lines;
    uint32_t domains;
    uint8_t reserved[40];
    uint64_t entries[][LINE_ENTRIES];
};
static_assert(offsetof(struct popularity, entries) == 64, "lines begin on a cache line");
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the sketch is little-endian");

extern const unsigned char popularity_file[];

uint8_t popularity_look(const struct dns_name *name, unsigned registrable)
{
    const struct popularity *sketch = (const struct popularity *)popularity_file;
    unsigned from = name->offset[registrable];
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
