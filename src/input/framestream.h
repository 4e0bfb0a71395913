/* framestream.h - Frame Streams, the framing in which DNS servers write and send dnstap
 * SPDX-License-Identifier: Apache-2.0
 *
 * A stream is data frames between a START and a STOP control frame. A file holds just that; on a
 * socket the writer may say READY first and wait for our ACCEPT, and then wait for our FINISH after
 * its STOP (the bidirectional kind), or do neither. Every control frame that names content types
 * must name ours. After a STOP another START may follow, as in files that were put together.
 *
 * The reader looks at bytes in memory and says what stands at their front; it neither reads nor
 * writes by itself, so that files, sockets, tests and the fuzzer share it. Control frames are taken
 * apart and built by libfstrm. */
#pragma once

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

enum {
    FRAMESTREAM_FRAME_MAX = 256 * 1024, /* bytes of a data frame; a longer one is damage */
    FRAMESTREAM_HEADER_BYTES = 4,
    FRAMESTREAM_VIEW_MAX = FRAMESTREAM_FRAME_MAX + FRAMESTREAM_HEADER_BYTES,
    FRAMESTREAM_REPLY_MAX = 64, /* bytes of what we answer */
};

enum framestream_step {
    FRAMESTREAM_MORE,    /* call again with `len` bytes in view (at most FRAMESTREAM_VIEW_MAX) */
    FRAMESTREAM_DATA,    /* a data frame of `len` bytes in all, its payload behind the header */
    FRAMESTREAM_CONTROL, /* a control frame of `len` bytes in all; `reply` is to be sent */
    FRAMESTREAM_BAD,     /* damaged or not ours; the message says how, without place */
};

struct framestream_piece {
    uint64_t len;
    uint8_t reply_len; /* 0: nothing to send */
    uint8_t reply[FRAMESTREAM_REPLY_MAX];
};

struct framestream {
    bool bidirectional; /* the writer said READY: it waits for answers */
    bool begun;         /* some control frame has come */
    bool open;          /* between START and STOP */
};

/* Whether a file that begins with these four bytes can be Frame Streams: with a control frame. */
bool framestream_recognise(const uint8_t magic[static 4]);

/* What stands at data[0..len). A zeroed `stream` is at the beginning of its bytes. Any thread, one
 * at a time per stream. Allocates for control frames only, at most some hundred bytes. */
enum framestream_step framestream_next(struct framestream *stream, const uint8_t *data, size_t len,
                                       struct framestream_piece *ret, struct error *error);
