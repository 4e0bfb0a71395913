/* packet.h - one DNS message as it travelled: who sent it to whom, over what, when
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/addr.h"

#include <stdbool.h>
#include <stdint.h>

enum transport { TRANSPORT_UDP, TRANSPORT_TCP };

struct packet {
    int64_t time_ns;
    struct addr src;
    struct addr dst;
    uint16_t src_port;
    uint16_t dst_port;
    uint8_t transport; /* enum transport */
    bool cut;          /* the capture kept only the front of this message */
    bool unframed;     /* bytes of a TCP stream where no DNS message starts, shown as they are */
    bool reassembled;  /* came out of fragments or a TCP stream: `data` is in the decoder's memory
                          and valid only during the call that delivers it */
    uint32_t len;
    const uint8_t *data; /* the message, without the two-byte TCP length */
};
