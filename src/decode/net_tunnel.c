/* net_tunnel.c - frames inside packets: GRE, ERSPAN, VXLAN and Geneve
 * SPDX-License-Identifier: Apache-2.0 */
#include "decode/link.h"
#include "decode/net_walk.h"

enum {
    GRE_CHECKSUM = 0x8000,
    GRE_KEY = 0x2000,
    GRE_SEQUENCE = 0x1000,
    GRE_UNREADABLE = 0x4f07, /* source routing (RFC 1701), recursion, other versions */
    TYPE_ETHERNET = 0x6558,  /* transparent bridging */
    GRE_ERSPAN_1_2 = 0x88be,
    GRE_ERSPAN_3 = 0x22eb,
    ERSPAN_2_BYTES = 8,
    ERSPAN_3_BYTES = 12,
    ERSPAN_3_SUBHEADER_BYTES = 8,
    VXLAN_VNI_VALID = 0x08,
};

/* Goes on with what a link function uncovered. */
static int net_inner(struct walk *walk, int verdict, struct view *view)
{
    return verdict == VERDICT_NEXT ? net_ip(walk, view) : verdict;
}

/* GRE and Geneve say what they carry by EtherType. */
static int net_typed(struct walk *walk, uint16_t type, struct view *view)
{
    int verdict = type == TYPE_ETHERNET ? link_ethernet(view) : link_ethertype(type, view);
    return net_inner(walk, verdict, view);
}

/* draft-foschiano-erspan: type I is a bare frame without GRE sequence number, type II has a header
 * of its own. */
static int net_erspan_1_2(struct walk *walk, bool sequence, struct view *view)
{
    if (sequence && !view_take(view, ERSPAN_2_BYTES))
        return REJECT_LINK_CUT;
    return net_inner(walk, link_ethernet(view), view);
}

/* The lowest bit of its header tells whether a platform subheader follows. */
static int net_erspan_3(struct walk *walk, struct view *view)
{
    const uint8_t *header = view_take(view, ERSPAN_3_BYTES);
    if (!header || (header[11] & 1 && !view_take(view, ERSPAN_3_SUBHEADER_BYTES)))
        return REJECT_LINK_CUT;
    return net_inner(walk, link_ethernet(view), view);
}

int net_gre(struct walk *walk, struct view *view)
{
    const uint8_t *header = view_take(view, 4);
    if (!header)
        return REJECT_TRANSPORT_CUT;
    uint16_t flags = load_be16(header);
    uint16_t type = load_be16(header + 2);
    if (flags & GRE_UNREADABLE)
        return REJECT_OTHER_PROTOCOL;
    uint32_t options =
        4u * (!!(flags & GRE_CHECKSUM) + !!(flags & GRE_KEY) + !!(flags & GRE_SEQUENCE));
    if (!view_take(view, options))
        return REJECT_TRANSPORT_CUT;
    switch (type) {
    case GRE_ERSPAN_1_2: return net_erspan_1_2(walk, flags & GRE_SEQUENCE, view);
    case GRE_ERSPAN_3: return net_erspan_3(walk, view);
    default: return net_typed(walk, type, view);
    }
}

int net_vxlan(struct walk *walk, struct view *view)
{
    const uint8_t *header = view_take(view, 8);
    if (!header)
        return REJECT_TRANSPORT_CUT;
    if (!(header[0] & VXLAN_VNI_VALID))
        return REJECT_OTHER_PORT;
    return net_inner(walk, link_ethernet(view), view);
}

int net_geneve(struct walk *walk, struct view *view)
{
    const uint8_t *header = view_take(view, 8);
    if (!header)
        return REJECT_TRANSPORT_CUT;
    if (header[0] >> 6 != 0)
        return REJECT_OTHER_PORT;
    uint16_t type = load_be16(header + 2);
    if (!view_take(view, 4u * (header[0] & 0x3f)))
        return REJECT_TRANSPORT_CUT;
    return net_typed(walk, type, view);
}
