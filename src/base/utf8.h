/* utf8.h - takes UTF-8 apart strictly, and makes any bytes safe to show
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/buf.h"

#include <stdint.h>

/* Length of the valid sequence at `s` (RFC 3629: no surrogates, no overlong forms, at most
 * U+10FFFF), or 0; `left` is at least 1. The code point goes to `ret_code`. */
size_t utf8_decode(const uint8_t *s, size_t left, uint32_t *ret_code);

/* Whether all of it is valid UTF-8. */
bool utf8_valid(const char *text, size_t len);

/* Appends text for a terminal or a file read by people. Control characters (C0, DEL, C1, line and
 * paragraph separators) become \xNN or \uNNNN, and so do the marks that reorder or hide text
 * (Unicode TR 36); a tab becomes a space; bytes that are not UTF-8 become U+FFFD. */
void utf8_append_visible(struct buf *buf, const char *text);
