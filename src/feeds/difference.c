/* difference.c - what changed between two compiled forms of one list
 * SPDX-License-Identifier: Apache-2.0 */
#include "feeds/difference.h"

#include "base/hash.h"
#include "intel/hashset.h"

enum { IN_BEFORE = 1, IN_AFTER = 2 };

struct comparison {
    struct hashset entries;
    uint32_t before; /* entries that were there */
    uint32_t both;
    uint32_t added;
};

/* Names and blocks have keys of their own kinds, so the scope keeps them apart. */
static uint64_t entry_hash(const struct compiled *compiled, const struct record *record)
{
    struct attribute row = {0};
    const char *before, *after;
    compiled_row(compiled, record->attribute, &row, &before, &after);
    return hash_bytes(record->key, record->key_len, hash_seed + row.scope);
}

/* Takes note of one entry. Sets are of hashes: two entries share one with a chance of 2^-64. */
static bool entry_note(struct comparison *comparison, uint64_t hash, uint8_t side)
{
    uint8_t known = hashset_get(&comparison->entries, hash);
    if (known & side)
        return true;
    comparison->before += side == IN_BEFORE;
    comparison->added += side == IN_AFTER && !known;
    comparison->both += side == IN_AFTER && known;
    return hashset_add(&comparison->entries, hash, side);
}

static bool entries_note(struct comparison *comparison, const struct compiled *compiled,
                         uint8_t side)
{
    struct compiled_walk walks[] = {compiled_names(compiled), compiled_blocks(compiled)};
    struct record record;
    for (size_t i = 0; i < sizeof(walks) / sizeof(*walks); i++)
        while (compiled_next(&walks[i], &record) > 0)
            if (!entry_note(comparison, entry_hash(compiled, &record), side))
                return false;
    return true;
}

bool difference_of(const struct compiled *before, const struct compiled *after,
                   struct difference *ret_difference)
{
    struct comparison comparison = {0};
    bool counted = hashset_init(&comparison.entries) &&
                   (!before || entries_note(&comparison, before, IN_BEFORE)) &&
                   entries_note(&comparison, after, IN_AFTER);
    hashset_done(&comparison.entries);
    *ret_difference = (struct difference){
        .added = comparison.added,
        .removed = comparison.before - comparison.both,
    };
    return counted;
}
