/* stream.h - finds DNS messages in TCP streams: two bytes of length, then the message (RFC 7766 8)
 * SPDX-License-Identifier: Apache-2.0
 *
 * The two directions of a connection are two streams, read independently. A stream knows the
 * sequence number at which its next message starts. It learns it
 *
 *   - from a SYN: certain, and every later message starts where the one before ends;
 *   - from any other first segment, and after bytes were lost: a guess, that a message starts where
 *     a segment starts. It is kept only when the bytes there look like one: a length, and behind it
 *     a header whose opcode and counts fit into that length. Otherwise the segment is
 *     REJECT_TCP_NOT_DNS and the stream is forgotten, until a segment of it looks better.
 *
 * Segments come in any order, repeated, overlapping (the bytes that came first win) and cut
 * anywhere. Those ahead of a gap are held. The gap is given up (METRIC_TCP_GAPS) when it has stood
 * open for 2 s of event time, when its stream holds all it may, or when the connection ends; then
 * reading goes on at the next held segment that looks like a message.
 *
 * A stream that is certain of its position and finds no DNS there (a length below 12, or at its
 * very start counts that do not fit and a length that is not the segment's), or that ends within a
 * message whose header could be none, is something else on a DNS port. What there is of it is
 * delivered once, as if it were a message, so that the message decoder and what follows can judge
 * it; then the stream is forgotten as above. So an SSH server on port 53 shows its banner and costs
 * no memory.
 *
 * FIN and RST free what a stream holds but not its position: bytes that repeat stay recognised, and
 * a forged RST does not blind us. Its slot is the next to be reused. Checksums are not verified,
 * because on the capturing host they are often not filled in yet. */
#pragma once

#include "decode/layer.h"

#include <dnsvigil/metrics.h>
#include <dnsvigil/packet.h>

struct streams;

enum tcp_flag { TCP_FIN = 0x01, TCP_SYN = 0x02, TCP_RST = 0x04 };

struct segment {
    uint32_t seq;
    uint8_t flags; /* enum tcp_flag, as on the wire */
    struct view payload;
};

typedef void (*stream_packet_fn)(void *arg, const struct packet *packet);

/* At most `streams_max` streams at a time and about `bytes_max` for what they hold, all of it
 * reserved here; when either is short, the stream that was silent longest goes. Counts in
 * `metrics`, which must outlive it. NULL without memory. */
struct streams *streams_new(unsigned streams_max, size_t bytes_max, struct metrics *metrics);
void streams_free(struct streams *streams);

/* Takes one segment between the ends in `packet`, of which time, addresses and ports are set, and
 * `reassembled` when the payload is in the decoder's memory. Delivers each message it completes,
 * writing the rest of `packet`. Returns VERDICT_DNS when there was one, VERDICT_HELD, or why the
 * segment was of no use. */
int streams_add(struct streams *streams, const struct segment *segment, struct packet *packet,
                stream_packet_fn deliver, void *arg);

/* Gives up all that is held. */
void streams_finish(struct streams *streams);
