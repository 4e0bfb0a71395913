/* draft.h - indicators as they come in, before the index is built from them
 * SPDX-License-Identifier: Apache-2.0
 *
 * A record is what both keep about an indicator, in the same bytes:
 *   attribute (16 bits, little endian; the top bit says that a line follows), key length (8 bits),
 *   key, and with the top bit: line length (8 bits), line.
 * The key is a packed name (pack.h) or an address block. The draft lives while feeds are loaded. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RECORD_HAS_LINE = 0x8000,
    ATTRIBUTES_MAX = RECORD_HAS_LINE,
    RECORD_LINE_MAX = 255,
    RECORD_KEY_AT = 3, /* where the key begins */
};

struct record {
    uint16_t attribute; /* without RECORD_HAS_LINE */
    uint8_t key_len;
    uint8_t line_len; /* 0: the line follows from the attribute and the key */
    const uint8_t *key;
    const char *line;
};

/* Reads the record at `at`; returns where the next one begins. */
const uint8_t *record_read(const uint8_t *at, struct record *ret_record);

struct draft_entry {
    uint64_t hash; /* of the key */
    uint32_t at;   /* offset of the record */
    uint16_t kind; /* two entries of one feed with equal key and kind are duplicates */
    uint8_t rank;  /* among entries of equal key the lower comes first */
};

struct draft {
    struct draft_entry *entries;
    size_t count, cap;
    uint8_t *records;
    size_t bytes, bytes_cap;
    uint32_t *seen; /* open addressing: index + 1 of this feed's entries, 0 for empty */
    size_t seen_mask;
    size_t feed_count, feed_bytes; /* where this feed began */
};

void draft_done(struct draft *draft);

/* Starts a feed: duplicates are looked for from here on, and draft_rewind() comes back to here. */
void draft_feed(struct draft *draft);
void draft_rewind(struct draft *draft);

/* Ends the feed: gives back the memory that looked for duplicates. */
void draft_feed_end(struct draft *draft);

enum draft_verdict { DRAFT_ADDED, DRAFT_DUPLICATE, DRAFT_FULL };

/* Adds an entry: entry->at is set here, the rest by the caller. DRAFT_FULL without memory or past
 * 2 GiB of records. */
enum draft_verdict draft_add(struct draft *draft, const struct draft_entry *entry,
                             const struct record *record);

/* The same without looking for duplicates: for a list that is known to have none. */
enum draft_verdict draft_append(struct draft *draft, const struct draft_entry *entry,
                                const struct record *record);
