/* intel.c - what is known about names and addresses: an immutable snapshot of all lists
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/intel.h"

#include "base/hash.h"
#include "intel/hostname.h"
#include "intel/pack.h"
#include "intel/snapshot.h"

#include <dnsvigil/name.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { V4_BITS_FIRST = 96, ADDRESS_BITS = 128 };

/* The hits of one look-up as they come in. */
struct search {
    const struct intel *intel;
    int64_t now_ns;
    struct indicator_hit *hits;
    unsigned count;
    unsigned max;
};

void intel_free(struct intel *intel)
{
    if (!intel)
        return;
    index_done(&intel->names);
    index_done(&intel->addresses);
    attributes_done(&intel->attributes);
    free(intel);
}

/* The first label that an entry can begin at: none has more than HOSTNAME_LABELS_MAX labels. */
static unsigned first_label(const struct dns_name *name)
{
    return name->labels > HOSTNAME_LABELS_MAX ? name->labels - HOSTNAME_LABELS_MAX : 0;
}

/* Bit n: an entry for the name from label first_label() + n on may exist, other than for its last
 * `known` labels. */
static uint64_t labels_asked(const struct intel *intel, const struct dns_name *name, unsigned known)
{
    unsigned first = first_label(name), labels = name->labels - first;
    if (known >= labels)
        return 0;
    uint64_t exact = first == 0 ? intel->exact_depths >> (HOSTNAME_LABELS_MAX - labels) & 1 : 0;
    uint64_t subtree = intel->subtree_depths >> (HOSTNAME_LABELS_MAX - labels);
    return (exact | subtree) & ((1ull << (labels - known)) - 1);
}

void intel_prefetch_name(const struct intel *intel, const struct dns_name *name, unsigned known)
{
    const uint64_t *hash = name->hash + first_label(name);
    for (uint64_t asked = labels_asked(intel, name, known); asked; asked &= asked - 1)
        index_prefetch(&intel->names, hash[__builtin_ctzll(asked)]);
}

unsigned intel_name_keys(const struct intel *intel, const struct dns_name *name, unsigned known,
                         uint64_t *keys)
{
    const uint64_t *hash = name->hash + first_label(name);
    unsigned count = 0;
    for (uint64_t asked = labels_asked(intel, name, known); asked; asked &= asked - 1) {
        keys[count] = hash[__builtin_ctzll(asked)];
        index_prefetch(&intel->names, keys[count++]);
    }
    return count;
}

bool intel_may_know(const struct intel *intel, const uint64_t *keys, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (index_may_have(&intel->names, keys[i]))
            return true;
    return false;
}

bool intel_may_know_name(const struct intel *intel, const struct dns_name *name)
{
    const uint64_t *hash = name->hash + first_label(name);
    for (uint64_t asked = labels_asked(intel, name, 0); asked; asked &= asked - 1)
        if (index_may_have(&intel->names, hash[__builtin_ctzll(asked)]))
            return true;
    return false;
}

bool intel_may_cover(const struct intel *intel, const struct addr *addr)
{
    return regions_may_cover(&intel->regions, addr);
}

static bool is_expired(const struct attribute *attribute, int64_t now_ns)
{
    return attribute->expires_ns && now_ns >= attribute->expires_ns;
}

static void search_add(struct search *search, const struct attribute *attribute, uint32_t ref,
                       unsigned label)
{
    if (search->count == search->max || is_expired(attribute, search->now_ns))
        return;
    search->hits[search->count++] = (struct indicator_hit){
        .ref = ref,
        .feed = attribute->feed,
        .category = attribute->category,
        .confidence = attribute->confidence,
        .scope = attribute->scope,
        .label = (uint8_t)label,
    };
}

static bool key_equal(const struct record *record, const uint8_t *key, size_t len)
{
    return record->key_len == len && memcmp(record->key, key, len) == 0;
}

/* An exact entry is for the whole name, one for children for all but it. */
static bool scope_covers(unsigned scope, unsigned label)
{
    return scope == SCOPE_SUBTREE || (scope == SCOPE_EXACT) == (label == 0);
}

/* Looks for entries for the name from label `label` on, once the filter has not said no. */
static void search_suffix(struct search *search, const struct dns_name *name, unsigned label)
{
    const struct intel *intel = search->intel;
    struct index_walk walk = index_walk(&intel->names, name->hash[label]);
    struct record record;
    uint8_t key[PACK_MAX];
    size_t len = 0;
    while (index_next(&walk, &record)) {
        if (len == 0 && (len = pack_name(name, label, key)) == 0)
            return;
        const struct attribute *attribute = intel->attributes.rows + record.attribute;
        if (scope_covers(attribute->scope, label) && key_equal(&record, key, len))
            search_add(search, attribute, index_handle(&intel->names, &record), label);
    }
}

unsigned intel_match_deeper(const struct intel *intel, const struct dns_name *name, unsigned known,
                            int64_t now_ns, struct indicator_hit *hits, unsigned max)
{
    struct search search = {.intel = intel, .now_ns = now_ns, .hits = hits, .max = max};
    unsigned first = first_label(name);
    for (uint64_t asked = labels_asked(intel, name, known); asked; asked &= asked - 1) {
        unsigned label = first + (unsigned)__builtin_ctzll(asked);
        if (index_may_have(&intel->names, name->hash[label]))
            search_suffix(&search, name, label);
    }
    return search.count;
}

unsigned intel_match_name(const struct intel *intel, const struct dns_name *name, int64_t now_ns,
                          struct indicator_hit *hits, unsigned max)
{
    return intel_match_deeper(intel, name, 0, now_ns, hits, max);
}

static void search_block(struct search *search, const struct prefix *block)
{
    const struct intel *intel = search->intel;
    uint8_t key[ADDRESS_KEY_MAX];
    uint8_t len = block_key(block, key);
    uint64_t hash = hash_bytes(key, len, hash_seed);
    if (!index_may_have(&intel->addresses, hash))
        return;
    struct index_walk walk = index_walk(&intel->addresses, hash);
    struct record record;
    while (index_next(&walk, &record))
        if (key_equal(&record, key, len))
            search_add(search, intel->attributes.rows + record.attribute,
                       REF_ADDRESS | index_handle(&intel->addresses, &record), 0);
}

unsigned intel_match_addr(const struct intel *intel, const struct addr *addr, int64_t now_ns,
                          struct indicator_hit *hits, unsigned max)
{
    struct search search = {.intel = intel, .now_ns = now_ns, .hits = hits, .max = max};
    int least = addr_is_v4(addr) ? V4_BITS_FIRST : 0;
    if (!regions_may_cover(&intel->regions, addr))
        return 0;
    for (int bits = ADDRESS_BITS; bits >= least; bits--) {
        if (!(intel->block_bits[bits / 64] >> (bits % 64) & 1))
            continue;
        struct prefix block = {.addr = addr_mask(addr, (unsigned)bits), .bits = (uint8_t)bits};
        search_block(&search, &block);
    }
    return search.count;
}

static void block_text(const struct record *record, char text[static ADDR_TEXT_MAX])
{
    struct prefix block = {.bits = record->key[0]};
    unsigned len = record->key_len - 1u;
    block.addr = len == 4 ? addr_from_v4(record->key + 1) : addr_from_v6(record->key + 1);
    prefix_format(&block, text);
}

void intel_entry(const struct intel *intel, const struct indicator_hit *hit,
                 struct intel_entry *ret_entry)
{
    bool is_address = hit->ref & REF_ADDRESS;
    struct record record;
    hit_record(intel, hit, &record);
    const struct attributes *attributes = &intel->attributes;
    const struct attribute *attribute = attributes->rows + record.attribute;
    *ret_entry = (struct intel_entry){
        .feed = attributes->texts.data + attributes->feeds[attribute->feed],
        .category = attribute->category,
        .confidence = attribute->confidence,
        .expires_ns = attribute->expires_ns,
    };
    if (record.line_len) {
        memcpy(ret_entry->entry, record.line, record.line_len);
        return;
    }
    char key[PACK_TEXT_MAX];
    if (is_address)
        block_text(&record, key);
    else
        pack_text(record.key, record.key_len, key);
    snprintf(ret_entry->entry, INTEL_ENTRY_MAX, "%s%s%s",
             attributes->texts.data + attribute->before, key,
             attributes->texts.data + attribute->after);
}

bool intel_lists(const struct intel *intel, enum category category, const char *but, int64_t now_ns)
{
    const struct attributes *attributes = &intel->attributes;
    for (uint32_t i = 0; i < attributes->count; i++) {
        const struct attribute *row = &attributes->rows[i];
        if (row->category == category && !is_expired(row, now_ns) &&
            strcmp(attributes->texts.data + attributes->feeds[row->feed], but) != 0)
            return true;
    }
    return false;
}

size_t intel_count(const struct intel *intel)
{
    return intel->names.count + intel->addresses.count;
}

size_t intel_bytes(const struct intel *intel, size_t *ret_hot)
{
    size_t names_hot, addresses_hot;
    size_t bytes = index_bytes(&intel->names, &names_hot);
    bytes += index_bytes(&intel->addresses, &addresses_hot);
    *ret_hot = names_hot + addresses_hot;
    const struct attributes *attributes = &intel->attributes;
    return sizeof(*intel) + bytes + attributes->cap * sizeof(*attributes->rows) +
           FEEDS_MAX * sizeof(*attributes->feeds) + attributes->texts.cap;
}
