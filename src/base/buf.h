/* buf.h - a growable text buffer that is told its maximum at birth
 * SPDX-License-Identifier: Apache-2.0
 *
 * Appending past the maximum (or without memory) sets `overflow` and drops the rest; the caller
 * checks once at the end. `data` is always NUL-terminated after the first append. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *data;
    size_t len;
    size_t cap;
    size_t max;
    bool overflow;
};

void buf_init(struct buf *buf, size_t max);
void buf_done(struct buf *buf);
void buf_reset(struct buf *buf);
void buf_append(struct buf *buf, const void *data, size_t len);
void buf_text(struct buf *buf, const char *text);
void buf_char(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
