/* feed_seed.c - lists in our own format: entry, category, confidence, who, where from
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/feed.h"

#include <string.h>

enum { CONFIDENCE_DIGITS = 3, CONFIDENCE_MAX = 100 };

int confidence_parse(struct slice text)
{
    int value = 0;
    if (text.len == 0 || text.len > CONFIDENCE_DIGITS)
        return -1;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return -1;
        value = value * 10 + (text.at[i] - '0');
    }
    return value > CONFIDENCE_MAX ? -1 : value;
}

enum refusal feed_seed_line(struct feed_lines *lines, struct slice line, struct feed_line *out)
{
    (void)lines;
    struct slice entry = slice_cut(&line, '\t');
    struct slice category = slice_cut(&line, '\t');
    struct slice confidence = slice_cut(&line, '\t');
    struct slice who = slice_cut(&line, '\t');
    out->category = category_parse(category);
    out->confidence = confidence_parse(confidence);
    bool complete = who.len && line.len && !memchr(line.at, '\t', line.len);
    if (!complete || out->category < 0 || out->confidence < 0)
        return REFUSAL_BAD_COLUMNS;
    return feed_plain_entry(entry, out);
}

bool feed_seed_like(struct slice line)
{
    slice_cut(&line, '\t');
    return category_parse(slice_cut(&line, '\t')) >= 0;
}
