/* capture_format.h - what a capture file format is to the reader: one function over bytes in memory
 * SPDX-License-Identifier: Apache-2.0
 *
 * A format never reads, seeks or allocates; it looks at the bytes in view and says what stands at
 * their front. So the same code serves files, pipes, tests and the fuzzer. */
#pragma once

#include "base/error.h"

#include <dnsvigil/frame.h>

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    CAPTURE_FRAME_MAX = 256 * 1024, /* bytes of one frame; a longer one is damage */
    CAPTURE_RECORD_MAX =
        512 * 1024,          /* bytes of a frame with everything the format puts around it */
    CAPTURE_MAGIC_BYTES = 4, /* what tells the formats apart */
};

/* Frame times are 0 to this (the year 2116); what lies outside is clamped. The headroom above lets
 * everybody add a timeout without thinking of overflow. */
#define CAPTURE_TIME_MAX_NS (INT64_MAX / 2)

enum piece {
    PIECE_FRAME, /* a frame; the next piece begins *ret_len bytes on */
    PIECE_SKIP,  /* nothing for us; the next piece begins *ret_len bytes on, maybe out of view */
    PIECE_MORE,  /* call again with *ret_len bytes in view (at most CAPTURE_RECORD_MAX) */
    PIECE_BAD,   /* damaged; *error says how, without file and offset */
};

struct capture_format {
    const char *name; /* "pcap" */

    /* Whether a file that begins like this is in the format. */
    bool (*recognise)(const uint8_t magic[CAPTURE_MAGIC_BYTES]);

    /* What stands at data[0..len). `state` is the format's own, zeroed before the first byte of the
     * input. A frame's bytes point into `data`. */
    enum piece (*next)(void *state, const uint8_t *data, size_t len, uint64_t *ret_len,
                       struct frame *ret_frame, struct error *error);
};

static inline uint16_t capture_u16(const uint8_t *at, bool big_endian)
{
    uint16_t value;
    memcpy(&value, at, sizeof(value));
    return big_endian ? be16toh(value) : le16toh(value);
}

static inline uint32_t capture_u32(const uint8_t *at, bool big_endian)
{
    uint32_t value;
    memcpy(&value, at, sizeof(value));
    return big_endian ? be32toh(value) : le32toh(value);
}

static inline uint64_t capture_u64(const uint8_t *at, bool big_endian)
{
    uint64_t value;
    memcpy(&value, at, sizeof(value));
    return big_endian ? be64toh(value) : le64toh(value);
}

/* What was on the wire can not be less than what was captured of it, whatever a file says. */
static inline uint32_t capture_wirelen(uint32_t caplen, uint32_t claimed)
{
    return claimed < caplen ? caplen : claimed;
}
