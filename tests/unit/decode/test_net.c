/* test_net.c - frames of every make give their DNS message, or one reason why not
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "cmocka_all.h"
#include "decode/layer.h"
#include "decode/net.h"
#include "frame_build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ETHERNET = 1, RAW = 101, UDP = 17, TCP = 6, GRE = 47 };

/* A query for example.com, A. */
static const uint8_t message[29] = "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07"
                                   "example\x03"
                                   "com\x00\x00\x01\x00\x01";

struct rig {
    struct net *net;
    struct metrics metrics;
    unsigned count;
    struct packet packet; /* the last one delivered */
    uint8_t data[65535];
    struct frame_build build;
};

static struct net *rig_net(struct rig *rig, const struct net_config *config)
{
    struct error error;
    struct net *net = net_new(config, &rig->metrics, &error);
    if (!net)
        fail_msg("%s", error.text);
    return net;
}

static int rig_open(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    rig->net = rig_net(rig, &net_config_default);
    *state = rig;
    return 0;
}

/* Whatever a test did: every frame is accounted for. */
static int rig_close(void **state)
{
    struct rig *rig = *state;
    net_finish(rig->net);
    bool add_up = frames_add_up(&rig->metrics);
    net_free(rig->net);
    free(rig);
    return add_up ? 0 : -1;
}

static void see(void *arg, const struct packet *packet)
{
    struct rig *rig = arg;
    rig->count++;
    rig->packet = *packet;
    memcpy(rig->data, packet->data, packet->len);
}

/* Passes `frame` in a block of exactly its size, and returns what became of it. */
static int pass(struct rig *rig, struct frame frame)
{
    struct metrics before = rig->metrics;
    uint8_t *data = malloc(frame.caplen ? frame.caplen : 1);
    memcpy(data, frame.data, frame.caplen);
    frame.data = data;
    net_frame(rig->net, &frame, see, rig);
    free(data);
    assert_true(frames_add_up(&rig->metrics));
    assert_int_equal(rig->metrics.value[METRIC_FRAMES_IN], before.value[METRIC_FRAMES_IN] + 1);
    assert_int_equal(rig->metrics.value[METRIC_MESSAGES_IN], rig->count);
    if (rig->metrics.value[METRIC_FRAMES_DNS] > before.value[METRIC_FRAMES_DNS])
        return VERDICT_DNS;
    if (rig->metrics.value[METRIC_FRAMES_HELD] > before.value[METRIC_FRAMES_HELD])
        return VERDICT_HELD;
    for (int i = 0; i < REJECT_COUNT; i++)
        if (rig->metrics.rejected[i] > before.rejected[i])
            return i;
    return -1;
}

static int pass_built(struct rig *rig, uint16_t linktype)
{
    return pass(rig, frame_built(&rig->build, linktype));
}

static void put_udp4(struct frame_build *build)
{
    frame_put_payload(build, message, sizeof(message));
    frame_put_udp(build, 40000, 53);
    frame_put_ip4(build, 1, 2, UDP);
}

static void put_udp6(struct frame_build *build)
{
    frame_put_payload(build, message, sizeof(message));
    frame_put_udp(build, 40000, 53);
    frame_put_ip6(build, 1, 2, UDP);
}

static void put_tcp4(struct frame_build *build)
{
    frame_put_payload(build, message, sizeof(message));
    frame_put_be16(build, sizeof(message));
    frame_put_tcp(build, 40000, 53, 1000, 0x18);
    frame_put_ip4(build, 1, 2, TCP);
}

static void put_ethernet_udp4(struct frame_build *build)
{
    put_udp4(build);
    frame_put_ethernet(build, 0x0800);
}

static void put_ethernet_udp6(struct frame_build *build)
{
    put_udp6(build);
    frame_put_ethernet(build, 0x86dd);
}

static void put_ethernet_tcp4(struct frame_build *build)
{
    put_tcp4(build);
    frame_put_ethernet(build, 0x0800);
}

static void put_qinq(struct frame_build *build)
{
    put_udp4(build);
    frame_put_vlan(build, 0x0800);
    frame_put_vlan(build, 0x8100);
    frame_put_ethernet(build, 0x88a8);
}

static void put_extensions(struct frame_build *build)
{
    frame_put_payload(build, message, sizeof(message));
    frame_put_udp(build, 40000, 53);
    frame_put_extension(build, UDP);
    frame_put_bytes(build, "\x3c\x04\0\0\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0", 24); /* AH */
    frame_put_extension(build, 51);
    frame_put_extension(build, 43);
    frame_put_ip6(build, 1, 2, 0);
}

static void put_atomic_fragment(struct frame_build *build)
{
    frame_put_payload(build, message, sizeof(message));
    frame_put_udp(build, 40000, 53);
    frame_put_ip6_fragment(build, 1, 2, UDP, 77, 0, false);
}

static void put_ip_in_ip(struct frame_build *build)
{
    put_udp4(build);
    frame_put_ip4(build, 8, 9, 4);
}

static void put_6in4(struct frame_build *build)
{
    put_udp6(build);
    frame_put_ip4(build, 8, 9, 41);
}

static void put_4in6(struct frame_build *build)
{
    put_udp4(build);
    frame_put_ip6(build, 8, 9, 4);
}

static void put_gre(struct frame_build *build)
{
    put_udp4(build);
    frame_put_bytes(build, "\x00\x00\x08\x00", 4);
    frame_put_ip4(build, 8, 9, GRE);
}

static void put_gre_options(struct frame_build *build)
{
    put_udp6(build);
    frame_put_bytes(build, "\xb0\x00\x86\xdd\0\0\0\0\0\0\0\1\0\0\0\2", 16);
    frame_put_ip4(build, 8, 9, GRE);
}

static void put_gre_ethernet(struct frame_build *build)
{
    put_qinq(build);
    frame_put_bytes(build, "\x20\x00\x65\x58\0\0\0\1", 8);
    frame_put_ip4(build, 8, 9, GRE);
}

static void put_erspan_1(struct frame_build *build)
{
    put_ethernet_udp4(build);
    frame_put_bytes(build, "\x00\x00\x88\xbe", 4);
    frame_put_ip4(build, 8, 9, GRE);
}

static void put_erspan_2(struct frame_build *build)
{
    put_ethernet_udp4(build);
    frame_put_bytes(build, "\x10\x00\x88\xbe\0\0\0\1\x10\0\0\0\0\0\0\0", 16);
    frame_put_ip4(build, 8, 9, GRE);
}

static void put_erspan_3(struct frame_build *build)
{
    put_ethernet_udp4(build);
    frame_put_bytes(build, "\x10\x00\x22\xeb\0\0\0\1\x20\0\0\0\0\0\0\0\0\0\0\0", 20);
    frame_put_ip4(build, 8, 9, GRE);
}

static void put_erspan_3_subheader(struct frame_build *build)
{
    put_ethernet_udp4(build);
    frame_put_bytes(build, "\x10\x00\x22\xeb\0\0\0\1\x20\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0",
                    28);
    frame_put_ip4(build, 8, 9, GRE);
}

static void put_vxlan_to(struct frame_build *build, uint16_t port)
{
    put_ethernet_udp4(build);
    frame_put_bytes(build, "\x08\0\0\0\0\0\x2a\0", 8);
    frame_put_udp(build, 55555, port);
    frame_put_ip4(build, 8, 9, UDP);
}

static void put_vxlan(struct frame_build *build)
{
    put_vxlan_to(build, 4789);
}

static void put_vxlan_linux(struct frame_build *build)
{
    put_vxlan_to(build, 8472);
}

static void put_geneve(struct frame_build *build)
{
    put_ethernet_udp4(build);
    frame_put_bytes(build, "\x01\0\x65\x58\0\0\x2a\0\1\2\3\0", 12);
    frame_put_udp(build, 55555, 6081);
    frame_put_ip4(build, 8, 9, UDP);
}

static void put_mpls(struct frame_build *build)
{
    put_udp6(build);
    frame_put_bytes(build, "\x00\x01\x00\x40\x00\x01\x01\x40", 8);
    frame_put_ethernet(build, 0x8847);
}

static const struct layers_case {
    const char *name;
    void (*put)(struct frame_build *build);
    uint16_t linktype;
    bool v6, tcp;
} layers[] = {
    {"Ethernet IPv4 UDP", put_ethernet_udp4, ETHERNET, false, false},
    {"Ethernet IPv6 UDP", put_ethernet_udp6, ETHERNET, true, false},
    {"Ethernet IPv4 TCP", put_ethernet_tcp4, ETHERNET, false, true},
    {"two VLAN tags", put_qinq, ETHERNET, false, false},
    {"MPLS", put_mpls, ETHERNET, true, false},
    {"raw IPv4", put_udp4, RAW, false, false},
    {"raw IPv6", put_udp6, RAW, true, false},
    {"IPv6 extension headers", put_extensions, RAW, true, false},
    {"IPv6 atomic fragment", put_atomic_fragment, RAW, true, false},
    {"IP in IP", put_ip_in_ip, RAW, false, false},
    {"6in4", put_6in4, RAW, true, false},
    {"4in6", put_4in6, RAW, false, false},
    {"GRE", put_gre, RAW, false, false},
    {"GRE with all options", put_gre_options, RAW, true, false},
    {"GRE with Ethernet and VLAN tags", put_gre_ethernet, RAW, false, false},
    {"ERSPAN I", put_erspan_1, RAW, false, false},
    {"ERSPAN II", put_erspan_2, RAW, false, false},
    {"ERSPAN III", put_erspan_3, RAW, false, false},
    {"ERSPAN III with subheader", put_erspan_3_subheader, RAW, false, false},
    {"VXLAN", put_vxlan, RAW, false, false},
    {"VXLAN on Linux's old port", put_vxlan_linux, RAW, false, false},
    {"Geneve", put_geneve, RAW, false, false},
};

enum { LAYERS = sizeof(layers) / sizeof(layers[0]) };

static void assert_message(const struct rig *rig, bool v6, bool tcp)
{
    static const uint8_t src4[] = {192, 0, 2, 1}, dst4[] = {192, 0, 2, 2};
    static const uint8_t src6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
    static const uint8_t dst6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 2};
    struct addr src = v6 ? addr_from_v6(src6) : addr_from_v4(src4);
    struct addr dst = v6 ? addr_from_v6(dst6) : addr_from_v4(dst4);
    assert_true(addr_equal(&rig->packet.src, &src));
    assert_true(addr_equal(&rig->packet.dst, &dst));
    assert_int_equal(rig->packet.src_port, 40000);
    assert_int_equal(rig->packet.dst_port, 53);
    assert_int_equal(rig->packet.transport, tcp ? TRANSPORT_TCP : TRANSPORT_UDP);
    assert_int_equal(rig->packet.len, sizeof(message));
    assert_memory_equal(rig->data, message, sizeof(message));
    assert_false(rig->packet.cut);
}

static void every_encapsulation_gives_its_message(void **state)
{
    struct rig *rig = *state;
    for (int i = 0; i < LAYERS; i++) {
        print_message("%s\n", layers[i].name);
        rig->build.time_ns = 1000 + i;
        layers[i].put(&rig->build);
        assert_int_equal(pass_built(rig, layers[i].linktype), VERDICT_DNS);
        assert_int_equal(rig->count, i + 1);
        assert_int_equal(rig->packet.time_ns, 1000 + i);
        assert_false(rig->packet.reassembled);
        assert_message(rig, layers[i].v6, layers[i].tcp);
    }
}

/* A snaplen may cut anywhere: what is delivered is the front of the message, and marked. */
static void a_snaplen_may_cut_anywhere(void **state)
{
    struct rig *rig = *state;
    for (int i = 0; i < LAYERS; i++) {
        layers[i].put(&rig->build);
        struct frame frame = frame_built(&rig->build, layers[i].linktype);
        for (frame.caplen = 0; frame.caplen < frame.wirelen; frame.caplen++) {
            if (layers[i].tcp) /* another client port, so that each is a new stream */
                rig->build.bytes[FRAME_BUILD_MAX - sizeof(message) - 2 - 20 + 1]++;
            unsigned count = rig->count;
            int verdict = pass(rig, frame);
            uint32_t missing = frame.wirelen - frame.caplen;
            if (verdict != VERDICT_DNS)
                continue;
            assert_int_equal(rig->count, count + 1);
            assert_true(rig->packet.cut);
            assert_int_equal(rig->packet.len, sizeof(message) - missing);
            assert_memory_equal(rig->data, message, rig->packet.len);
        }
    }
    assert_int_equal(rig->metrics.value[METRIC_MESSAGES_CUT], rig->count);
    /* UDP gives what there is, TCP from the 12 bytes of a header on. */
    assert_int_equal(rig->count, 28 * (LAYERS - 1) + 17);
}

/* Damage of one byte anywhere: no crash, and the accounts stay right (checked by pass()). */
static void any_byte_may_be_wrong(void **state)
{
    static const uint8_t masks[] = {0x01, 0x80, 0xff, 0x0f, 0x40};
    struct rig *rig = *state;
    for (int i = 0; i < LAYERS; i++) {
        layers[i].put(&rig->build);
        struct frame frame = frame_built(&rig->build, layers[i].linktype);
        for (uint32_t at = 0; at < frame.caplen; at++) {
            for (unsigned k = 0; k < sizeof(masks); k++) {
                rig->build.bytes[rig->build.start + at] ^= masks[k];
                pass(rig, frame);
                rig->build.bytes[rig->build.start + at] ^= masks[k];
            }
        }
    }
}

static void ethernet_padding_is_no_part_of_the_message(void **state)
{
    struct rig *rig = *state;
    for (int v6 = 0; v6 < 2; v6++) {
        uint8_t padded[160] = {0};
        (v6 ? put_ethernet_udp6 : put_ethernet_udp4)(&rig->build);
        struct frame frame = frame_built(&rig->build, ETHERNET);
        memcpy(padded, frame.data, frame.caplen);
        frame.data = padded;
        frame.caplen = frame.wirelen = sizeof(padded);
        assert_int_equal(pass(rig, frame), VERDICT_DNS);
        assert_message(rig, v6, false);
    }
}

static void a_packet_shortened_before_the_capture_is_cut(void **state)
{
    struct rig *rig = *state;
    put_udp4(&rig->build);
    struct frame frame = frame_built(&rig->build, RAW);
    frame.caplen -= 9;
    frame.wirelen -= 9;
    assert_int_equal(pass(rig, frame), VERDICT_DNS);
    assert_true(rig->packet.cut);
    assert_int_equal(rig->packet.len, 20);
}

static void a_length_of_zero_means_the_rest(void **state)
{
    struct rig *rig = *state;
    put_udp4(&rig->build);
    memset(rig->build.bytes + rig->build.start + 2, 0, 2);
    assert_int_equal(pass_built(rig, RAW), VERDICT_DNS);
    assert_message(rig, false, false);
    put_udp6(&rig->build);
    memset(rig->build.bytes + rig->build.start + 4, 0, 2);
    assert_int_equal(pass_built(rig, RAW), VERDICT_DNS);
    assert_message(rig, true, false);
}

/* One byte of a good raw frame changed: `at` counts from its front. */
static void headers_that_contradict_themselves_are_told_apart(void **state)
{
    static const struct {
        void (*put)(struct frame_build *build);
        unsigned at;
        uint8_t value;
        int verdict;
    } cases[] = {
        {put_udp4, 0, 0x44, REJECT_IP_MALFORMED}, /* header of 16 bytes */
        {put_udp4, 0, 0x55, REJECT_IP_MALFORMED}, /* IP version 5 */
        {put_udp4, 3, 19, REJECT_IP_MALFORMED},   /* shorter than its header */
        {put_udp4, 0, 0x4f, REJECT_IP_MALFORMED}, /* header of 60 bytes in 57 */
        {put_udp4, 3, 24, REJECT_UDP_MALFORMED},  /* 4 bytes of UDP */
        {put_udp4, 9, 1, REJECT_OTHER_PROTOCOL},  /* ICMP */
        {put_udp4, 9, 50, REJECT_OTHER_PROTOCOL}, /* ESP */
        {put_udp4, 23, 137, REJECT_OTHER_PORT},   /* NetBIOS */
        {put_udp4, 25, 7, REJECT_UDP_MALFORMED},  /* shorter than its header */
        {put_udp4, 25, 38, REJECT_UDP_MALFORMED}, /* longer than the IP packet */
        {put_udp4, 25, 8, REJECT_EMPTY},
        {put_udp6, 6, 59, REJECT_OTHER_PROTOCOL},   /* no next header */
        {put_udp6, 6, 58, REJECT_OTHER_PROTOCOL},   /* ICMPv6 */
        {put_tcp4, 32, 0x40, REJECT_TCP_MALFORMED}, /* header of 16 bytes */
        {put_tcp4, 32, 0xf0, REJECT_TCP_MALFORMED}, /* header of 60 bytes in 51 */
        {put_tcp4, 3, 30, REJECT_TCP_MALFORMED},    /* 10 bytes of TCP */
        {put_tcp4, 3, 40, REJECT_TCP_CONTROL},      /* no payload */
        {put_gre, 20, 0x40, REJECT_OTHER_PROTOCOL}, /* routing present */
        {put_gre, 21, 0x01, REJECT_OTHER_PROTOCOL}, /* version 1 */
        {put_gre, 22, 0x0b, REJECT_NOT_IP},
        {put_vxlan, 28, 0x00, REJECT_OTHER_PORT},  /* no network identifier */
        {put_geneve, 28, 0x41, REJECT_OTHER_PORT}, /* version 1 */
    };
    struct rig *rig = *state;
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cases[i].put(&rig->build);
        rig->build.bytes[rig->build.start + cases[i].at] = cases[i].value;
        assert_int_equal(pass_built(rig, RAW), cases[i].verdict);
    }
}

static void endless_encapsulation_is_too_deep(void **state)
{
    struct rig *rig = *state;
    put_udp4(&rig->build);
    for (int depth = 1; depth < 20; depth++) {
        assert_int_equal(pass_built(rig, RAW), depth <= 6 ? VERDICT_DNS : REJECT_TOO_DEEP);
        frame_put_ip4(&rig->build, 8, 9, 4);
    }
    /* The largest frame of extension headers, and of atomic fragments. */
    for (int kind = 0; kind < 2; kind++) {
        frame_put_payload(&rig->build, "", 0);
        for (int i = 0; i < 8000; i++)
            frame_put_bytes(&rig->build, kind ? "\x2c\0\0\0\0\0\0\1" : "\x3c\0\1\4\0\0\0\0", 8);
        frame_put_ip6(&rig->build, 1, 2, kind ? 44 : 60);
        assert_int_equal(pass_built(rig, RAW), REJECT_TOO_DEEP);
    }
}

/* On other ports a message must be DNS beyond doubt: one of class CH is not. */
static void other_ports_than_the_configured_are_dns_only_beyond_doubt(void **state)
{
    static const struct {
        uint16_t src, dst;
        int verdict;
    } cases[] = {
        {53, 40000, REJECT_OTHER_PORT},   {5353, 40000, VERDICT_DNS}, {40000, 65535, VERDICT_DNS},
        {40000, 64, REJECT_OTHER_PORT},   {0, 0, REJECT_OTHER_PORT},  {5353, 65535, VERDICT_DNS},
        {5352, 65471, REJECT_OTHER_PORT},
    };
    struct rig *rig = *state;
    struct net_config config = net_config_default;
    uint8_t doubtful[sizeof(message)];
    memcpy(doubtful, message, sizeof(message));
    doubtful[sizeof(message) - 1] = 3;
    config.port_count = 2;
    config.ports[0] = 5353;
    config.ports[1] = 65535;
    net_free(rig->net);
    rig->net = rig_net(rig, &config);
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        frame_put_payload(&rig->build, doubtful, sizeof(doubtful));
        frame_put_udp(&rig->build, cases[i].src, cases[i].dst);
        frame_put_ip4(&rig->build, 1, 2, UDP);
        assert_int_equal(pass_built(rig, RAW), cases[i].verdict);
        frame_put_payload(&rig->build, message, sizeof(message));
        frame_put_udp(&rig->build, cases[i].src, cases[i].dst);
        frame_put_ip4(&rig->build, 1, 2, UDP);
        assert_int_equal(pass_built(rig, RAW), VERDICT_DNS);
    }
}

/* Passes fragment [from, to) of a UDP datagram of `len` bytes. */
static int pass_fragment(struct rig *rig, bool v6, uint16_t dst_port, uint32_t from, uint32_t to)
{
    static uint8_t payload[4000];
    static struct frame_build whole;
    memcpy(payload, message, sizeof(message));
    frame_put_payload(&whole, payload, sizeof(payload) - 8);
    frame_put_udp(&whole, 40000, dst_port);
    bool more = to < sizeof(payload);
    frame_put_payload(&rig->build, whole.bytes + whole.start + from, to - from);
    if (v6)
        frame_put_ip6_fragment(&rig->build, 1, 2, UDP, 77, from, more);
    else
        frame_put_ip4_fragment(&rig->build, 1, 2, UDP, 77, from, more);
    return pass_built(rig, RAW);
}

static void a_fragmented_datagram_is_read_whole(void **state)
{
    struct rig *rig = *state;
    for (int v6 = 0; v6 < 2; v6++) {
        assert_int_equal(pass_fragment(rig, v6, 53, 2800, 4000), VERDICT_HELD);
        assert_int_equal(pass_fragment(rig, v6, 53, 0, 1400), VERDICT_HELD);
        assert_int_equal(pass_fragment(rig, v6, 53, 1400, 2800), VERDICT_DNS);
        assert_int_equal(rig->packet.len, 3992);
        assert_true(rig->packet.reassembled);
        assert_memory_equal(rig->data, message, sizeof(message));
        assert_int_equal(rig->packet.src_port, 40000);
    }
}

static void a_fragmented_datagram_on_other_ports_is_refused(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(pass_fragment(rig, false, 2049, 1400, 4000), VERDICT_HELD);
    assert_int_equal(pass_fragment(rig, false, 2049, 0, 1400), REJECT_OTHER_PORT);
}

static void fragments_of_what_cannot_be_dns_are_not_held(void **state)
{
    struct rig *rig = *state;
    frame_put_payload(&rig->build, message, 24);
    frame_put_ip4_fragment(&rig->build, 1, 2, 1, 77, 0, true);
    assert_int_equal(pass_built(rig, RAW), REJECT_OTHER_PROTOCOL);
}

static void a_first_fragment_that_is_cut_gives_the_front_of_its_message(void **state)
{
    struct rig *rig = *state;
    pass_fragment(rig, false, 53, 0, 1400);
    struct frame frame = frame_built(&rig->build, RAW);
    frame.caplen = 128;
    assert_int_equal(pass(rig, frame), VERDICT_DNS);
    assert_true(rig->packet.cut);
    assert_int_equal(rig->packet.len, 100);
}

static void fragments_inside_a_tunnel_in_fragments_are_read(void **state)
{
    static uint8_t inner[2][4000];
    uint32_t inner_len[2];
    struct rig *rig = *state;
    struct frame frame;
    for (int i = 0; i < 2; i++) {
        pass_fragment(rig, true, 5300, i ? 2000 : 0, i ? 4000 : 2000);
        frame = frame_built(&rig->build, RAW);
        memcpy(inner[i], frame.data, frame.caplen);
        inner_len[i] = frame.caplen;
        /* The port is given only here, so that the pass above reads no message. */
        if (i == 0)
            memcpy(inner[0] + 48 + 2, "\0\x35", 2);
    }
    for (int i = 0; i < 2; i++) {
        for (int half = 0; half < 2; half++) {
            uint32_t from = half ? 1000 : 0, to = half ? inner_len[i] : 1000;
            frame_put_payload(&rig->build, inner[i] + from, to - from);
            frame_put_ip4_fragment(&rig->build, 8, 9, 41, (uint16_t)i, from, !half);
            assert_int_equal(pass_built(rig, RAW), i && half ? VERDICT_DNS : VERDICT_HELD);
        }
    }
    assert_int_equal(rig->packet.len, 3992);
    assert_int_equal(rig->packet.dst_port, 53);
    assert_memory_equal(rig->data, message, sizeof(message));
}

static void both_directions_of_a_connection_are_read(void **state)
{
    struct rig *rig = *state;
    for (int back = 0; back < 2; back++) {
        frame_put_payload(&rig->build, message, sizeof(message));
        frame_put_be16(&rig->build, sizeof(message));
        frame_put_tcp(&rig->build, back ? 53 : 40000, back ? 40000 : 53, 1000, 0x18);
        frame_put_ip4(&rig->build, back ? 2 : 1, back ? 1 : 2, TCP);
        assert_int_equal(pass_built(rig, RAW), VERDICT_DNS);
        assert_int_equal(pass_built(rig, RAW), REJECT_TCP_OLD);
        assert_int_equal(rig->packet.src_port, back ? 53 : 40000);
    }
}

static void a_segment_out_of_fragments_is_in_the_decoders_memory(void **state)
{
    struct rig *rig = *state;
    uint8_t packet[128];
    put_tcp4(&rig->build);
    struct frame frame = frame_built(&rig->build, RAW);
    memcpy(packet, frame.data + 20, frame.caplen - 20);
    uint32_t len = frame.caplen - 20;
    frame_put_payload(&rig->build, packet + 24, len - 24);
    frame_put_ip4_fragment(&rig->build, 1, 2, TCP, 5, 24, false);
    assert_int_equal(pass_built(rig, RAW), VERDICT_HELD);
    frame_put_payload(&rig->build, packet, 24);
    frame_put_ip4_fragment(&rig->build, 1, 2, TCP, 5, 0, true);
    assert_int_equal(pass_built(rig, RAW), VERDICT_DNS);
    assert_message(rig, false, true);
    assert_true(rig->packet.reassembled);
}

static void a_finished_decoder_has_given_up_what_it_held(void **state)
{
    struct rig *rig = *state;
    pass_fragment(rig, false, 53, 0, 1400);
    frame_put_payload(&rig->build, message, 20);
    frame_put_be16(&rig->build, sizeof(message));
    frame_put_tcp(&rig->build, 40000, 53, 1000, 0x18);
    frame_put_ip4(&rig->build, 1, 2, TCP);
    assert_int_equal(pass_built(rig, RAW), VERDICT_HELD);
    net_finish(rig->net);
    assert_int_equal(rig->metrics.value[METRIC_FRAGMENTS_EXPIRED], 1);
    assert_int_equal(rig->metrics.value[METRIC_TCP_GAPS], 1);
}

static void a_configuration_out_of_bounds_is_refused(void **state)
{
    struct rig *rig = *state;
    for (int i = 0; i < 7; i++) {
        struct net_config config = net_config_default;
        switch (i) {
        case 0: config.port_count = 0; break;
        case 1: config.port_count = 33; break;
        case 2: config.fragment_bytes_max = 1000; break;
        case 3: config.stream_bytes_max = 1000; break;
        case 4: config.streams_max = 0; break;
        case 5: config.streams_max = UINT32_MAX; break;
        case 6: config.stream_bytes_max = SIZE_MAX; break;
        }
        struct error error = {""};
        assert_null(net_new(&config, &rig->metrics, &error));
        assert_non_null(strstr(error.text, "give"));
    }
    net_free(NULL);
}

#define net_test(name) cmocka_unit_test_setup_teardown(name, rig_open, rig_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        net_test(every_encapsulation_gives_its_message),
        net_test(a_snaplen_may_cut_anywhere),
        net_test(any_byte_may_be_wrong),
        net_test(ethernet_padding_is_no_part_of_the_message),
        net_test(a_packet_shortened_before_the_capture_is_cut),
        net_test(a_length_of_zero_means_the_rest),
        net_test(headers_that_contradict_themselves_are_told_apart),
        net_test(endless_encapsulation_is_too_deep),
        net_test(other_ports_than_the_configured_are_dns_only_beyond_doubt),
        net_test(a_fragmented_datagram_is_read_whole),
        net_test(a_fragmented_datagram_on_other_ports_is_refused),
        net_test(fragments_of_what_cannot_be_dns_are_not_held),
        net_test(a_first_fragment_that_is_cut_gives_the_front_of_its_message),
        net_test(fragments_inside_a_tunnel_in_fragments_are_read),
        net_test(both_directions_of_a_connection_are_read),
        net_test(a_segment_out_of_fragments_is_in_the_decoders_memory),
        net_test(a_finished_decoder_has_given_up_what_it_held),
        net_test(a_configuration_out_of_bounds_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
