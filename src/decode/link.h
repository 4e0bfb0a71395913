/* link.h - strips the link layer: from the first byte of a frame to its IP header
 * SPDX-License-Identifier: Apache-2.0
 *
 * Link types (LINKTYPE_ values of the capture formats): Ethernet 1, raw IP 12, 14, 101, 228, 229,
 * BSD loopback 0 and 108, PPP 9 and 50, PPPoE 51, Linux cooked 113 and 276. On the way: 802.3 with
 * SNAP, stacked VLAN tags (0x8100, 0x88a8, 0x9100), PPPoE sessions, MPLS label stacks.
 *
 * All functions advance `view` and return VERDICT_NEXT when it stands at an IP header (whose first
 * four bits tell the version), else the enum reject why there is none. */
#pragma once

#include "decode/layer.h"

/* What `linktype` frames carry. */
int link_strip(uint16_t linktype, struct view *view);

/* An Ethernet header, as inside a tunnel. */
int link_ethernet(struct view *view);

/* What an EtherType (IEEE 802 numbers) announces, as after a GRE header. */
int link_ethertype(uint16_t type, struct view *view);
