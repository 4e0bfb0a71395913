/* feed_plain.c - lists of one name, address, block, URL or ad-block domain rule a line
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/feed.h"

#include "base/addr.h"

#include <ctype.h>
#include <string.h>

/* Options of an ad-block rule that leave it valid for every request. */
static const char *const harmless_options[] = {"all", "document", "doc", "important"};

static bool all_digits(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    return text.len > 0;
}

static bool options_harmless(struct slice options)
{
    while (options.len) {
        struct slice option = slice_cut(&options, ',');
        bool known = false;
        for (size_t i = 0; i < sizeof(harmless_options) / sizeof(*harmless_options); i++)
            known |= slice_equal(option, harmless_options[i]);
        if (!known)
            return false;
    }
    return true;
}

/* Cuts `||name^$options` down to `name`. */
static enum refusal adblock_strip(struct slice *text)
{
    struct slice options = slice_skip(*text, 2);
    struct slice rule = slice_cut(&options, '$');
    struct slice name = slice_cut(&rule, '^');
    bool whole = rule.len == 0 || slice_equal(rule, "|"); /* which says that the name ends there */
    if (!whole || !options_harmless(options))
        return REFUSAL_RULE_OPTIONS;
    *text = name;
    return REFUSAL_NONE;
}

/* Cuts `scheme://` and `#fragment` off; whether it is a URL. */
static bool scheme_strip(struct slice *text)
{
    size_t len = 0;
    while (len < text->len && (isalnum((unsigned char)text->at[len]) || text->at[len] == '-'))
        len++;
    struct slice rest = slice_skip(*text, len);
    if (!slice_begins(rest, "://"))
        return false;
    rest = slice_skip(rest, 3);
    *text = slice_cut(&rest, '#');
    return true;
}

/* Whether the text means `address/bits`, right or wrong. */
static bool is_block(struct slice text)
{
    struct addr ignored;
    struct slice head = slice_cut(&text, '/');
    return all_digits(text) && addr_parse(head.at, head.len, &ignored);
}

/* Cuts `user@host:port/path?query` down to `host`. */
static void url_strip(struct slice *text, bool *ret_page)
{
    struct slice query = *text;
    struct slice path = slice_cut(&query, '?');
    *text = slice_cut(&path, '/');
    *ret_page = path.len || query.len;
    const char *user = memrchr(text->at, '@', text->len);
    if (user)
        *text = (struct slice){user + 1, (size_t)(text->at + text->len - user - 1)};
    if (text->len && text->at[0] == '[') {
        struct slice rest = slice_skip(*text, 1);
        *text = slice_cut(&rest, ']');
        return;
    }
    /* One colon separates a port; several are an IPv6 address. */
    const char *colon = memchr(text->at, ':', text->len);
    if (!colon || memrchr(text->at, ':', text->len) != colon)
        return;
    struct slice port = {colon + 1, (size_t)(text->at + text->len - colon - 1)};
    if (all_digits(port))
        text->len = (size_t)(colon - text->at);
}

/* Takes off the mark that says how far the entry reaches. */
static enum scope scope_strip(struct slice *text)
{
    static const struct {
        const char *mark;
        enum scope scope;
    } marks[] = {{"*.", SCOPE_CHILDREN}, {".", SCOPE_SUBTREE}, {"=", SCOPE_EXACT}};
    for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
        if (!slice_begins(*text, marks[i].mark))
            continue;
        *text = slice_skip(*text, strlen(marks[i].mark));
        return marks[i].scope;
    }
    return SCOPE_SUBTREE;
}

enum refusal feed_plain_entry(struct slice text, struct feed_line *out)
{
    if (slice_begins(text, "@@"))
        return REFUSAL_EXCEPTION;
    enum refusal refusal = slice_begins(text, "||") ? adblock_strip(&text) : REFUSAL_NONE;
    if (refusal)
        return refusal;
    struct feed_item *item = out->items + out->item_count;
    *item = (struct feed_item){.scope = (uint8_t)scope_strip(&text)};
    bool url = scheme_strip(&text);
    if (url || !is_block(text))
        url_strip(&text, &item->page);
    if (text.len == 0)
        return REFUSAL_NOT_A_NAME;
    if (memchr(text.at, '*', text.len))
        return REFUSAL_PATTERN;
    item->host = text;
    out->item_count++;
    return REFUSAL_NONE;
}

static bool is_name_char(char c)
{
    unsigned char byte = (unsigned char)c;
    return byte >= 0x80 || isalnum(byte) || byte == '-' || byte == '_' || byte == '.';
}

static bool is_name_text(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_name_char(text.at[i]))
            return false;
    return true;
}

/* Two labels or more, the last of which does not begin with a digit: no number, no version. */
static bool is_dotted_name(struct slice text)
{
    if (text.len && text.at[text.len - 1] == '.')
        text.len--;
    if (!is_name_text(text))
        return false;
    const char *dot = text.len ? memrchr(text.at, '.', text.len) : NULL;
    return dot && dot != text.at && !(dot[1] >= '0' && dot[1] <= '9');
}

bool feed_is_entry(struct slice text)
{
    struct prefix ignored;
    struct feed_line line = {0};
    if (feed_plain_entry(text, &line))
        return false;
    struct slice host = line.items[0].host;
    return prefix_parse(host.at, host.len, &ignored) || is_dotted_name(host);
}

enum refusal feed_plain_line(struct feed_lines *lines, struct slice line, struct feed_line *out)
{
    (void)lines;
    struct slice entry = slice_word(&line);
    if (line.len && !feed_is_comment(line))
        return REFUSAL_EXTRA_WORDS;
    return feed_plain_entry(entry, out);
}

/* Also single labels, and rules of browsers' lists that are refused: that is a plain list with bad
 * lines. */
bool feed_plain_like(struct slice line)
{
    struct slice entry = slice_word(&line);
    if (line.len && !feed_is_comment(line))
        return false;
    return slice_begins(entry, "||") || slice_begins(entry, "@@") || is_name_text(entry) ||
           feed_is_entry(entry);
}
