/* live.h - a source that captures what passes a network interface
 * SPDX-License-Identifier: Apache-2.0
 *
 * Frames are copied out of the kernel's ring (libpcap, TPACKET_V3) into memory of the source, in
 * nanoseconds where the kernel has them. A quiet interface makes read() return -EAGAIN every
 * second. After stop() what the kernel had caught is still given, then 0. Frames for which the ring
 * had no room are counted by losses(). An interface that is down is waited for; one that goes away
 * ends the source with -ENETDOWN.
 *
 * Opening needs CAP_NET_RAW, for a promiscuous interface CAP_NET_ADMIN, too; reading needs neither.
 */
#pragma once

#include "base/buf.h"
#include "config/config.h"

#include <dnsvigil/source.h>

struct live_config {
    const char *interface; /* or "any": all of them, not promiscuous */
    const char *filter;    /* an expression of pcap-filter(7); NULL or "": live_filter() */
    const struct config_ports *ports; /* on which DNS is spoken */
    bool promiscuous;
    uint32_t snaplen_bytes; /* 64 to LIVE_SNAPLEN_MAX */
    uint32_t buffer_bytes;  /* of the kernel's ring */
    uint16_t fanout_group;  /* 0: alone */
};

enum { LIVE_SNAPLEN_MAX = 262144 };

/* Members of a group, in one process or several, share the traffic of an interface: all that a
 * client asks and is answered comes to the same one. What has no client (it is no IPv4 or IPv6, or
 * has a second VLAN tag) comes to the first. Fragments and responses are known by their receiver.
 *
 * NULL with a message that says what to do next. The caller closes the source through its ops. */
struct source *live_open(const struct live_config *config, struct error *error);

/* Appends the filter that lets DNS on these ports pass, fragments, which have none, and what ICMP
 * sends back to them; where the interface has `vlans`, also within one or two tags. */
void live_filter(const struct config_ports *ports, bool vlans, struct buf *buf);
