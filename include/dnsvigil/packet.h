/* packet.h - one DNS message as it travelled: who sent it to whom, over what, when
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/addr.h"

#include <stdbool.h>
#include <stdint.h>

enum transport { TRANSPORT_UDP, TRANSPORT_TCP };

/* What the source of a message does not tell, or-ed. A message of a log is rebuilt from what the
 * log says, so that all that follows need not know the difference; but nothing may be concluded
 * from what was never seen. */
enum packet_lacks {
    LACKS_WIRE = 1 << 0, /* rebuilt: its size, flags and letter case are not those on the wire */
    LACKS_RESPONSE = 1 << 1, /* only queries are told */
    LACKS_RCODE = 1 << 2,
    LACKS_ANSWERS = 1 << 3, /* records were left out, or all of them */
    LACKS_CLIENT = 1 << 4,  /* the address is that of a forwarder, not of who asked */
};

struct packet {
    int64_t time_ns;
    struct addr src;
    struct addr dst;
    uint16_t src_port;
    uint16_t dst_port;
    uint8_t transport; /* enum transport */
    uint8_t lacks;     /* enum packet_lacks, 0 for what was seen on the wire */
    bool cut;          /* the capture kept only the front of this message */
    bool unframed;     /* bytes of a TCP stream where no DNS message starts, shown as they are */
    bool bounced; /* no message on its way: the front of one that ICMP sent back, because dst had
                     no port open for it */
    bool reassembled; /* came out of fragments or a TCP stream: `data` is in the decoder's memory
                         and valid only during the call that delivers it */
    uint32_t len;
    const uint8_t *data; /* the message, without the two-byte TCP length */
};
