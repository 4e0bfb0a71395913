/* net.c - from captured frames to DNS messages: the way in, UDP, TCP, and the accounts
 * SPDX-License-Identifier: Apache-2.0 */
#include "decode/net.h"

#include "decode/fragment.h"
#include "decode/link.h"
#include "decode/net_walk.h"
#include "decode/odd_port.h"
#include "decode/stream.h"

#include <assert.h>
#include <dnsvigil/dns.h>
#include <errno.h>
#include <stdlib.h>

enum {
    UDP_HEADER_BYTES = 8,
    TCP_HEADER_BYTES = 20,
    PORT_VXLAN = 4789,
    PORT_VXLAN_LINUX = 8472, /* before it was assigned one; still what flannel and Cilium use */
    PORT_GENEVE = 6081,
    MEMORY_BYTES_MIN = 256 << 10, /* the longest message in each way of holding it */
    STREAMS_MIN = 16,
};

static const size_t MEMORY_BYTES_MAX = (size_t)64 << 30;

const struct net_config net_config_default = {
    .ports = {53},
    .port_count = 1,
    .fragment_bytes_max = 4 << 20,
    .stream_bytes_max = 16 << 20,
    .streams_max = 16384,
};

static int config_check(const struct net_config *config, struct error *error)
{
    const unsigned ports_max = sizeof(config->ports) / sizeof(config->ports[0]);
    if (config->port_count < 1 || config->port_count > ports_max)
        return error_set(error, -EINVAL, "%u DNS ports are configured; give 1 to %u",
                         config->port_count, ports_max);
    if (config->fragment_bytes_max < MEMORY_BYTES_MIN ||
        config->fragment_bytes_max > MEMORY_BYTES_MAX)
        return error_set(error, -EINVAL,
                         "%zu bytes for fragments are out of bounds; give %d to %zu",
                         config->fragment_bytes_max, MEMORY_BYTES_MIN, MEMORY_BYTES_MAX);
    if (config->stream_bytes_max < MEMORY_BYTES_MIN || config->stream_bytes_max > MEMORY_BYTES_MAX)
        return error_set(error, -EINVAL,
                         "%zu bytes for TCP streams are out of bounds; give %d to %zu",
                         config->stream_bytes_max, MEMORY_BYTES_MIN, MEMORY_BYTES_MAX);
    if (config->streams_max < STREAMS_MIN || config->streams_max > 1u << 28)
        return error_set(error, -EINVAL, "%u TCP streams are out of bounds; give %d to %u",
                         config->streams_max, STREAMS_MIN, 1u << 28);
    return 0;
}

struct net *net_new(const struct net_config *config, struct metrics *metrics, struct error *error)
{
    if (config_check(config, error) != 0)
        return NULL;
    struct net *net = calloc(1, sizeof(*net));
    if (!net)
        goto fail;
    net->metrics = metrics;
    dns_ports_set(&net->ports, config->ports, config->port_count);
    net->fragments = fragments_new(config->fragment_bytes_max, metrics);
    net->streams = streams_new(config->streams_max, config->stream_bytes_max, metrics);
    if (net->fragments && net->streams)
        return net;
fail:
    net_free(net);
    error_set(error, -ENOMEM,
              "no memory for %zu bytes of fragments, %zu bytes of TCP and %u TCP streams; "
              "configure less",
              config->fragment_bytes_max, config->stream_bytes_max, config->streams_max);
    return NULL;
}

void net_free(struct net *net)
{
    if (!net)
        return;
    fragments_free(net->fragments);
    streams_free(net->streams);
    free(net);
}

void dns_ports_set(struct dns_ports *ports, const uint16_t *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ports->bits[items[i] / 64] |= 1ull << items[i] % 64;
}

bool packet_goes_to_server(const struct dns_ports *ports, const struct packet *packet)
{
    bool from = dns_ports_have(ports, packet->src_port);
    bool to = dns_ports_have(ports, packet->dst_port);
    bool response = packet->len >= MESSAGE_HEADER_BYTES && packet->data[2] & 0x80;
    return from != to ? to : !response;
}

/* Hands a message on; all ways end here. */
static void walk_deliver(void *arg, const struct packet *packet)
{
    struct walk *walk = arg;
    uint64_t *value = walk->net->metrics->value;
    value[METRIC_MESSAGES_IN]++;
    value[METRIC_MESSAGES_CUT] += packet->cut;
    walk->deliver(walk->arg, packet);
}

/* Reads the ports, which UDP and TCP have in common, without taking them off `view`. */
static int walk_ports(struct walk *walk, const struct view *view)
{
    struct packet *packet = &walk->packet;
    if (view->len < 4)
        return REJECT_TRANSPORT_CUT;
    packet->src_port = load_be16(view->data);
    packet->dst_port = load_be16(view->data + 2);
    /* Which of them it is cannot be foretold: no branch on that. */
    bool dns = dns_ports_have(&walk->net->ports, packet->dst_port) |
               dns_ports_have(&walk->net->ports, packet->src_port);
    return dns ? VERDICT_NEXT : REJECT_OTHER_PORT;
}

/* The header is taken off; its length field bounds what follows. */
static int udp_header(struct view *view)
{
    const uint8_t *header = view_take(view, UDP_HEADER_BYTES);
    if (!header)
        return view->wire_len < UDP_HEADER_BYTES ? REJECT_UDP_MALFORMED : REJECT_TRANSPORT_CUT;
    uint32_t len = load_be16(header + 4);
    if (len < UDP_HEADER_BYTES || len - UDP_HEADER_BYTES > view->wire_len)
        return REJECT_UDP_MALFORMED;
    view_limit(view, len - UDP_HEADER_BYTES);
    return VERDICT_NEXT;
}

static int udp_deliver(struct walk *walk, const struct view *view)
{
    struct packet *packet = &walk->packet;
    packet->transport = TRANSPORT_UDP;
    packet->cut = view->len < view->wire_len;
    packet->data = view->data;
    packet->len = view->len;
    walk_deliver(walk, packet);
    return VERDICT_DNS;
}

/* UDP on ports that are not DNS may be a tunnel, or DNS all the same. */
static int udp_other(struct walk *walk, struct view *view)
{
    uint16_t port = walk->packet.dst_port;
    bool vxlan = port == PORT_VXLAN || port == PORT_VXLAN_LINUX;
    bool tunnel = vxlan || port == PORT_GENEVE;
    int verdict = udp_header(view);
    if (verdict != VERDICT_NEXT)
        return tunnel ? verdict : REJECT_OTHER_PORT;
    if (tunnel)
        return vxlan ? net_vxlan(walk, view) : net_geneve(walk, view);
    bool whole = view->len == view->wire_len;
    if (!whole || !odd_port_is_dns(view->data, view->len, walk->packet.src_port, port))
        return REJECT_OTHER_PORT;
    return udp_deliver(walk, view);
}

int net_udp(struct walk *walk, struct view *view)
{
    int verdict = walk_ports(walk, view);
    if (verdict == REJECT_OTHER_PORT)
        return udp_other(walk, view);
    if (verdict == VERDICT_NEXT)
        verdict = udp_header(view);
    if (verdict != VERDICT_NEXT)
        return verdict;
    if (view->len == 0)
        return view->wire_len == 0 ? REJECT_EMPTY : REJECT_TRANSPORT_CUT;
    return udp_deliver(walk, view);
}

int net_tcp(struct walk *walk, struct view *view)
{
    int verdict = walk_ports(walk, view);
    if (verdict != VERDICT_NEXT)
        return verdict;
    if (view->len < TCP_HEADER_BYTES)
        return view->wire_len < TCP_HEADER_BYTES ? REJECT_TCP_MALFORMED : REJECT_TRANSPORT_CUT;
    const uint8_t *header = view->data;
    uint32_t header_bytes = 4u * (header[12] >> 4);
    if (header_bytes < TCP_HEADER_BYTES || header_bytes > view->wire_len)
        return REJECT_TCP_MALFORMED;
    if (!view_take(view, header_bytes))
        return REJECT_TRANSPORT_CUT;
    struct segment segment = {.seq = load_be32(header + 4), .flags = header[13], .payload = *view};
    walk->packet.transport = TRANSPORT_TCP;
    return streams_add(walk->net->streams, &segment, &walk->packet, walk_deliver, walk);
}

void net_frame(struct net *net, const struct frame *frame, net_packet_fn deliver, void *arg)
{
    struct metrics *metrics = net->metrics;
    struct walk walk = {
        .net = net, .deliver = deliver, .arg = arg, .packet.time_ns = frame->time_ns};
    struct view view = {
        .data = frame->data,
        .len = frame->caplen,
        .wire_len = frame->wirelen > frame->caplen ? frame->wirelen : frame->caplen,
    };
    int verdict = link_strip(frame->linktype, &view);
    if (verdict == VERDICT_NEXT)
        verdict = net_ip(&walk, &view);
    assert(verdict >= 0 && verdict < VERDICT_NEXT);
    metrics->value[METRIC_FRAMES_IN]++;
    if (verdict == VERDICT_DNS)
        metrics->value[METRIC_FRAMES_DNS]++;
    else if (verdict == VERDICT_HELD)
        metrics->value[METRIC_FRAMES_HELD]++;
    else
        metrics->rejected[verdict]++;
}

void net_finish(struct net *net)
{
    fragments_finish(net->fragments);
    streams_finish(net->streams);
}
