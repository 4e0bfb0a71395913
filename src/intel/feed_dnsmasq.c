/* feed_dnsmasq.c - lists as configuration of dnsmasq: address=/name/, server=/name/, local=/name/
 * SPDX-License-Identifier: Apache-2.0
 *
 * `address=` with nothing, # or a blocking address behind the last slash and `server=` or `local=`
 * with nothing make the name, and everything below it, not exist. */
#include "intel/feed.h"

#include <string.h>

/* Cuts `option=/` off. */
static bool option_strip(struct slice *line, bool *ret_address)
{
    struct slice rest = *line;
    struct slice option = slice_trim(slice_cut(&rest, '='));
    rest = slice_trim(rest);
    *ret_address = slice_equal(option, "address");
    if (!*ret_address && !slice_equal(option, "server") && !slice_equal(option, "local"))
        return false;
    if (!slice_begins(rest, "/"))
        return false;
    *line = slice_skip(rest, 1);
    return true;
}

/* What the names lead to: the part behind the last slash, which is cut off. */
static struct slice target_cut(struct slice *names)
{
    const char *slash = memrchr(names->at, '/', names->len);
    if (!slash)
        return (struct slice){names->at, 0};
    struct slice target = slice_skip(*names, (size_t)(slash - names->at) + 1);
    names->len = (size_t)(slash - names->at);
    return target;
}

static bool target_blocks(struct slice target, bool address)
{
    if (target.len == 0)
        return true;
    return address && (slice_equal(target, "#") || feed_is_blocking(target));
}

enum refusal feed_dnsmasq_line(struct feed_lines *lines, struct slice line, struct feed_line *out)
{
    (void)lines;
    bool address;
    if (!option_strip(&line, &address))
        return REFUSAL_OTHER_OPTION;
    struct slice names = slice_word(&line);
    if (line.len && !feed_is_comment(line))
        return REFUSAL_EXTRA_WORDS;
    if (!target_blocks(target_cut(&names), address))
        return REFUSAL_NOT_BLOCKING;
    enum refusal refusal = REFUSAL_NONE;
    do {
        struct slice name = slice_cut(&names, '/');
        if (slice_begins(name, "*") || slice_equal(name, "#"))
            return REFUSAL_PATTERN;
        if (slice_begins(name, "."))
            name = slice_skip(name, 1);
        refusal = feed_item_add(out, name, SCOPE_SUBTREE);
    } while (names.len && !refusal);
    return refusal;
}

bool feed_dnsmasq_like(struct slice line)
{
    bool ignored;
    return option_strip(&line, &ignored);
}
