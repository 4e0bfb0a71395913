/* slice.c - a stretch of somebody else's text, and the small cuts that line formats need
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/slice.h"

#include <string.h>
#include <strings.h>

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
    *text = slice_skip(*text, head.len + (found != NULL));
    return head;
}

struct slice slice_word(struct slice *text)
{
    size_t len = 0;
    while (len < text->len && !is_blank(text->at[len]))
        len++;
    struct slice word = {text->at, len};
    *text = slice_trim(slice_skip(*text, len));
    return word;
}

bool slice_equal(struct slice text, const char *other)
{
    return strlen(other) == text.len && memcmp(text.at, other, text.len) == 0;
}

bool slice_equal_nocase(struct slice text, const char *other)
{
    return strlen(other) == text.len && strncasecmp(text.at, other, text.len) == 0;
}

bool slice_begins(struct slice text, const char *prefix)
{
    size_t len = strlen(prefix);
    return text.len >= len && memcmp(text.at, prefix, len) == 0;
}

struct slice slice_skip(struct slice text, size_t count)
{
    return (struct slice){text.at + count, text.len - count};
}
