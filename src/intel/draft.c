/* draft.c - indicators as they come in, before the index is built from them
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/draft.h"

#include <stdlib.h>
#include <string.h>

enum { ENTRIES_FIRST = 1024, RECORDS_FIRST = 16384, SEEN_FIRST = 2048 };

/* The top bit of a record's offset belongs to whoever hands it out (indicator_hit.ref). */
static const size_t records_max = (size_t)1 << 31;

const uint8_t *record_read(const uint8_t *at, struct record *ret_record)
{
    unsigned word = at[0] | (unsigned)at[1] << 8;
    *ret_record = (struct record){.attribute = word & ~(unsigned)RECORD_HAS_LINE,
                                  .key_len = at[2],
                                  .key = at + RECORD_KEY_AT};
    at += RECORD_KEY_AT + at[2];
    if (!(word & RECORD_HAS_LINE))
        return at;
    ret_record->line_len = at[0];
    ret_record->line = (const char *)at + 1;
    return at + 1 + at[0];
}

void draft_done(struct draft *draft)
{
    free(draft->entries);
    free(draft->records);
    free(draft->seen);
    *draft = (struct draft){0};
}

void draft_feed(struct draft *draft)
{
    draft->feed_count = draft->count;
    draft->feed_bytes = draft->bytes;
}

void draft_feed_end(struct draft *draft)
{
    free(draft->seen);
    draft->seen = NULL;
    draft->seen_mask = 0;
}

void draft_rewind(struct draft *draft)
{
    draft->count = draft->feed_count;
    draft->bytes = draft->feed_bytes;
    draft_feed_end(draft);
}

static bool entries_reserve(struct draft *draft)
{
    if (draft->count < draft->cap)
        return true;
    size_t cap = draft->cap ? draft->cap * 2 : ENTRIES_FIRST;
    struct draft_entry *entries = reallocarray(draft->entries, cap, sizeof(*entries));
    if (!entries)
        return false;
    draft->entries = entries;
    draft->cap = cap;
    return true;
}

static bool records_reserve(struct draft *draft, size_t len)
{
    if (len > records_max - draft->bytes)
        return false;
    if (draft->bytes + len <= draft->bytes_cap)
        return true;
    size_t cap = draft->bytes_cap ? draft->bytes_cap * 2 : RECORDS_FIRST;
    uint8_t *records = realloc(draft->records, cap);
    if (!records)
        return false;
    draft->records = records;
    draft->bytes_cap = cap;
    return true;
}

static void seen_put(struct draft *draft, size_t index)
{
    size_t slot = draft->entries[index].hash & draft->seen_mask;
    while (draft->seen[slot])
        slot = (slot + 1) & draft->seen_mask;
    draft->seen[slot] = (uint32_t)index + 1;
}

/* Keeps the table at most half full with one more entry in it. */
static bool seen_reserve(struct draft *draft)
{
    size_t need = (draft->count - draft->feed_count + 1) * 2;
    if (draft->seen && need <= draft->seen_mask)
        return true;
    size_t slots = draft->seen ? (draft->seen_mask + 1) * 2 : SEEN_FIRST;
    free(draft->seen);
    draft->seen = calloc(slots, sizeof(*draft->seen));
    draft->seen_mask = slots - 1;
    if (!draft->seen)
        return false;
    for (size_t i = draft->feed_count; i < draft->count; i++)
        seen_put(draft, i);
    return true;
}

static bool same_entry(const struct draft *draft, const struct draft_entry *known,
                       const struct draft_entry *entry, const struct record *record)
{
    if (known->hash != entry->hash || known->kind != entry->kind)
        return false;
    struct record other;
    record_read(draft->records + known->at, &other);
    return other.key_len == record->key_len && memcmp(other.key, record->key, other.key_len) == 0;
}

static bool is_duplicate(const struct draft *draft, const struct draft_entry *entry,
                         const struct record *record)
{
    size_t slot = entry->hash & draft->seen_mask;
    for (; draft->seen[slot]; slot = (slot + 1) & draft->seen_mask)
        if (same_entry(draft, draft->entries + draft->seen[slot] - 1, entry, record))
            return true;
    return false;
}

static void record_write(struct draft *draft, const struct record *record)
{
    unsigned word = record->attribute | (record->line_len ? RECORD_HAS_LINE : 0u);
    uint8_t *at = draft->records + draft->bytes;
    *at++ = (uint8_t)word;
    *at++ = (uint8_t)(word >> 8);
    *at++ = record->key_len;
    at = (uint8_t *)mempcpy(at, record->key, record->key_len);
    if (record->line_len) {
        *at++ = record->line_len;
        at = (uint8_t *)mempcpy(at, record->line, record->line_len);
    }
    draft->bytes = (size_t)(at - draft->records);
}

enum draft_verdict draft_append(struct draft *draft, const struct draft_entry *entry,
                                const struct record *record)
{
    size_t len = RECORD_KEY_AT + record->key_len + (record->line_len ? 1u + record->line_len : 0u);
    if (!entries_reserve(draft) || !records_reserve(draft, len))
        return DRAFT_FULL;
    draft->entries[draft->count] = *entry;
    draft->entries[draft->count].at = (uint32_t)draft->bytes;
    record_write(draft, record);
    draft->count++;
    return DRAFT_ADDED;
}

enum draft_verdict draft_add(struct draft *draft, const struct draft_entry *entry,
                             const struct record *record)
{
    if (!seen_reserve(draft))
        return DRAFT_FULL;
    if (is_duplicate(draft, entry, record))
        return DRAFT_DUPLICATE;
    enum draft_verdict verdict = draft_append(draft, entry, record);
    if (verdict == DRAFT_ADDED)
        seen_put(draft, draft->count - 1);
    return verdict;
}
