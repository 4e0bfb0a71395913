/* wire.c - puts DNS payload into Ethernet frames
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire.h"

#include <assert.h>

enum {
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_IPV6 = 0x86dd,
    ETHERTYPE_VLAN = 0x8100,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
    HOP_LIMIT = 64,
    TCP_WINDOW = 64240,
};

static uint8_t *put8(uint8_t *at, unsigned value)
{
    *at = (uint8_t)value;
    return at + 1;
}

static uint8_t *put16(uint8_t *at, unsigned value)
{
    return put8(put8(at, value >> 8), value);
}

static uint8_t *put32(uint8_t *at, uint32_t value)
{
    return put16(put16(at, value >> 16), value);
}

static uint8_t *put_bytes(uint8_t *at, const void *data, size_t len)
{
    if (len)
        memcpy(at, data, len);
    return at + len;
}

/* Sum of 16-bit words, not yet folded (RFC 1071). */
static uint64_t sum16(uint64_t sum, const uint8_t *at, size_t len)
{
    for (; len >= 2; at += 2, len -= 2)
        sum += (unsigned)(at[0] << 8 | at[1]);
    return len ? sum + (unsigned)(at[0] << 8) : sum;
}

static unsigned fold(uint64_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return ~(unsigned)sum & 0xffff;
}

/* A locally administered address that tells the host's last four bytes. */
static uint8_t *put_mac(uint8_t *at, const struct addr *addr)
{
    return put_bytes(put16(at, 0x0200), addr->bytes + 12, 4);
}

static uint8_t *put_ipv4(uint8_t *at, const struct addr *src, const struct addr *dst,
                         unsigned protocol, size_t len)
{
    uint8_t *start = at;
    at = put16(at, 0x4500);
    at = put16(at, (unsigned)len + 20);
    at = put32(at, 0x00004000); /* do not fragment */
    at = put16(at, HOP_LIMIT << 8 | protocol);
    at = put16(at, 0);
    at = put_bytes(at, src->bytes + 12, 4);
    at = put_bytes(at, dst->bytes + 12, 4);
    put16(start + 10, fold(sum16(0, start, 20)));
    return at;
}

static uint8_t *put_ipv6(uint8_t *at, const struct addr *src, const struct addr *dst,
                         unsigned protocol, size_t len)
{
    at = put32(at, 0x60000000);
    at = put16(at, (unsigned)len);
    at = put16(at, protocol << 8 | HOP_LIMIT);
    at = put_bytes(at, src->bytes, 16);
    return put_bytes(at, dst->bytes, 16);
}

/* Everything before the transport header, for `len` bytes of transport. */
static uint8_t *put_below(uint8_t *at, const struct flow *flow, bool from_client, unsigned protocol,
                          size_t len)
{
    const struct addr *src = from_client ? &flow->client : &flow->server;
    const struct addr *dst = from_client ? &flow->server : &flow->client;
    bool v4 = addr_is_v4(src);
    at = put_mac(put_mac(at, dst), src);
    if (flow->vlan)
        at = put16(put16(at, ETHERTYPE_VLAN), flow->vlan);
    at = put16(at, v4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6);
    return v4 ? put_ipv4(at, src, dst, protocol, len) : put_ipv6(at, src, dst, protocol, len);
}

/* The checksum of a transport header and payload, with the pseudo-header before it. IPv4 addresses
 * are summed as they are: the 0xffff of their mapped form is zero in ones' complement. */
static unsigned transport_checksum(const struct flow *flow, unsigned protocol, const uint8_t *start,
                                   size_t len)
{
    uint64_t sum = protocol + len;
    sum = sum16(sum, flow->client.bytes, 16);
    sum = sum16(sum, flow->server.bytes, 16);
    unsigned checksum = fold(sum16(sum, start, len));
    return checksum || protocol == PROTOCOL_TCP ? checksum : 0xffff;
}

static uint8_t *put_ports(uint8_t *at, const struct flow *flow, bool from_client)
{
    at = put16(at, from_client ? flow->client_port : flow->server_port);
    return put16(at, from_client ? flow->server_port : flow->client_port);
}

size_t wire_udp(const struct flow *flow, bool from_client, const void *payload, size_t len,
                uint8_t frame[static WIRE_FRAME_MAX])
{
    assert(len <= WIRE_PAYLOAD_MAX);
    uint8_t *start = put_below(frame, flow, from_client, PROTOCOL_UDP, 8 + len);
    uint8_t *at = put_ports(start, flow, from_client);
    at = put16(at, 8 + (unsigned)len);
    at = put16(at, 0);
    at = put_bytes(at, payload, len);
    put16(start + 6, transport_checksum(flow, PROTOCOL_UDP, start, 8 + len));
    return (size_t)(at - frame);
}

size_t wire_tcp(const struct flow *flow, bool from_client, const struct tcp_header *tcp,
                const void *payload, size_t len, uint8_t frame[static WIRE_FRAME_MAX])
{
    assert(len <= WIRE_PAYLOAD_MAX);
    uint8_t *start = put_below(frame, flow, from_client, PROTOCOL_TCP, 20 + len);
    uint8_t *at = put_ports(start, flow, from_client);
    at = put32(at, tcp->seq);
    at = put32(at, tcp->ack);
    at = put16(at, 0x5000 | tcp->flags);
    at = put16(at, TCP_WINDOW);
    at = put32(at, 0);
    at = put_bytes(at, payload, len);
    put16(start + 16, transport_checksum(flow, PROTOCOL_TCP, start, 20 + len));
    return (size_t)(at - frame);
}
