/* frame_build.c - builds captured frames for tests, from the innermost layer outwards
 * SPDX-License-Identifier: Apache-2.0 */
#include "frame_build.h"

#include <assert.h>
#include <string.h>

void frame_put_payload(struct frame_build *build, const void *data, uint32_t len)
{
    build->start = FRAME_BUILD_MAX;
    frame_put_bytes(build, data, len);
}

void frame_put_bytes(struct frame_build *build, const void *data, uint32_t len)
{
    assert(len <= build->start);
    build->start -= len;
    if (len > 0)
        memcpy(build->bytes + build->start, data, len);
}

void frame_put_be16(struct frame_build *build, uint16_t value)
{
    frame_put_bytes(build, (uint8_t[]){(uint8_t)(value >> 8), (uint8_t)value}, 2);
}

static void frame_put_be32(struct frame_build *build, uint32_t value)
{
    frame_put_be16(build, (uint16_t)value);
    frame_put_be16(build, (uint16_t)(value >> 16));
}

static uint32_t frame_len(const struct frame_build *build)
{
    return FRAME_BUILD_MAX - build->start;
}

void frame_put_udp(struct frame_build *build, uint16_t src_port, uint16_t dst_port)
{
    uint32_t len = frame_len(build) + 8;
    frame_put_be16(build, 0);
    frame_put_be16(build, (uint16_t)len);
    frame_put_be16(build, dst_port);
    frame_put_be16(build, src_port);
}

void frame_put_tcp(struct frame_build *build, uint16_t src_port, uint16_t dst_port, uint32_t seq,
                   uint8_t flags)
{
    frame_put_be32(build, 0); /* checksum, urgent pointer */
    frame_put_be16(build, 4096);
    frame_put_be16(build, (uint16_t)(5 << 12 | flags));
    frame_put_be32(build, 0);
    frame_put_be32(build, seq);
    frame_put_be16(build, dst_port);
    frame_put_be16(build, src_port);
}

void frame_put_icmp(struct frame_build *build, uint8_t type, uint8_t code)
{
    frame_put_bytes(build, (uint8_t[8]){type, code}, 8);
}

void frame_put_ip4_fragment(struct frame_build *build, uint8_t src, uint8_t dst, uint8_t protocol,
                            uint16_t id, uint32_t offset, bool more)
{
    uint32_t total = frame_len(build) + 20;
    frame_put_bytes(build, (uint8_t[]){192, 0, 2, dst}, 4);
    frame_put_bytes(build, (uint8_t[]){192, 0, 2, src}, 4);
    frame_put_be16(build, 0);
    frame_put_bytes(build, (uint8_t[]){64, protocol}, 2);
    frame_put_be16(build, (uint16_t)(more << 13 | offset / 8));
    frame_put_be16(build, id);
    frame_put_be16(build, (uint16_t)total);
    frame_put_bytes(build, (uint8_t[]){0x45, 0}, 2);
}

void frame_put_ip4(struct frame_build *build, uint8_t src, uint8_t dst, uint8_t protocol)
{
    frame_put_ip4_fragment(build, src, dst, protocol, 0, 0, false);
}

void frame_put_ip6(struct frame_build *build, uint8_t src, uint8_t dst, uint8_t next)
{
    uint32_t payload = frame_len(build);
    frame_put_bytes(build, (uint8_t[16]){0x20, 0x01, 0x0d, 0xb8, [15] = dst}, 16);
    frame_put_bytes(build, (uint8_t[16]){0x20, 0x01, 0x0d, 0xb8, [15] = src}, 16);
    frame_put_bytes(build, (uint8_t[]){next, 64}, 2);
    frame_put_be16(build, (uint16_t)payload);
    frame_put_be32(build, 0x60000000);
}

void frame_put_ip6_fragment(struct frame_build *build, uint8_t src, uint8_t dst, uint8_t next,
                            uint32_t id, uint32_t offset, bool more)
{
    frame_put_be32(build, id);
    frame_put_be16(build, (uint16_t)(offset | more));
    frame_put_bytes(build, (uint8_t[]){next, 0}, 2);
    frame_put_ip6(build, src, dst, 44);
}

void frame_put_extension(struct frame_build *build, uint8_t next)
{
    frame_put_bytes(build, (uint8_t[8]){next, 0, 1, 4}, 8); /* PadN fills it */
}

void frame_put_ethernet(struct frame_build *build, uint16_t type)
{
    frame_put_be16(build, type);
    frame_put_bytes(build, (uint8_t[12]){2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2}, 12);
}

void frame_put_vlan(struct frame_build *build, uint16_t type)
{
    frame_put_be16(build, type);
    frame_put_be16(build, 42);
}

struct frame frame_built(const struct frame_build *build, uint16_t linktype)
{
    return (struct frame){
        .time_ns = build->time_ns,
        .data = build->bytes + build->start,
        .caplen = frame_len(build),
        .wirelen = frame_len(build),
        .linktype = linktype,
    };
}

bool frames_add_up(const struct metrics *metrics)
{
    uint64_t sum = metrics->value[METRIC_FRAMES_DNS] + metrics->value[METRIC_FRAMES_HELD];
    for (int i = 0; i < REJECT_COUNT; i++)
        sum += metrics->rejected[i];
    return sum == metrics->value[METRIC_FRAMES_IN];
}
