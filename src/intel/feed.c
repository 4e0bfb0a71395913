/* feed.c - lines, formats and their detection
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/feed.h"

#include "base/addr.h"

#include <string.h>

enum { DETECT_LINES = 64 };

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

const char *const feed_format_names[FEED_FORMAT_COUNT] = {
    [FEED_AUTO] = "auto",
    [FEED_PLAIN] = "plain",
    [FEED_HOSTS] = "hosts",
    [FEED_SEED] = "seed",
};

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

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

struct slice slice_trim(struct slice text)
{
    while (text.len && is_blank(text.at[0])) {
        text.at++;
        text.len--;
    }
    while (text.len && is_blank(text.at[text.len - 1]))
        text.len--;
    return text;
}

struct slice slice_cut(struct slice *text, char c)
{
    const char *found = text->len ? memchr(text->at, c, text->len) : NULL;
    struct slice head = {text->at, found ? (size_t)(found - text->at) : text->len};
    size_t taken = head.len + (found != NULL);
    *text = (struct slice){text->at + taken, text->len - taken};
    return head;
}

struct slice slice_word(struct slice *text)
{
    size_t len = 0;
    while (len < text->len && !is_blank(text->at[len]))
        len++;
    struct slice word = {text->at, len};
    *text = slice_trim((struct slice){text->at + len, text->len - len});
    return word;
}

bool slice_equal(struct slice text, const char *other)
{
    return strlen(other) == text.len && memcmp(text.at, other, text.len) == 0;
}

bool slice_begins(struct slice text, const char *prefix)
{
    size_t len = strlen(prefix);
    return text.len >= len && memcmp(text.at, prefix, len) == 0;
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

/* Lines that say nothing about names: "! comment" and "[Adblock Plus 2.0]" too, but not an IPv6
 * address in brackets. */
static bool is_silent(struct slice line)
{
    if (line.len == 0 || feed_is_comment(line) || line.at[0] == '!')
        return true;
    return line.at[0] == '[' && !memchr(line.at, ':', line.len);
}

enum refusal feed_line_read(enum feed_format format, struct slice line, struct feed_line *ret_line)
{
    *ret_line = (struct feed_line){.category = -1, .confidence = -1};
    if (line.len > FEED_LINE_MAX)
        return REFUSAL_LONG_LINE;
    line = slice_trim(line);
    if (is_silent(line))
        return REFUSAL_NONE;
    if (format == FEED_HOSTS)
        return feed_hosts_line(line, ret_line);
    if (format == FEED_SEED)
        return feed_seed_line(line, ret_line);
    return feed_plain_line(line, ret_line);
}

static enum feed_format line_format(struct slice line)
{
    struct slice rest = line;
    slice_cut(&rest, '\t');
    if (category_parse(slice_cut(&rest, '\t')) >= 0)
        return FEED_SEED;
    struct addr ignored;
    struct slice first = slice_word(&line);
    bool hosts = line.len && !feed_is_comment(line) && addr_parse(first.at, first.len, &ignored);
    return hosts ? FEED_HOSTS : FEED_PLAIN;
}

enum feed_format feed_detect(const char *data, size_t len)
{
    unsigned votes[FEED_FORMAT_COUNT] = {0};
    struct slice line;
    const char *at = data;
    for (unsigned lines = 0; lines < DETECT_LINES && feed_next_line(&at, data + len, &line);) {
        line = slice_trim(line);
        if (line.len > FEED_LINE_MAX || is_silent(line))
            continue;
        votes[line_format(line)]++;
        lines++;
    }
    enum feed_format best = FEED_PLAIN;
    for (enum feed_format format = FEED_PLAIN; format < FEED_FORMAT_COUNT; format++)
        if (votes[format] > votes[best])
            best = format;
    return best;
}
