/* feed_dnscrypt.c - lists of blocked names as dnscrypt-proxy reads them
 * SPDX-License-Identifier: Apache-2.0
 *
 * Its `*.name` means the name, too, unlike in a plain list. Content alone does not tell the two
 * formats apart: the operator must say. */
#include "intel/feed.h"

#include <string.h>

enum refusal feed_dnscrypt_line(struct feed_lines *lines, struct slice line, struct feed_line *out)
{
    (void)lines;
    line = slice_trim(slice_cut(&line, '#'));
    if (line.len == 0)
        return REFUSAL_NONE;
    struct slice name = slice_word(&line);
    if (slice_begins(line, "@"))
        return REFUSAL_RULE_OPTIONS; /* a schedule */
    if (line.len)
        return REFUSAL_EXTRA_WORDS;
    if (slice_begins(name, "="))
        return feed_item_add(out, slice_skip(name, 1), SCOPE_EXACT);
    if (slice_begins(name, "*."))
        name = slice_skip(name, 2);
    else if (slice_begins(name, "."))
        name = slice_skip(name, 1);
    if (memchr(name.at, '*', name.len) || memchr(name.at, '?', name.len))
        return REFUSAL_PATTERN;
    return feed_item_add(out, name, SCOPE_SUBTREE);
}
