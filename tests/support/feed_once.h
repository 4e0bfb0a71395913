/* feed_once.h - reads single lines and whole lists for tests, without a builder behind them
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "intel/feed.h"

#include <stdio.h>
#include <string.h>

/* Reads one line with a fresh reader; what *out points to is valid until the next call. */
static inline enum refusal line_once(enum feed_format format, struct slice line,
                                     struct feed_line *out)
{
    static struct feed_lines lines;
    lines = (struct feed_lines){.format = format};
    return feed_line_read(&lines, line, out);
}

enum { TAKEN_MAX = 64, TAKEN_TEXT_MAX = 128 };

/* What a list gave, in order. */
struct taken {
    unsigned count;
    struct {
        char host[TAKEN_TEXT_MAX];
        char line[TAKEN_TEXT_MAX];
        int scope, category, confidence;
        bool page;
        int64_t expires_ns;
    } items[TAKEN_MAX];
    struct feed_report report;
    struct error error;
};

/* A feed_sink_fn that keeps the first TAKEN_MAX. */
static inline enum refusal taken_add(void *arg, const struct feed_indicator *indicator)
{
    struct taken *taken = arg;
    if (taken->count == TAKEN_MAX)
        return REFUSAL_NONE;
    snprintf(taken->items[taken->count].host, TAKEN_TEXT_MAX, "%.*s", (int)indicator->host.len,
             indicator->host.at);
    snprintf(taken->items[taken->count].line, TAKEN_TEXT_MAX, "%.*s", (int)indicator->line.len,
             indicator->line.at);
    taken->items[taken->count].scope = indicator->scope;
    taken->items[taken->count].category = indicator->category;
    taken->items[taken->count].confidence = indicator->confidence;
    taken->items[taken->count].page = indicator->page;
    taken->items[taken->count].expires_ns = indicator->expires_ns;
    taken->count++;
    return REFUSAL_NONE;
}

/* Reads a list; what feed_read() returns. */
static inline int list_once(struct taken *taken, enum feed_format format, const char *column,
                            const char *text)
{
    *taken = (struct taken){.count = 0};
    struct feed_source source = {
        .path = "list", .format = format, .column = column, .sink = taken_add, .arg = taken};
    return feed_read(&source, text, strlen(text), &taken->report, &taken->error);
}
