/* dnstap_stream.h - bytes of one file or connection to DNS messages: framing and payload together
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "input/dnstap.h"
#include "input/framestream.h"

#include <dnsvigil/metrics.h>

enum { DNSTAP_NAME_MAX = 63 };

struct dnstap_stream {
    struct framestream frames;
    struct metrics *metrics; /* borrowed; METRIC_DNSTAP_… are counted */
    int64_t last_time_ns;
    char identity[DNSTAP_NAME_MAX + 1]; /* as the sender calls itself last; cut when longer */
    char version[DNSTAP_NAME_MAX + 1];
};

/* What stands at data[0..len), as framestream_next(); a data frame gives *ret_count messages, whose
 * bytes are in `data`. */
enum framestream_step dnstap_stream_next(struct dnstap_stream *stream, const uint8_t *data,
                                         size_t len, struct framestream_piece *ret,
                                         struct packet packets[static DNSTAP_PACKETS],
                                         unsigned *ret_count, struct error *error);
