/* format.c - reads a list in any format from memory and hands its indicators to a sink, one by one
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/format.h"

#include "base/utf8.h"
#include "intel/feed.h"
#include "intel/feed_json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <strings.h>

enum { TRIED_MAX = 256 };

const char *const refusal_slugs[REFUSAL_COUNT] = {
    [REFUSAL_NONE] = "none",
#define REFUSAL(id, slug, text) [REFUSAL_##id] = slug,
#include "intel/refusals.def"
#undef REFUSAL
};

const char *const refusal_texts[REFUSAL_COUNT] = {
    [REFUSAL_NONE] = "",
#define REFUSAL(id, slug, text) [REFUSAL_##id] = text,
#include "intel/refusals.def"
#undef REFUSAL
};

#define UNIT_LINES "line"
#define UNIT_JSON  "entry"

const struct feed_format_info feed_formats[FEED_FORMAT_COUNT] = {
    [FEED_AUTO] = {"auto", "Told from the content", "any of the others", UNIT_LINES},
#define FEED_FORMAT(id, slug, kind, title, text) [FEED_##id] = {slug, title, text, UNIT_##kind},
#include <dnsvigil/feed_formats.def>
#undef FEED_FORMAT
};

int feed_format_parse(struct slice slug)
{
    for (int i = 0; i < FEED_FORMAT_COUNT; i++)
        if (slice_equal(slug, feed_formats[i].slug))
            return i;
    return -1;
}

void feed_refuse(struct feed_report *report, enum refusal reason, struct slice line)
{
    if (report->refused < FIRST_REFUSED_MAX) {
        struct feed_refused *first = report->first_refused + report->refused;
        *first = (struct feed_refused){.line = report->lines, .reason = reason};
        snprintf(first->text, sizeof(first->text), "%.*s", (int)line.len, line.at);
    }
    report->refused++;
    report->refused_by[reason]++;
}

void feed_refusals_write(const struct feed_report *report, struct buf *buf)
{
    enum { SHOWN_MAX = 3 };
    for (uint32_t i = 0; i < report->refused && i < SHOWN_MAX; i++) {
        const struct feed_refused *refused = &report->first_refused[i];
        buf_printf(buf, "%s%s %" PRIu32 ": %s: ", i ? "; " : "", feed_formats[report->format].unit,
                   refused->line, refusal_texts[refused->reason]);
        utf8_append_visible(buf, refused->text);
    }
}

int feed_fail(struct feed_reading *reading, const char *why)
{
    const struct feed_report *report = reading->report;
    return error_set(reading->error, -EINVAL, "%s: %s %u: %s", reading->source->path,
                     feed_formats[report->format].unit, report->lines, why);
}

int feed_count_line(struct feed_reading *reading)
{
    struct feed_report *report = reading->report;
    if (report->lines == FEED_LINES_MAX)
        return error_set(reading->error, -EFBIG, "%s: has more than %d lines or entries",
                         reading->source->path, FEED_LINES_MAX);
    report->lines++;
    return 0;
}

int feed_hand_over(struct feed_reading *reading, const struct feed_indicator *indicator)
{
    const struct feed_source *source = reading->source;
    struct feed_report *report = reading->report;
    enum refusal refusal = source->sink(source->arg, indicator);
    if (refusal)
        feed_refuse(report, refusal, indicator->line);
    if (refusal != REFUSAL_FULL)
        return 0;
    return error_set(reading->error, -ENOMEM, "%s: %s %u: no memory or no room for more entries",
                     source->path, feed_formats[report->format].unit, report->lines);
}

static bool begins_nocase(struct slice data, const char *prefix)
{
    size_t len = strlen(prefix);
    return data.len >= len && strncasecmp(data.at, prefix, len) == 0;
}

/* What looks like one long line is a list from another age. */
static bool has_bare_cr_only(struct slice data)
{
    const char *cr = memchr(data.at, '\r', data.len);
    return cr && cr + 1 < data.at + data.len && !memchr(data.at, '\n', data.len);
}

static const char *not_a_page(struct slice data)
{
    static const char *const pages[] = {"<!doctype", "<html", "<head", "<?xml", "<body"};
    while (data.len && strchr(" \t\r\n", *data.at))
        data = slice_skip(data, 1);
    if (data.len == 0)
        return "is empty";
    for (size_t i = 0; i < sizeof(pages) / sizeof(*pages); i++)
        if (begins_nocase(data, pages[i]))
            return "looks like an HTML page, not a list: was the download redirected?";
    return NULL;
}

/* Why the bytes cannot be a list at all, or NULL. */
static const char *not_a_list(struct slice data)
{
    static const struct {
        const char *mark, *why;
    } marks[] = {
        {"\x1f\x8b", "is compressed with gzip: unpack it first"},
        {"BZh", "is compressed with bzip2: unpack it first"},
        {"\xfd"
         "7zXZ",
         "is compressed with xz: unpack it first"},
        {"\x28\xb5\x2f\xfd", "is compressed with zstd: unpack it first"},
        {"PK\x03\x04", "is a zip archive: unpack it first, or have it fetched by its url"},
        {"\xff\xfe", "is in UTF-16: convert it to UTF-8 first"},
        {"\xfe\xff", "is in UTF-16: convert it to UTF-8 first"},
    };
    for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
        if (slice_begins(data, marks[i].mark))
            return marks[i].why;
    if (data.len && memchr(data.at, 0, data.len))
        return "looks like a binary file";
    if (data.len && has_bare_cr_only(data))
        return "ends its lines with CR alone: convert them to LF";
    return not_a_page(data);
}

/* Whether the first line that says something begins a signature rule. */
static bool are_rules(const char *data, size_t len)
{
    static const char *const actions[] = {"alert ", "drop ", "reject ", "pass "};
    const char *end = data + len;
    struct slice line;
    while (feed_next_line(&data, end, &line)) {
        line = slice_trim(line);
        if (feed_is_silent(line))
            continue;
        for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
            if (slice_begins(line, actions[i]))
                return memmem(line.at, line.len, "sid:", 4);
        return false;
    }
    return false;
}

static int format_unknown(const struct feed_source *source, struct error *error)
{
    char tried[TRIED_MAX] = "";
    size_t len = 0;
    for (int i = FEED_AUTO + 1; i < FEED_FORMAT_COUNT && len < sizeof(tried); i++)
        len += (size_t)snprintf(tried + len, sizeof(tried) - len, "%s%s", len ? ", " : "",
                                feed_formats[i].slug);
    return error_set(error, -EINVAL,
                     "%s: is in none of the known formats (%s); if it is, name the format",
                     source->path, tried);
}

static int reading_read(struct feed_reading *reading, struct slice data)
{
    static int (*const readers[FEED_FORMAT_COUNT])(struct feed_reading *, const char *, size_t) = {
#define READ_LINES                               feed_lines_read
#define READ_JSON                                feed_json_read
#define FEED_FORMAT(id, slug, kind, title, text) [FEED_##id] = READ_##kind,
#include <dnsvigil/feed_formats.def>
#undef FEED_FORMAT
    };
    struct feed_report *report = reading->report;
    if (report->format == FEED_AUTO)
        report->format = feed_detect(data.at, data.len);
    if (report->format == FEED_AUTO && are_rules(data.at, data.len))
        return error_set(reading->error, -EINVAL,
                         "%s: has signature rules, not a list: name it under rules.paths",
                         reading->source->path);
    if (report->format == FEED_AUTO)
        return format_unknown(reading->source, reading->error);
    return readers[report->format](reading, data.at, data.len);
}

int feed_read(const struct feed_source *source, const char *data, size_t len,
              struct feed_report *ret_report, struct error *error)
{
    struct feed_reading reading = {source, ret_report, error};
    struct slice text = {data, len};
    *ret_report = (struct feed_report){.format = source->format};
    if (len > FEED_BYTES_MAX)
        return error_set(error, -EFBIG, "%s: is larger than %d MiB", source->path,
                         FEED_BYTES_MAX >> 20);
    if (slice_begins(text, "\xef\xbb\xbf")) /* byte order mark */
        text = slice_skip(text, 3);
    const char *why = not_a_list(text);
    if (why)
        return error_set(error, -EINVAL, "%s: %s", source->path, why);
    return reading_read(&reading, text);
}
