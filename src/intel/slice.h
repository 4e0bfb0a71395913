/* slice.h - a stretch of somebody else's text, and the small cuts that line formats need
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct slice {
    const char *at;
    size_t len;
};

/* Cuts blanks (space, tab, CR) off both ends. */
struct slice slice_trim(struct slice text);

/* The part before the first `c`, or all of it; *text becomes what follows the `c`. */
struct slice slice_cut(struct slice *text, char c);

/* Takes the first word off, with the blanks around it; `text` must not begin with a blank. */
struct slice slice_word(struct slice *text);

bool slice_equal(struct slice text, const char *other);
bool slice_equal_nocase(struct slice text, const char *other);
bool slice_begins(struct slice text, const char *prefix);

/* `text` without its first `count` bytes, which it must have. */
struct slice slice_skip(struct slice text, size_t count);
