/* net_walk.h - the way of one frame through the network layers, for net.c and its parts only
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each function reads one layer off `view`, calls the function of what is inside, and returns the
 * verdict on the frame. Depth is bounded by NET_DEPTH_MAX. */
#pragma once

#include "decode/layer.h"
#include "decode/net.h"

enum { NET_DEPTH_MAX = 6 }; /* IP headers in one frame */

struct fragments;
struct streams;

struct net {
    struct dns_ports ports; /* that are DNS */
    struct fragments *fragments;
    struct streams *streams;
    struct metrics *metrics;
};

struct walk {
    struct net *net;
    net_packet_fn deliver;
    void *arg;
    unsigned depth;       /* IP headers read */
    unsigned extensions;  /* extension headers read after the last of them */
    struct packet packet; /* filled in on the way */
};

/* An IPv4 or IPv6 header and all inside (net_ip.c). */
int net_ip(struct walk *walk, struct view *view);

/* What `protocol` (an IANA number) announces (net_ip.c). */
int net_protocol(struct walk *walk, uint8_t protocol, struct view *view);

/* UDP and TCP (net.c). */
int net_udp(struct walk *walk, struct view *view);
int net_tcp(struct walk *walk, struct view *view);

/* ICMP and ICMPv6 (net_icmp.c). */
int net_icmp4(struct walk *walk, struct view *view);
int net_icmp6(struct walk *walk, struct view *view);

/* Tunnels: RFC 2784 and 2890 with ERSPAN in it, RFC 7348, RFC 8926 (net_tunnel.c). */
int net_gre(struct walk *walk, struct view *view);
int net_vxlan(struct walk *walk, struct view *view);
int net_geneve(struct walk *walk, struct view *view);
