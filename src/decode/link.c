/* link.c - strips the link layer: from the first byte of a frame to its IP header
 * SPDX-License-Identifier: Apache-2.0 */
#include "decode/link.h"

#include <string.h>

enum {
    LINKTYPE_NULL = 0,
    LINKTYPE_ETHERNET = 1,
    LINKTYPE_PPP = 9,
    LINKTYPE_FDDI = 10,
    LINKTYPE_RAW_BSD = 12,
    LINKTYPE_RAW_OPENBSD = 14,
    LINKTYPE_PPP_HDLC = 50,
    LINKTYPE_PPPOE = 51,
    LINKTYPE_RAW = 101,
    LINKTYPE_LOOP = 108,
    LINKTYPE_LINUX_SLL = 113,
    LINKTYPE_IPV4 = 228,
    LINKTYPE_IPV6 = 229,
    LINKTYPE_LINUX_SLL2 = 276,
};

enum {
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_VLAN = 0x8100,
    ETHERTYPE_IPV6 = 0x86dd,
    ETHERTYPE_MPLS = 0x8847,
    ETHERTYPE_MPLS_MULTICAST = 0x8848,
    ETHERTYPE_PPPOE_SESSION = 0x8864,
    ETHERTYPE_SERVICE_VLAN = 0x88a8,
    ETHERTYPE_OLD_QINQ = 0x9100,
    ETHERTYPE_MIN = 0x0600, /* below it the field is the length of an 802.3 frame */
};

enum { TAGS_MAX = 16 }; /* VLAN tags, and labels of an MPLS stack */

/* PPP protocol numbers; the address and control bytes (RFC 1662) may stand before them. */
static int link_ppp(struct view *view)
{
    if (view->len >= 2 && view->data[0] == 0xff && view->data[1] == 0x03)
        view_take(view, 2);
    const uint8_t *protocol = view_take(view, 2);
    if (!protocol)
        return REJECT_LINK_CUT;
    switch (load_be16(protocol)) {
    case 0x0021: return VERDICT_NEXT; /* IPv4 */
    case 0x0057: return VERDICT_NEXT; /* IPv6 */
    default: return REJECT_NOT_IP;
    }
}

/* RFC 2516: version and type 1, code 0 for session data. */
static int link_pppoe(struct view *view)
{
    const uint8_t *header = view_take(view, 6);
    if (!header)
        return REJECT_LINK_CUT;
    if (header[0] != 0x11 || header[1] != 0)
        return REJECT_NOT_IP;
    view_limit(view, load_be16(header + 4));
    return link_ppp(view);
}

/* Nothing says what is below the last label (RFC 3032): an IP version in its first four bits must
 * do. Pseudowires, which start with 0, are not followed. */
static int link_mpls(struct view *view)
{
    const uint8_t *label;
    int depth = 0;
    do {
        if (depth++ == TAGS_MAX)
            return REJECT_TOO_DEEP;
        label = view_take(view, 4);
        if (!label)
            return REJECT_LINK_CUT;
    } while (!(label[2] & 1));
    if (view->len == 0)
        return REJECT_LINK_CUT;
    unsigned version = view->data[0] >> 4;
    return version == 4 || version == 6 ? VERDICT_NEXT : REJECT_NOT_IP;
}

/* 802.3 with an LLC header: an EtherType only below SNAP (RFC 1042). */
static bool link_snap(struct view *view, uint16_t *ret_type)
{
    static const uint8_t snap[6] = {0xaa, 0xaa, 0x03};
    const uint8_t *header = view_take(view, 8);
    if (!header || memcmp(header, snap, sizeof(snap)) != 0)
        return false;
    *ret_type = load_be16(header + 6);
    return true;
}

int link_ethertype(uint16_t type, struct view *view)
{
    if (type == ETHERTYPE_IPV4) /* nearly always */
        return VERDICT_NEXT;
    for (int depth = 0; depth < TAGS_MAX; depth++) {
        const uint8_t *tag;
        switch (type) {
        case ETHERTYPE_IPV4:
        case ETHERTYPE_IPV6: return VERDICT_NEXT;
        case ETHERTYPE_VLAN:
        case ETHERTYPE_SERVICE_VLAN:
        case ETHERTYPE_OLD_QINQ:
            tag = view_take(view, 4);
            if (!tag)
                return REJECT_LINK_CUT;
            type = load_be16(tag + 2);
            break;
        case ETHERTYPE_PPPOE_SESSION: return link_pppoe(view);
        case ETHERTYPE_MPLS:
        case ETHERTYPE_MPLS_MULTICAST: return link_mpls(view);
        default:
            if (type >= ETHERTYPE_MIN || !link_snap(view, &type))
                return REJECT_NOT_IP;
            break;
        }
    }
    return REJECT_TOO_DEEP;
}

int link_ethernet(struct view *view)
{
    const uint8_t *header = view_take(view, 14);
    if (!header)
        return REJECT_LINK_CUT;
    return link_ethertype(load_be16(header + 12), view);
}

/* Frame control and addresses, then LLC as in 802.3 (RFC 1390). */
static int link_fddi(struct view *view)
{
    uint16_t type;
    if (!view_take(view, 13))
        return REJECT_LINK_CUT;
    return link_snap(view, &type) ? link_ethertype(type, view) : REJECT_NOT_IP;
}

/* An address family of the capturing host in that host's byte order: 2 is IPv4 everywhere, IPv6 is
 * 10, 24, 28 or 30 by system. */
static int link_loopback(struct view *view)
{
    const uint8_t *family = view_take(view, 4);
    if (!family)
        return REJECT_LINK_CUT;
    bool big_endian = family[0] == 0 && family[1] == 0 && family[2] == 0;
    bool little_endian = family[1] == 0 && family[2] == 0 && family[3] == 0;
    if (!big_endian && !little_endian)
        return REJECT_NOT_IP;
    switch (family[big_endian ? 3 : 0]) {
    case 2:
    case 10:
    case 24:
    case 28:
    case 30: return VERDICT_NEXT;
    default: return REJECT_NOT_IP;
    }
}

/* A header of `len` bytes with an EtherType at `type_at` and nothing else of interest. */
static int link_cooked(struct view *view, uint32_t len, uint32_t type_at)
{
    const uint8_t *header = view_take(view, len);
    if (!header)
        return REJECT_LINK_CUT;
    return link_ethertype(load_be16(header + type_at), view);
}

int link_strip(uint16_t linktype, struct view *view)
{
    switch (linktype) {
    case LINKTYPE_ETHERNET: return link_ethernet(view);
    case LINKTYPE_FDDI: return link_fddi(view);
    case LINKTYPE_RAW:
    case LINKTYPE_RAW_BSD:
    case LINKTYPE_RAW_OPENBSD:
    case LINKTYPE_IPV4:
    case LINKTYPE_IPV6: return VERDICT_NEXT;
    case LINKTYPE_NULL:
    case LINKTYPE_LOOP: return link_loopback(view);
    case LINKTYPE_PPP:
    case LINKTYPE_PPP_HDLC: return link_ppp(view);
    case LINKTYPE_PPPOE: return link_pppoe(view);
    case LINKTYPE_LINUX_SLL: return link_cooked(view, 16, 14);
    case LINKTYPE_LINUX_SLL2: return link_cooked(view, 20, 0);
    default: return REJECT_LINKTYPE;
    }
}
