/* net_ip.c - IPv4 and IPv6 headers, extension headers and fragments
 * SPDX-License-Identifier: Apache-2.0 */
#include "decode/fragment.h"
#include "decode/net_walk.h"

enum {
    PROTOCOL_HOP_BY_HOP = 0,
    PROTOCOL_ICMP = 1,
    PROTOCOL_IPV4 = 4,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
    PROTOCOL_IPV6 = 41,
    PROTOCOL_ROUTING = 43,
    PROTOCOL_FRAGMENT = 44,
    PROTOCOL_GRE = 47,
    PROTOCOL_AUTHENTICATION = 51,
    PROTOCOL_ICMPV6 = 58,
    PROTOCOL_DESTINATION = 60,
};

enum {
    IP4_HEADER_BYTES = 20,
    IP4_MORE = 0x2000,
    IP4_OFFSET = 0x1fff,
    IP6_HEADER_BYTES = 40,
    IP6_OFFSET = 0xfff8,
    IP6_MORE = 0x0001,
    EXTENSIONS_MAX = 8, /* extension headers after one IP header */
};

/* Whether what a protocol number announces can lead to DNS. */
static bool protocol_read(uint8_t protocol)
{
    switch (protocol) {
    case PROTOCOL_HOP_BY_HOP:
    case PROTOCOL_IPV4:
    case PROTOCOL_TCP:
    case PROTOCOL_UDP:
    case PROTOCOL_IPV6:
    case PROTOCOL_ROUTING:
    case PROTOCOL_FRAGMENT:
    case PROTOCOL_GRE:
    case PROTOCOL_AUTHENTICATION:
    case PROTOCOL_DESTINATION: return true;
    default: return false;
    }
}

/* Holds a fragment, or goes on with the datagram it completes. Only a first fragment of UDP that
 * the capture cut short is read by itself: it has the ports and the front of the message, and the
 * whole can never be had. */
static int net_fragment(struct walk *walk, struct fragment *fragment)
{
    struct packet *packet = &walk->packet;
    struct view *payload = &fragment->payload;
    if (!protocol_read(fragment->protocol))
        return REJECT_OTHER_PROTOCOL;
    bool first = fragment->offset == 0 && fragment->protocol == PROTOCOL_UDP;
    if (first && payload->len < payload->wire_len) {
        payload->wire_len = UINT16_MAX;
        return net_udp(walk, payload);
    }
    fragment->time_ns = packet->time_ns;
    fragment->src = &packet->src;
    fragment->dst = &packet->dst;
    struct view whole;
    uint8_t protocol;
    int verdict = fragments_add(walk->net->fragments, fragment, &whole, &protocol);
    if (verdict != VERDICT_NEXT)
        return verdict;
    packet->reassembled = true;
    return net_protocol(walk, protocol, &whole);
}

/* A total length of 0 is what a segment to be cut up by the network card looks like on the sending
 * host. */
static int net_ip4(struct walk *walk, struct view *view)
{
    if (view->len < IP4_HEADER_BYTES)
        return REJECT_IP_CUT;
    const uint8_t *header = view->data;
    uint32_t header_bytes = 4u * (header[0] & 0xf);
    uint32_t total = load_be16(header + 2);
    if (header_bytes < IP4_HEADER_BYTES || (total != 0 && total < header_bytes))
        return REJECT_IP_MALFORMED;
    if (total != 0)
        view_limit(view, total);
    if (!view_take(view, header_bytes))
        return REJECT_IP_CUT;
    walk->packet.src = addr_from_v4(header + 12);
    walk->packet.dst = addr_from_v4(header + 16);
    uint16_t place = load_be16(header + 6);
    if (!(place & (IP4_MORE | IP4_OFFSET)))
        return net_protocol(walk, header[9], view);
    struct fragment fragment = {
        .id = load_be16(header + 4),
        .protocol = header[9],
        .more = place & IP4_MORE,
        .offset = 8u * (place & IP4_OFFSET),
        .payload = *view,
    };
    return net_fragment(walk, &fragment);
}

/* A payload length of 0 belongs to a jumbogram (RFC 2675) or a segment as above: the rest. */
static int net_ip6(struct walk *walk, struct view *view)
{
    const uint8_t *header = view_take(view, IP6_HEADER_BYTES);
    if (!header)
        return REJECT_IP_CUT;
    uint32_t payload = load_be16(header + 4);
    if (payload != 0)
        view_limit(view, payload);
    walk->packet.src = addr_from_v6(header + 8);
    walk->packet.dst = addr_from_v6(header + 24);
    return net_protocol(walk, header[6], view);
}

int net_ip(struct walk *walk, struct view *view)
{
    if (view->len == 0)
        return REJECT_IP_CUT;
    if (walk->depth++ == NET_DEPTH_MAX)
        return REJECT_TOO_DEEP;
    walk->extensions = 0;
    switch (view->data[0] >> 4) {
    case 4: return net_ip4(walk, view);
    case 6: return net_ip6(walk, view);
    default: return REJECT_IP_MALFORMED;
    }
}

/* Steps over an extension header of which the first two bytes are the next protocol and a length,
 * in units of `unit` bytes beyond the first 8. */
static bool extension_skip(struct view *view, uint32_t unit, uint8_t *ret_protocol)
{
    if (view->len < 8)
        return false;
    const uint8_t *header = view->data;
    if (!view_take(view, 8 + unit * header[1]))
        return false;
    *ret_protocol = header[0];
    return true;
}

/* RFC 8200 4.5. A packet in one fragment (RFC 6946) needs no other. */
static int net_fragment6(struct walk *walk, struct view *view)
{
    const uint8_t *header = view_take(view, 8);
    if (!header)
        return REJECT_IP_CUT;
    uint16_t place = load_be16(header + 2);
    if (!(place & (IP6_OFFSET | IP6_MORE)))
        return net_protocol(walk, header[0], view);
    struct fragment fragment = {
        .id = load_be32(header + 4),
        .v6 = true,
        .protocol = header[0],
        .more = place & IP6_MORE,
        .offset = place & IP6_OFFSET,
        .payload = *view,
    };
    return net_fragment(walk, &fragment);
}

/* Any protocol, and extension headers before it. */
static int net_headers(struct walk *walk, uint8_t protocol, struct view *view)
{
    while (walk->extensions++ <= EXTENSIONS_MAX) {
        switch (protocol) {
        case PROTOCOL_UDP: return net_udp(walk, view);
        case PROTOCOL_TCP: return net_tcp(walk, view);
        case PROTOCOL_GRE: return net_gre(walk, view);
        case PROTOCOL_ICMP: return net_icmp4(walk, view);
        case PROTOCOL_ICMPV6: return net_icmp6(walk, view);
        case PROTOCOL_IPV4:
        case PROTOCOL_IPV6: return net_ip(walk, view);
        case PROTOCOL_FRAGMENT: return net_fragment6(walk, view);
        case PROTOCOL_HOP_BY_HOP:
        case PROTOCOL_ROUTING:
        case PROTOCOL_DESTINATION:
            if (!extension_skip(view, 8, &protocol))
                return REJECT_IP_CUT;
            break;
        case PROTOCOL_AUTHENTICATION:
            if (!extension_skip(view, 4, &protocol))
                return REJECT_IP_CUT;
            break;
        default: return REJECT_OTHER_PROTOCOL;
        }
    }
    return REJECT_TOO_DEEP;
}

/* Nearly everything is UDP right behind the IP header. */
int net_protocol(struct walk *walk, uint8_t protocol, struct view *view)
{
    bool plain = protocol == PROTOCOL_UDP && walk->extensions == 0;
    return plain ? net_udp(walk, view) : net_headers(walk, protocol, view);
}
