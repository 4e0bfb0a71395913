/* fingerprint.c - 64-bit names for indicators, by which two snapshots can be compared
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/fingerprint.h"

#include "base/hash.h"
#include "intel/snapshot.h"

static uint64_t record_fingerprint(const struct intel *intel, const struct record *record,
                                   uint64_t seed)
{
    const struct attribute *attribute = &intel->attributes.rows[record->attribute];
    uint64_t traits = (uint64_t)attribute->category << 16 | (uint64_t)attribute->confidence << 8 |
                      attribute->scope;
    return hash_bytes(record->key, record->key_len, hash_mix(seed, traits ^ HASH_FIXED_SEED));
}

static size_t index_fingerprints(const struct intel *intel, const struct index *index,
                                 uint64_t seed, uint64_t *ret)
{
    const uint8_t *at = index->records;
    size_t count = 0;
    while (at < index->records + index->record_bytes) {
        struct record record;
        at = record_read(at, &record);
        uint8_t category = intel->attributes.rows[record.attribute].category;
        if (category != CATEGORY_ALLOW && category != CATEGORY_POPULAR)
            ret[count++] = record_fingerprint(intel, &record, seed);
    }
    return count;
}

size_t intel_fingerprints(const struct intel *intel, uint64_t seed, uint64_t *ret)
{
    size_t count = index_fingerprints(intel, &intel->names, seed, ret);
    return count + index_fingerprints(intel, &intel->addresses, seed, ret + count);
}

uint64_t intel_fingerprint(const struct intel *intel, const struct indicator_hit *hit,
                           uint64_t seed)
{
    struct record record;
    hit_record(intel, hit, &record);
    return record_fingerprint(intel, &record, seed);
}
