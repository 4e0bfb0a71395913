/* net.h - from captured frames to DNS messages: link layer, IP, tunnels, fragments, UDP and TCP
 * SPDX-License-Identifier: Apache-2.0
 *
 *   frame -> link.c -> net_ip.c (<-> net_tunnel.c) -> UDP ----------------> packet
 *                        |  ^                      |-> TCP -> stream.c -> packets
 *                        |  |                      \-> net_icmp.c -------> packet that bounced
 *                        v  |
 *                      fragment.c
 *
 * Every frame given in is counted once: FRAMES_IN = FRAMES_DNS + FRAMES_HELD + sum of rejected[].
 * A struct net belongs to one thread. All its memory is allocated by net_new(). Time is the frames'
 * own; it may jump either way. */
#pragma once

#include "base/error.h"

#include <dnsvigil/frame.h>
#include <dnsvigil/metrics.h>
#include <dnsvigil/packet.h>

#include <stddef.h>

/* A set of ports. */
struct dns_ports {
    uint64_t bits[65536 / 64];
};

void dns_ports_set(struct dns_ports *ports, const uint16_t *items, size_t count);

static inline bool dns_ports_have(const struct dns_ports *ports, uint16_t port)
{
    return ports->bits[port / 64] >> port % 64 & 1;
}

/* Which way a message went. Ports say it where one side only is a DNS port: a lying QR bit must not
 * swap client and server. */
bool packet_goes_to_server(const struct dns_ports *ports, const struct packet *packet);

struct net_config {
    uint16_t ports[32]; /* of servers: UDP and TCP from or to one of these is read as DNS; so is
                           UDP between others that can be nothing else (odd_port.h) */
    unsigned port_count;
    size_t fragment_bytes_max; /* for fragments that wait for the rest, at least 256 KiB */
    size_t stream_bytes_max;   /* for TCP bytes that wait for the rest, at least 256 KiB */
    unsigned streams_max;      /* TCP directions followed at a time, at least 16 */
};

/* Port 53, 4 MiB, 16 MiB, 16,384. */
extern const struct net_config net_config_default;

struct net;

/* Called for each message, and for each that ICMP sends back (`bounced`), which is none of
 * MESSAGES_IN and whose frame is a REJECT_BOUNCED. `packet` is valid during the call. Its `data`
 * stays valid as long as the frame's bytes, or only during the call when it is `reassembled`. */
typedef void (*net_packet_fn)(void *arg, const struct packet *packet);

/* Counts in `metrics`, which must outlive it. NULL (and `error`) when the configuration is out of
 * bounds or there is no memory. */
struct net *net_new(const struct net_config *config, struct metrics *metrics, struct error *error);
void net_free(struct net *net);

/* Takes one frame and delivers the messages it completes: none, one, or with TCP several. */
void net_frame(struct net *net, const struct frame *frame, net_packet_fn deliver, void *arg);

/* At the end of input: gives up the fragments and TCP bytes that are held, and counts them. */
void net_finish(struct net *net);
