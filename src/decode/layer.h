/* layer.h - what the protocol layers of the network decoder share: a view of bytes, and a verdict
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <dnsvigil/metrics.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What becomes of a frame: an enum reject, or one of these. */
enum verdict {
    VERDICT_DNS = REJECT_COUNT, /* it completed at least one message */
    VERDICT_HELD,               /* it was kept for later frames to complete */
    VERDICT_NEXT,               /* not decided on this layer: go on with the next */
};

/* The bytes of one layer: `len` of them were captured, `wire_len` (never fewer) were sent. */
struct view {
    const uint8_t *data;
    uint32_t len;
    uint32_t wire_len;
};

/* Takes `n` bytes off the front; NULL when fewer were captured. */
static inline const uint8_t *view_take(struct view *view, uint32_t n)
{
    if (n > view->len)
        return NULL;
    const uint8_t *taken = view->data;
    view->data += n;
    view->len -= n;
    view->wire_len -= n;
    return taken;
}

/* Applies the length a header gives for what follows it: bytes behind that are padding. Where there
 * are fewer, the packet was cut on its way to us, as by a snaplen (mirror ports do that too). */
static inline void view_limit(struct view *view, uint32_t wire_len)
{
    view->wire_len = wire_len;
    if (view->len > wire_len)
        view->len = wire_len;
}

/* Event time from `then` to `now`, negative when it went back; any two times will do. */
static inline int64_t elapsed_ns(int64_t now, int64_t then)
{
    return (int64_t)((uint64_t)now - (uint64_t)then);
}

static inline uint16_t load_be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t load_be32(const uint8_t *p)
{
    return (uint32_t)load_be16(p) << 16 | load_be16(p + 2);
}
