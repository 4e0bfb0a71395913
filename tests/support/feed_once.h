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

enum { SHOWN_MAX = 4096 };

/* A feed_sink_fn that writes what it gets to a text: =name alone, name and below, *.name below,
 * name/ a page of it, then what the list itself says: :category %confidence @expiry in seconds. */
static inline enum refusal indicator_show(void *arg, const struct feed_indicator *indicator)
{
    static const char *const marks[SCOPE_COUNT] = {
        [SCOPE_SUBTREE] = "", [SCOPE_EXACT] = "=", [SCOPE_CHILDREN] = "*.", [SCOPE_PREFIX] = "#"};
    char *shown = arg;
    size_t len = strlen(shown);
    len += (size_t)snprintf(shown + len, SHOWN_MAX - len, "%s%s%.*s%s", len ? " " : "",
                            marks[indicator->scope], (int)indicator->host.len, indicator->host.at,
                            indicator->page ? "/" : "");
    if (indicator->category >= 0)
        len += (size_t)snprintf(shown + len, SHOWN_MAX - len, ":%s",
                                category_slugs[indicator->category]);
    if (indicator->confidence >= 0)
        len += (size_t)snprintf(shown + len, SHOWN_MAX - len, "%%%d", indicator->confidence);
    if (indicator->expires_ns)
        snprintf(shown + len, SHOWN_MAX - len, "@%lld",
                 (long long)(indicator->expires_ns / 1000000000));
    return REFUSAL_NONE;
}

/* Reads a list and shows its indicators, then its refused lines as `-line:reason`, or, when the
 * list is refused as a whole, the message. Valid until the next call. */
static inline const char *list_show(enum feed_format format, const char *column, const char *text)
{
    static char shown[SHOWN_MAX];
    struct feed_source source = {
        .path = "list", .format = format, .column = column, .sink = indicator_show, .arg = shown};
    struct feed_report report;
    struct error error;
    shown[0] = 0;
    if (feed_read(&source, text, strlen(text), &report, &error) != 0) {
        snprintf(shown, sizeof(shown), "%s", error.text);
        return shown;
    }
    for (unsigned i = 0; i < report.refused && i < FIRST_REFUSED_MAX; i++) {
        size_t len = strlen(shown);
        snprintf(shown + len, SHOWN_MAX - len, "%s-%u:%s", len ? " " : "",
                 report.first_refused[i].line, refusal_slugs[report.first_refused[i].reason]);
    }
    return shown;
}

/* One list and what list_show() makes of it. */
struct list_case {
    const char *text;
    const char *shown;
};

#define LISTS_SHOW(format, cases)                                                                  \
    for (size_t c = 0; c < sizeof(cases) / sizeof(*(cases)); c++)                                  \
    assert_string_equal(list_show(format, NULL, (cases)[c].text), (cases)[c].shown)
