/* cursor.h - reads a byte range forward with one sticky error, so that checks stand at the end
 * SPDX-License-Identifier: Apache-2.0
 *
 * A read past the end yields zeros and sets `bad`; nothing is ever read outside the range. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct cursor {
    const uint8_t *pos;
    const uint8_t *end;
    bool bad;
};

static inline struct cursor cursor_of(const void *data, size_t len)
{
    const uint8_t *bytes = data;
    return (struct cursor){.pos = bytes, .end = bytes + len};
}

static inline size_t cursor_left(const struct cursor *c)
{
    return (size_t)(c->end - c->pos);
}

/* Takes `n` bytes and returns where they start, or NULL (and `bad`) when fewer are left. */
static inline const uint8_t *cursor_take(struct cursor *c, size_t n)
{
    if (n > cursor_left(c)) {
        c->bad = true;
        c->pos = c->end;
        return NULL;
    }
    const uint8_t *taken = c->pos;
    c->pos += n;
    return taken;
}

static inline void cursor_skip(struct cursor *c, size_t n)
{
    (void)cursor_take(c, n);
}

static inline uint8_t cursor_u8(struct cursor *c)
{
    const uint8_t *p = cursor_take(c, 1);
    return p ? *p : 0;
}

/* Big endian, as on the wire. */
static inline uint16_t cursor_be16(struct cursor *c)
{
    const uint8_t *p = cursor_take(c, 2);
    return p ? (uint16_t)(p[0] << 8 | p[1]) : 0;
}

static inline uint32_t cursor_be32(struct cursor *c)
{
    const uint8_t *p = cursor_take(c, 4);
    return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] : 0;
}
