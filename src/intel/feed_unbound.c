/* feed_unbound.c - lists as configuration of unbound: local-zone and local-data
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/feed.h"

#include <string.h>

/* Types of local-zone under which names do not get their true answer. */
static const char *const blocking_types[] = {
    "deny",          "refuse",      "static",        "redirect",        "always_nxdomain",
    "always_refuse", "always_null", "always_deny",   "always_nodata",   "inform_deny",
    "block_a",       "truncate",    "always_static", "inform_redirect",
};

static bool type_blocks(struct slice type)
{
    for (size_t i = 0; i < sizeof(blocking_types) / sizeof(*blocking_types); i++)
        if (slice_equal(type, blocking_types[i]))
            return true;
    return false;
}

/* Takes a word off, or what stands between quotation marks. */
static struct slice value_take(struct slice *text)
{
    if (!text->len || (text->at[0] != '"' && text->at[0] != '\''))
        return slice_word(text);
    char mark = text->at[0];
    *text = slice_skip(*text, 1);
    struct slice value = slice_cut(text, mark);
    *text = slice_trim(*text);
    return value;
}

/* `"name" type`; without a type the zone is transparent to what is not in it. */
static enum refusal zone_read(struct slice rest, struct feed_line *out)
{
    struct slice name = value_take(&rest);
    if (!type_blocks(value_take(&rest)))
        return REFUSAL_NOT_BLOCKING;
    return feed_item_add(out, name, SCOPE_SUBTREE);
}

/* `"name [ttl] [class] type data"`: the name alone, if it leads to an address that blocks. */
static enum refusal data_read(struct slice rest, struct feed_line *out)
{
    struct slice record = slice_trim(value_take(&rest));
    struct slice name = slice_word(&record);
    while (record.len) {
        struct slice type = slice_word(&record);
        if (slice_equal_nocase(type, "A") || slice_equal_nocase(type, "AAAA"))
            return feed_is_blocking(record) ? feed_item_add(out, name, SCOPE_EXACT)
                                            : REFUSAL_NOT_BLOCKING;
    }
    return REFUSAL_NOT_BLOCKING;
}

enum refusal feed_unbound_line(struct feed_lines *lines, struct slice line, struct feed_line *out)
{
    (void)lines;
    struct slice rest = line;
    struct slice key = slice_trim(slice_cut(&rest, ':'));
    rest = slice_trim(rest);
    if (slice_equal(key, "local-zone"))
        return zone_read(rest, out);
    if (slice_equal(key, "local-data"))
        return data_read(rest, out);
    return slice_equal(key, "server") && rest.len == 0 ? REFUSAL_NONE : REFUSAL_OTHER_OPTION;
}

bool feed_unbound_like(struct slice line)
{
    return slice_begins(line, "local-zone:") || slice_begins(line, "local-data:");
}
