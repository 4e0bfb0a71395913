/* frame_build.h - builds captured frames for tests, from the innermost layer outwards
 * SPDX-License-Identifier: Apache-2.0
 *
 * Start with the payload and put header after header before it; each one's lengths come from what
 * is there already. Headers are valid but for checksums, which are 0. */
#pragma once

#include <dnsvigil/frame.h>
#include <dnsvigil/metrics.h>

#include <stdbool.h>
#include <stdint.h>

enum { FRAME_BUILD_MAX = 128 << 10 };

struct frame_build {
    uint8_t bytes[FRAME_BUILD_MAX]; /* the frame is [start, FRAME_BUILD_MAX) */
    uint32_t start;
    int64_t time_ns;
};

/* Empties the frame and puts in the innermost bytes. */
void frame_put_payload(struct frame_build *build, const void *data, uint32_t len);

/* Puts bytes in front. */
void frame_put_bytes(struct frame_build *build, const void *data, uint32_t len);
void frame_put_be16(struct frame_build *build, uint16_t value);

void frame_put_udp(struct frame_build *build, uint16_t src_port, uint16_t dst_port);
void frame_put_tcp(struct frame_build *build, uint16_t src_port, uint16_t dst_port, uint32_t seq,
                   uint8_t flags);

/* The 8 bytes before the packet that ICMP or ICMPv6 quotes. */
void frame_put_icmp(struct frame_build *build, uint8_t type, uint8_t code);

/* 192.0.2.`src` to 192.0.2.`dst`; 2001:db8::`src` to 2001:db8::`dst`. */
void frame_put_ip4(struct frame_build *build, uint8_t src, uint8_t dst, uint8_t protocol);
void frame_put_ip6(struct frame_build *build, uint8_t src, uint8_t dst, uint8_t next);

/* One fragment of a datagram, with the IP header. `offset` in bytes. */
void frame_put_ip4_fragment(struct frame_build *build, uint8_t src, uint8_t dst, uint8_t protocol,
                            uint16_t id, uint32_t offset, bool more);
void frame_put_ip6_fragment(struct frame_build *build, uint8_t src, uint8_t dst, uint8_t next,
                            uint32_t id, uint32_t offset, bool more);

/* An IPv6 extension header of 8 bytes that is followed by `next`. */
void frame_put_extension(struct frame_build *build, uint8_t next);

void frame_put_ethernet(struct frame_build *build, uint16_t type);
void frame_put_vlan(struct frame_build *build,
                    uint16_t type); /* the tag behind 0x8100 and the like */

/* The frame as a source would hand it on, whole; its bytes are the builder's. */
struct frame frame_built(const struct frame_build *build, uint16_t linktype);

/* Whether every frame that came in is accounted for once: as DNS, held, or rejected. */
bool frames_add_up(const struct metrics *metrics);
