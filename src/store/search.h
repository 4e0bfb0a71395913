/* search.h - what of an alert is kept beside it so that filters and searches find it by an index
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/buf.h"

#include <dnsvigil/alert.h>

enum { SEARCH_TEXT_MAX_BYTES = 4096, SEARCH_KEYS_MAX_BYTES = 16384 };

/* Appends what a search looks through, in lower case: id, machine, names, indicator, samples. What
 * is longer is cut. */
void search_text(const struct alert *alert, struct buf *buf);

/* Appends a JSON list of "tag:<tag>" and "ip:<address>" of machine, resolver and answers. */
void search_keys(const struct alert *alert, struct buf *buf);

/* Appends the bytes from last to first, so that a domain and the names below it are a range. */
void search_reverse(const char *name, struct buf *buf);

/* Appends an expression for the trigram index (SQLite FTS5) that no alert misses whose text has
 * `text` in it, in lower case. False when it is too short for the index, or not UTF-8. */
bool search_match(const char *text, struct buf *buf);
