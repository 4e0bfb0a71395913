/* talk.h - how look-ups travel: over UDP or TCP, answered, repeated, late or not at all
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "lookup.h"
#include "timeline.h"
#include "wire.h"

enum fate {
    FATE_ANSWERED,
    FATE_REPEATED, /* the client asks twice before the answer comes */
    FATE_LOST,     /* no answer was captured */
    FATE_LATE,     /* the answer comes long after the client gave up */
};

/* Over UDP, the query at `time_ns`. */
void talk_udp(struct timeline *timeline, struct prng *prng, const struct flow *flow,
              int64_t time_ns, const struct lookup *lookup, enum fate fate);

enum { TALK_LOOKUPS_MAX = 4 };

/* Over one TCP connection from SYN to FIN: `count` queries in one go, answered in reverse order
 * (RFC 7766 6.2.1.1), the segments sometimes split, even inside the two-byte length. */
void talk_tcp(struct timeline *timeline, struct prng *prng, const struct flow *flow,
              int64_t time_ns, const struct lookup *lookups, unsigned count);
