/* attributes.h - what many indicators share: feed, category, confidence, expiry, shape of the line
 * SPDX-License-Identifier: Apache-2.0
 *
 * A feed's lines differ in their names and in little else, so a record keeps two bytes: the row of
 * this table. The shape is the text before and after the name ("0.0.0.0 " in a hosts file). Filled
 * by the builder, then owned by the snapshot and read-only. */
#pragma once

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

/* What of a row the list's entries say themselves; the rest is the feed's configuration. */
enum { ATTRIBUTE_CATEGORY = 1, ATTRIBUTE_CONFIDENCE = 2, ATTRIBUTE_EXPIRY = 4 };

struct attribute {
    int64_t expires_ns; /* 0: never */
    uint32_t before;    /* offsets into `texts` */
    uint32_t after;
    uint16_t feed;
    uint8_t category;
    uint8_t confidence;
    uint8_t scope;
    uint8_t given; /* bits of the enum above */
};

struct attributes {
    struct attribute *rows;
    uint32_t count, cap;
    uint32_t feed_first; /* where this feed's rows begin */
    uint32_t feed_count;
    uint32_t *feeds;  /* [feed_count], names as offsets into `texts` */
    struct buf texts; /* NUL-terminated one after the other; offset 0 is "" */
};

enum {
    FEEDS_MAX = 1024,
    SHAPES_MAX = 24,      /* a feed; lines of further shapes are kept whole */
    FEED_ROWS_MAX = 2048, /* a feed; each entry looks through them */
};

bool attributes_init(struct attributes *table);
void attributes_done(struct attributes *table);

/* Starts a feed; its number, or -1 without memory or when there are FEEDS_MAX. */
int attributes_feed(struct attributes *table, const char *name);

/* Forgets the feed that was started last and its rows. */
void attributes_rewind(struct attributes *table);

/* The row of this feed equal to `row` with this shape, made when it is not there. -1 when the feed
 * has SHAPES_MAX rows with a shape or FEED_ROWS_MAX rows, or the table is full (ATTRIBUTES_MAX).
 */
int attributes_row(struct attributes *table, const struct attribute *row, const char *before,
                   size_t before_len, const char *after, size_t after_len);

/* Makes such a row without looking for an equal one. -1 when the table is full. */
int attributes_add(struct attributes *table, const struct attribute *row, const char *before,
                   size_t before_len, const char *after, size_t after_len);
