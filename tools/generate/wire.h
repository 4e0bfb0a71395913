/* wire.h - puts DNS payload into Ethernet frames: VLAN, IPv4 or IPv6, UDP or TCP, checksums right
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/addr.h"

#include <stddef.h>

enum { WIRE_FRAME_MAX = 2048, WIRE_PAYLOAD_MAX = 1400, WIRE_DNS_PORT = 53 };

/* Who talks to whom. Both addresses are of one family. */
struct flow {
    struct addr client, server;
    uint16_t client_port, server_port;
    uint16_t vlan; /* 0: untagged */
};

enum tcp_flag { TCP_FIN = 1, TCP_SYN = 2, TCP_PSH = 8, TCP_ACK = 16 };

struct tcp_header {
    uint32_t seq, ack;
    uint8_t flags;
};

/* Both write a whole frame and return its length. `len` is at most WIRE_PAYLOAD_MAX. */
size_t wire_udp(const struct flow *flow, bool from_client, const void *payload, size_t len,
                uint8_t frame[static WIRE_FRAME_MAX]);
size_t wire_tcp(const struct flow *flow, bool from_client, const struct tcp_header *tcp,
                const void *payload, size_t len, uint8_t frame[static WIRE_FRAME_MAX]);
