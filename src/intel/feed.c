/* feed.c - lists of lines: taking them off, choosing their reader, handing over what they mean
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/feed.h"

const char *const category_slugs[CATEGORY_COUNT] = {
#define CATEGORY(id, slug, days, text) [CATEGORY_##id] = slug,
#include <dnsvigil/categories.def>
#undef CATEGORY
};

int category_parse(struct slice slug)
{
    for (int i = 0; i < CATEGORY_COUNT; i++)
        if (slice_equal(slug, category_slugs[i]))
            return i;
    return -1;
}

bool feed_next_line(const char **at, const char *end, struct slice *ret_line)
{
    if (*at == end)
        return false;
    struct slice rest = {*at, (size_t)(end - *at)};
    *ret_line = slice_cut(&rest, '\n');
    *at = rest.at;
    if (ret_line->len && ret_line->at[ret_line->len - 1] == '\r')
        ret_line->len--;
    return true;
}

bool feed_is_comment(struct slice text)
{
    return slice_begins(text, "#") || slice_begins(text, ";") || slice_begins(text, "//");
}

bool feed_is_silent(struct slice line)
{
    if (line.len == 0 || feed_is_comment(line) || line.at[0] == '!')
        return true;
    return line.at[0] == '[' && !memchr(line.at, ':', line.len);
}

enum refusal feed_item_add(struct feed_line *out, struct slice host, enum scope scope)
{
    if (out->item_count == FEED_ITEMS_MAX)
        return REFUSAL_TOO_MANY_NAMES;
    out->items[out->item_count++] = (struct feed_item){.host = host, .scope = (uint8_t)scope};
    return REFUSAL_NONE;
}

static const struct {
    feed_line_fn read;
    bool whole; /* reads lines as they are: leading blanks or comments mean something */
} readers[FEED_FORMAT_COUNT] = {
    [FEED_PLAIN] = {feed_plain_line, false},
    [FEED_HOSTS] = {feed_hosts_line, false},
    [FEED_URL] = {feed_url_line, false},
    [FEED_SEED] = {feed_seed_line, false},
    [FEED_CSV] = {feed_table_line, true},
    [FEED_TSV] = {feed_table_line, true},
    [FEED_RPZ] = {feed_rpz_line, true},
    [FEED_DNSMASQ] = {feed_dnsmasq_line, false},
    [FEED_UNBOUND] = {feed_unbound_line, false},
    [FEED_DNSCRYPT] = {feed_dnscrypt_line, false},
    [FEED_SURICATA] = {feed_suricata_line, false},
};

enum refusal feed_line_read(struct feed_lines *lines, struct slice line, struct feed_line *ret_line)
{
    ret_line->item_count = 0;
    ret_line->category = -1;
    ret_line->confidence = -1;
    if (line.len > FEED_LINE_MAX)
        return REFUSAL_LONG_LINE;
    if (readers[lines->format].whole)
        return readers[lines->format].read(lines, line, ret_line);
    line = slice_trim(line);
    return feed_is_silent(line) ? REFUSAL_NONE : readers[lines->format].read(lines, line, ret_line);
}

/* Each name on a line that cannot be used is refused by itself. */
static int items_hand_over(struct feed_reading *reading, const struct feed_line *parsed,
                           struct slice line)
{
    struct feed_indicator indicator = {
        .line = line, .category = parsed->category, .confidence = parsed->confidence};
    int code = 0;
    for (unsigned i = 0; i < parsed->item_count && code == 0; i++) {
        indicator.host = parsed->items[i].host;
        indicator.scope = parsed->items[i].scope;
        indicator.page = parsed->items[i].page;
        code = feed_hand_over(reading, &indicator);
    }
    return code;
}

static int line_hand_over(struct feed_reading *reading, struct feed_lines *lines, struct slice line)
{
    struct feed_line parsed;
    enum refusal refusal = feed_line_read(lines, line, &parsed);
    if (lines->failure)
        return feed_fail(reading, lines->failure);
    if (refusal == REFUSAL_NONE)
        return items_hand_over(reading, &parsed, slice_trim(line));
    feed_refuse(reading->report, refusal, line);
    return 0;
}

int feed_lines_read(struct feed_reading *reading, const char *data, size_t len)
{
    const char *column = reading->source->column;
    struct feed_lines lines = {.format = reading->report->format,
                               .column = column && column[0] ? column : NULL};
    struct slice line;
    const char *end = data + len;
    for (const char *at = data; feed_next_line(&at, end, &line);) {
        int code = feed_count_line(reading);
        if (code == 0)
            code = line_hand_over(reading, &lines, line);
        if (code)
            return code;
    }
    return lines.zone.parentheses ? feed_fail(reading, "a parenthesis is not closed") : 0;
}
