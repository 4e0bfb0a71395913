/* feed_url.c - lists of one URL a line, of which DNS shows the host alone
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/feed.h"

#include <string.h>

enum refusal feed_url_line(struct feed_lines *lines, struct slice line, struct feed_line *out)
{
    enum refusal refusal = feed_plain_line(lines, line, out);
    if (refusal == REFUSAL_NONE && memmem(line.at, line.len, "://", 3))
        out->items[0].scope = SCOPE_EXACT;
    return refusal;
}

bool feed_url_like(struct slice line)
{
    struct slice url = slice_word(&line);
    return line.len == 0 && memmem(url.at, url.len, "://", 3) && feed_is_entry(url);
}
