/* cursor.h - where a page of a list ended, as text that a client keeps and gives back
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "store/store.h"

/* The place of an alert in a list. */
struct place {
    int64_t number;           /* the sort key, where that is a number */
    char text[NAME_TEXT_MAX]; /* … or a text */
    int64_t start_ns;
    int64_t seq;
};

void cursor_write(const struct place *place, enum store_sort sort, bool reverse,
                  struct store_cursor *ret_cursor);

/* False when the text is no cursor of a list in this order. */
bool cursor_read(const char *text, enum store_sort sort, bool reverse, struct place *ret_place);
