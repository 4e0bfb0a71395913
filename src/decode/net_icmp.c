/* net_icmp.c - DNS responses that come back in ICMP, because their receiver had no port open
 * SPDX-License-Identifier: Apache-2.0
 *
 * A "port unreachable" quotes the packet it is about: its IP header and 8 bytes or more (RFC 792,
 * RFC 1812 4.3.2.3, RFC 4443 3.1). Its sender is who the quoted packet was for. A firewall may send
 * one in its place, and anybody may invent one; but then it is not the client who says so, and
 * nothing is concluded. */
#include "decode/net_walk.h"

enum {
    ICMP4_PORT_UNREACHABLE = 3 << 8 | 3, /* type and code */
    ICMP6_PORT_UNREACHABLE = 1 << 8 | 4,
    ICMP_HEADER_BYTES = 8,
    IP4_HEADER_BYTES = 20,
    IP4_OFFSET = 0x1fff,
    IP6_HEADER_BYTES = 40,
    PROTOCOL_UDP = 17,
    UDP_HEADER_BYTES = 8,
};

/* The quoted IP header of a UDP packet is taken off. Its total length says nothing that the length
 * of UDP does not. */
static bool quoted_ip4(struct view *view, struct packet *quoted)
{
    const uint8_t *header = view->data;
    if (view->len < IP4_HEADER_BYTES || header[0] >> 4 != 4 || header[9] != PROTOCOL_UDP ||
        load_be16(header + 6) & IP4_OFFSET)
        return false;
    quoted->src = addr_from_v4(header + 12);
    quoted->dst = addr_from_v4(header + 16);
    uint32_t header_bytes = 4u * (header[0] & 0xf);
    return header_bytes >= IP4_HEADER_BYTES && view_take(view, header_bytes);
}

static bool quoted_ip6(struct view *view, struct packet *quoted)
{
    const uint8_t *header = view_take(view, IP6_HEADER_BYTES);
    if (!header || header[0] >> 4 != 6 || header[6] != PROTOCOL_UDP)
        return false;
    quoted->src = addr_from_v6(header + 8);
    quoted->dst = addr_from_v6(header + 24);
    return true;
}

static bool quoted_udp(struct view *view, struct packet *quoted)
{
    const uint8_t *header = view_take(view, UDP_HEADER_BYTES);
    uint32_t len = header ? load_be16(header + 4) : 0;
    if (len < UDP_HEADER_BYTES)
        return false;
    len -= UDP_HEADER_BYTES;
    quoted->src_port = load_be16(header);
    quoted->dst_port = load_be16(header + 2);
    quoted->transport = TRANSPORT_UDP;
    quoted->data = view->data;
    quoted->len = len < view->len ? len : view->len;
    quoted->cut = quoted->len < len;
    return true;
}

/* Whether a server sent it to a client, which is who sends it back. */
static bool is_clients_own(const struct walk *walk, const struct packet *quoted)
{
    return dns_ports_have(&walk->net->ports, quoted->src_port) &&
           !dns_ports_have(&walk->net->ports, quoted->dst_port) &&
           addr_equal(&quoted->dst, &walk->packet.src) &&
           addr_equal(&quoted->src, &walk->packet.dst);
}

static int net_icmp(struct walk *walk, struct view *view, unsigned wanted,
                    bool (*quoted_ip)(struct view *view, struct packet *quoted))
{
    struct packet quoted = {
        .time_ns = walk->packet.time_ns,
        .bounced = true,
        .reassembled = walk->packet.reassembled,
    };
    const uint8_t *header = view_take(view, ICMP_HEADER_BYTES);
    if (!header || load_be16(header) != wanted || !quoted_ip(view, &quoted) ||
        !quoted_udp(view, &quoted) || !is_clients_own(walk, &quoted))
        return REJECT_OTHER_PROTOCOL;
    walk->deliver(walk->arg, &quoted);
    return REJECT_BOUNCED;
}

int net_icmp4(struct walk *walk, struct view *view)
{
    return net_icmp(walk, view, ICMP4_PORT_UNREACHABLE, quoted_ip4);
}

int net_icmp6(struct walk *walk, struct view *view)
{
    return net_icmp(walk, view, ICMP6_PORT_UNREACHABLE, quoted_ip6);
}
