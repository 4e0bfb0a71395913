/* mix.c - any amount of mixed traffic
 * SPDX-License-Identifier: Apache-2.0 */
#include "mix.h"

#include "base/clock.h"
#include "benign.h"
#include "names.h"
#include "talk.h"
#include "threats.h"
#include "zipf.h"

#include <stdlib.h>

enum {
    BURST_NAMES = 25,
    TUNNELS_MAX = 16,
    RESOLVERS = 3,
    FATE_PARTS = 1000,
};

struct mix {
    const struct mix_options *options;
    struct prng prng;
    struct timeline timeline;
    int64_t time_ns;
    struct lookup lookups[TALK_LOOKUPS_MAX];
};

const struct mix_row mix_rows[MIX_COUNT] = {
#define MIX(id, slug, parts, text) [MIX_##id] = {slug, parts, text},
#include "mix.def"
#undef MIX
};

/* Every eighth client is in 2001:db8:c::/48, the others in 10.0.0.0/8; every sixteenth sits behind
 * a VLAN tag. */
static struct flow client_flow(struct mix *mix, uint32_t client)
{
    uint8_t v4[4] = {10, (uint8_t)(client >> 16), (uint8_t)(client >> 8), (uint8_t)client};
    uint8_t v6[16] = {0x20, 1, 0x0d, 0xb8, 0, 0x0c};
    memcpy(v6 + 12, v4, 4);
    bool is_v6 = client % 8 == 5;
    uint8_t resolver = (uint8_t)(53 + client % RESOLVERS);
    struct flow flow = {
        .client = is_v6 ? addr_from_v6(v6) : addr_from_v4(v4),
        .server = addr_from_v4((uint8_t[4]){192, 0, 2, resolver}),
        .client_port = (uint16_t)(1024 + prng_below(&mix->prng, 64512)),
        .server_port = WIRE_DNS_PORT,
        .vlan = client % 16 == 3 ? 100 : 0,
    };
    if (is_v6)
        flow.server = addr_from_v6((uint8_t[16]){0x20, 1, 0x0d, 0xb8, [15] = resolver});
    return flow;
}

static uint32_t any_client(struct mix *mix)
{
    return prng_below(&mix->prng, mix->options->clients);
}

static uint32_t any_host(struct mix *mix)
{
    return zipf_draw(&mix->prng, mix->options->names);
}

/* Sends the first look-up over UDP, with what networks do to datagrams now and then. */
static void send_udp(struct mix *mix, uint32_t client, int64_t time_ns)
{
    struct flow flow = client_flow(mix, client);
    unsigned part = prng_below(&mix->prng, FATE_PARTS);
    enum fate fate = part < 4    ? FATE_LOST
                     : part < 6  ? FATE_LATE
                     : part < 16 ? FATE_REPEATED
                                 : FATE_ANSWERED;
    talk_udp(&mix->timeline, &mix->prng, &flow, time_ns, &mix->lookups[0], fate);
}

static void send_benign(struct mix *mix, uint32_t client)
{
    struct prng *prng = &mix->prng;
    unsigned part = prng_below(prng, FATE_PARTS);
    unsigned over_tcp = part < 2 ? TALK_LOOKUPS_MAX : part < 10 ? 1 : 0;
    benign_lookup(&mix->lookups[0], prng, any_host(mix));
    if (!over_tcp) {
        send_udp(mix, client, mix->time_ns);
        return;
    }
    for (unsigned i = 1; i < over_tcp; i++)
        benign_lookup(&mix->lookups[i], prng, any_host(mix));
    struct flow flow = client_flow(mix, client);
    talk_tcp(&mix->timeline, prng, &flow, mix->time_ns, mix->lookups, over_tcp);
}

/* Tunnels live long: few clients, each with its own zone. */
static uint32_t make_tunnel(struct mix *mix)
{
    uint32_t clients = mix->options->clients;
    uint32_t tunnel = prng_below(&mix->prng, clients < TUNNELS_MAX ? clients : TUNNELS_MAX);
    char zone[NAME_BYTES_MAX];
    name_indicator(NAMES_INDICATOR_MAX - 1 - tunnel, zone);
    threat_tunnel(&mix->lookups[0], &mix->prng, zone);
    return tunnel * (clients / TUNNELS_MAX);
}

static void send_burst(struct mix *mix, uint32_t client)
{
    int64_t time_ns = mix->time_ns;
    for (int i = 0; i < BURST_NAMES; i++) {
        threat_dga(&mix->lookups[0], &mix->prng);
        send_udp(mix, client, time_ns);
        time_ns += (50 + prng_below(&mix->prng, 200)) * NS_PER_MS;
    }
}

static void send_malformed(struct mix *mix, uint32_t client)
{
    struct flow flow = client_flow(mix, client);
    threat_malformed(&mix->lookups[0], &mix->prng, prng_below(&mix->prng, THREAT_MALFORMED_COUNT));
    talk_udp(&mix->timeline, &mix->prng, &flow, mix->time_ns, &mix->lookups[0], FATE_LOST);
}

static void make_listed(struct mix *mix)
{
    char name[NAME_BYTES_MAX];
    struct lookup *lookup = &mix->lookups[0];
    name_indicator(prng_below(&mix->prng, mix->options->indicators), name);
    lookup_begin(lookup, &mix->prng, name, DNS_TYPE_A, DNS_RCODE_NOERROR);
    lookup_addresses(lookup, name, DNS_TYPE_A, 1);
    lookup_end(lookup);
}

static void make_sinkholed(struct mix *mix)
{
    char name[NAME_BYTES_MAX];
    name_site(any_host(mix), name);
    threat_sinkhole(&mix->lookups[0], &mix->prng, name);
}

/* MIX_COUNT stands for benign. */
static enum mix_kind any_kind(struct mix *mix)
{
    uint32_t part = prng_below(&mix->prng, MIX_PARTS);
    unsigned kind = 0;
    while (kind < MIX_COUNT && part >= mix->options->parts[kind])
        part -= mix->options->parts[kind++];
    return kind;
}

static void send_event(struct mix *mix)
{
    struct lookup *lookup = &mix->lookups[0];
    uint32_t client = any_client(mix);
    switch (any_kind(mix)) {
    case MIX_LISTED: make_listed(mix); break;
    case MIX_ONION: threat_onion(lookup, &mix->prng); break;
    case MIX_GATEWAY: threat_gateway(lookup, &mix->prng); break;
    case MIX_MINING: threat_mining(lookup, &mix->prng); break;
    case MIX_SINKHOLE: make_sinkholed(mix); break;
    case MIX_TUNNEL: client = make_tunnel(mix); break;
    case MIX_DGA: send_burst(mix, client); return;
    case MIX_MALFORMED: send_malformed(mix, client); return;
    case MIX_COUNT: send_benign(mix, client); return;
    }
    send_udp(mix, client, mix->time_ns);
}

void mix_write(const struct mix_options *options, struct capture_writer *writer)
{
    enum { PACKETS_PER_EVENT = 2 };
    uint32_t step_max_ns = (uint32_t)(2 * PACKETS_PER_EVENT * NS_PER_S / options->rate);
    struct mix *mix = calloc(1, sizeof(*mix));
    mix->options = options;
    mix->prng.state = options->seed;
    mix->time_ns = options->start_ns;
    timeline_init(&mix->timeline);
    while (writer->frames < options->packets) {
        send_event(mix);
        mix->time_ns += prng_below(&mix->prng, step_max_ns + 1);
        timeline_write(&mix->timeline, mix->time_ns, options->packets, writer);
    }
    timeline_done(&mix->timeline);
    free(mix);
}
