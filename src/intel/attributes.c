/* attributes.c - what many indicators share: feed, category, confidence, expiry, shape of the line
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/attributes.h"

#include "intel/draft.h"

#include <stdlib.h>
#include <string.h>

enum { TEXTS_MAX = 64 << 20, ROWS_FIRST = 64 };

bool attributes_init(struct attributes *table)
{
    *table = (struct attributes){0};
    buf_init(&table->texts, TEXTS_MAX);
    buf_char(&table->texts, 0);
    table->feeds = calloc(FEEDS_MAX, sizeof(*table->feeds));
    if (table->feeds && !table->texts.overflow)
        return true;
    attributes_done(table);
    return false;
}

void attributes_done(struct attributes *table)
{
    free(table->rows);
    free(table->feeds);
    buf_done(&table->texts);
    *table = (struct attributes){0};
}

/* Keeps a copy of the text; 0, the offset of "", without memory. */
static uint32_t text_add(struct attributes *table, const char *text, size_t len)
{
    if (len == 0)
        return 0;
    size_t at = table->texts.len;
    buf_append(&table->texts, text, len);
    buf_char(&table->texts, 0);
    return table->texts.overflow ? 0 : (uint32_t)at;
}

int attributes_feed(struct attributes *table, const char *name)
{
    if (table->feed_count == FEEDS_MAX)
        return -1;
    table->feeds[table->feed_count] = text_add(table, name, strlen(name));
    table->feed_first = table->count;
    return table->texts.overflow ? -1 : (int)table->feed_count++;
}

void attributes_rewind(struct attributes *table)
{
    table->feed_count--;
    table->count = table->feed_first;
    table->texts.len = table->feeds[table->feed_count];
    table->texts.overflow = false;
}

static bool text_equal(const struct attributes *table, uint32_t at, const char *text, size_t len)
{
    const char *known = table->texts.data + at;
    return strncmp(known, text, len) == 0 && known[len] == 0;
}

static bool row_equal(const struct attribute *a, const struct attribute *b)
{
    return a->feed == b->feed && a->category == b->category && a->confidence == b->confidence &&
           a->scope == b->scope && a->given == b->given && a->expires_ns == b->expires_ns;
}

static bool row_reserve(struct attributes *table)
{
    if (table->count == ATTRIBUTES_MAX || table->count - table->feed_first == FEED_ROWS_MAX)
        return false;
    if (table->count < table->cap)
        return true;
    uint32_t cap = table->cap ? table->cap * 2 : ROWS_FIRST;
    struct attribute *rows = reallocarray(table->rows, cap, sizeof(*rows));
    if (!rows)
        return false;
    table->rows = rows;
    table->cap = cap;
    return true;
}

int attributes_add(struct attributes *table, const struct attribute *row, const char *before,
                   size_t before_len, const char *after, size_t after_len)
{
    if (!row_reserve(table))
        return -1;
    struct attribute *made = table->rows + table->count;
    *made = *row;
    made->before = text_add(table, before, before_len);
    made->after = text_add(table, after, after_len);
    return table->texts.overflow ? -1 : (int)table->count++;
}

int attributes_row(struct attributes *table, const struct attribute *row, const char *before,
                   size_t before_len, const char *after, size_t after_len)
{
    unsigned shaped = 0;
    for (uint32_t i = table->feed_first; i < table->count; i++) {
        const struct attribute *known = table->rows + i;
        shaped += known->before || known->after;
        if (row_equal(known, row) && text_equal(table, known->before, before, before_len) &&
            text_equal(table, known->after, after, after_len))
            return (int)i;
    }
    bool shapeless = before_len == 0 && after_len == 0;
    if (!shapeless && shaped >= SHAPES_MAX)
        return -1;
    return attributes_add(table, row, before, before_len, after, after_len);
}
