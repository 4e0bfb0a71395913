/* test_net_icmp.c - of ICMP only that counts which sends a DNS response back to its server
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "decode/layer.h"
#include "decode/net.h"
#include "frame_build.h"

#include <stdlib.h>
#include <string.h>

enum { RAW = 101, ICMP = 1, UDP = 17, ICMPV6 = 58, SERVER = 53, CLIENT = 7, PORT = 40000 };
enum { IP4 = 20, IP6 = 40, ICMP_HEADER = 8, UDP_HEADER = 8 };

/* A response for example.com, A, without an answer. */
static const uint8_t message[29] = "\x12\x34\x81\x80\x00\x01\x00\x00\x00\x00\x00\x00\x07"
                                   "example\x03"
                                   "com\x00\x00\x01\x00\x01";

static struct net *net;
static struct metrics metrics;
static struct frame_build build;
static unsigned count;
static struct packet seen; /* the last one delivered */
static uint8_t data[sizeof(message)];

static int setup(void **state)
{
    (void)state;
    struct error error;
    net = net_new(&net_config_default, &metrics, &error);
    return net ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    net_free(net);
    return 0;
}

static void see(void *arg, const struct packet *packet)
{
    (void)arg;
    count++;
    seen = *packet;
    assert_true(packet->len <= sizeof(data));
    if (packet->len)
        memcpy(data, packet->data, packet->len);
}

/* Passes what was built, of which `caplen` bytes were captured, in a block of exactly that size.
 * Returns whether it was taken for a response that came back; everything else is no DNS. */
static bool bounces(uint32_t caplen)
{
    const struct metrics before = metrics;
    const unsigned count_before = count;
    struct frame frame = frame_built(&build, RAW);
    uint8_t *block = malloc(caplen);
    memcpy(block, frame.data, caplen);
    frame.data = block;
    frame.caplen = caplen;
    net_frame(net, &frame, see, NULL);
    free(block);
    assert_true(frames_add_up(&metrics));
    assert_int_equal(metrics.value[METRIC_MESSAGES_IN], 0);
    bool bounced = metrics.rejected[REJECT_BOUNCED] > before.rejected[REJECT_BOUNCED];
    uint64_t other =
        metrics.rejected[REJECT_OTHER_PROTOCOL] - before.rejected[REJECT_OTHER_PROTOCOL];
    assert_int_equal(other, !bounced);
    assert_int_equal(count - count_before, bounced);
    return bounced;
}

static uint32_t built_len(void)
{
    return frame_built(&build, RAW).caplen;
}

static uint8_t *built_byte(unsigned at)
{
    return build.bytes + build.start + at;
}

/* The client sends `len` bytes of what the server sent back to it. */
static void put4(uint32_t len)
{
    frame_put_payload(&build, message, len);
    frame_put_udp(&build, SERVER, PORT);
    *built_byte(5) = (uint8_t)(UDP_HEADER + sizeof(message));
    frame_put_ip4(&build, SERVER, CLIENT, UDP);
    frame_put_icmp(&build, 3, 3);
    frame_put_ip4(&build, CLIENT, SERVER, ICMP);
}

static void put6(uint32_t len)
{
    frame_put_payload(&build, message, len);
    frame_put_udp(&build, SERVER, PORT);
    *built_byte(5) = (uint8_t)(UDP_HEADER + sizeof(message));
    frame_put_ip6(&build, SERVER, CLIENT, UDP);
    frame_put_icmp(&build, 1, 4);
    frame_put_ip6(&build, CLIENT, SERVER, ICMPV6);
}

static const struct {
    void (*put)(uint32_t len);
    uint32_t quote; /* where the quoted IP header stands */
    uint32_t ip_bytes;
} families[] = {
    {put4, IP4 + ICMP_HEADER, IP4},
    {put6, IP6 + ICMP_HEADER, IP6},
};

enum { FAMILIES = sizeof(families) / sizeof(families[0]) };

static void the_quoted_response_is_given_as_it_travelled(void **state)
{
    (void)state;
    static const uint8_t last[2] = {SERVER, CLIENT};
    for (unsigned i = 0; i < FAMILIES; i++) {
        families[i].put(sizeof(message));
        assert_true(bounces(built_len()));
        assert_true(seen.bounced && !seen.cut && !seen.unframed && !seen.reassembled);
        assert_int_equal(addr_is_v4(&seen.src), i == 0);
        assert_int_equal(seen.src.bytes[15], last[0]);
        assert_int_equal(seen.dst.bytes[15], last[1]);
        assert_int_equal(seen.src_port, SERVER);
        assert_int_equal(seen.dst_port, PORT);
        assert_int_equal(seen.transport, TRANSPORT_UDP);
        assert_int_equal(seen.len, sizeof(message));
        assert_memory_equal(data, message, sizeof(message));
    }
}

/* RFC 792 asks for 8 bytes behind the IP header, the header of UDP and no more. */
static void as_little_as_the_ports_is_enough(void **state)
{
    (void)state;
    for (unsigned i = 0; i < FAMILIES; i++) {
        for (uint32_t len = 0; len < sizeof(message); len++) {
            families[i].put(len);
            assert_true(bounces(built_len()));
            assert_true(seen.cut);
            assert_int_equal(seen.len, len);
        }
    }
}

static void what_a_snaplen_cuts_off_is_not_missed(void **state)
{
    (void)state;
    for (unsigned i = 0; i < FAMILIES; i++) {
        uint32_t least = families[i].quote + families[i].ip_bytes + UDP_HEADER;
        families[i].put(sizeof(message));
        for (uint32_t caplen = families[i].quote - ICMP_HEADER; caplen < built_len(); caplen++) {
            assert_int_equal(bounces(caplen), caplen >= least);
            if (caplen >= least)
                assert_int_equal(seen.len, caplen - least);
        }
    }
}

/* One byte changed; `at` counts from the quoted IP header. */
struct change {
    unsigned family;
    int at;
    uint8_t value;
    bool bounces;
};

static void only_a_clients_own_word_about_a_response_counts(void **state)
{
    (void)state;
    static const struct change changes[] = {
        {0, -ICMP_HEADER, 11, false},    /* time exceeded */
        {0, 1 - ICMP_HEADER, 1, false},  /* host unreachable */
        {0, 1 - ICMP_HEADER, 13, false}, /* a firewall's "prohibited" */
        {0, -1, 0xff, true},             /* nobody says what these bytes mean */
        {0, -9, CLIENT, false},          /* sent to somebody else than the server */
        {0, 0, 0x65, false},             /* a version that is none */
        {0, 0, 0x44, false},             /* a header of 16 bytes */
        {0, 0, 0x4f, false},             /* of 60 bytes, beyond which are too few */
        {0, 0, 0x46, false},             /* of 24 bytes: ports are read off elsewhere */
        {0, 2, 0xff, true},              /* the quoted packet was longer than it says */
        {0, 3, 0, true},
        {0, 6, 0x20, true}, /* the first fragment */
        {0, 7, 1, false},   /* another one, which has no ports */
        {0, 9, 6, false},   /* TCP */
        {0, 15, 54, false}, /* another server's */
        {0, 19, 8, false},  /* sent by somebody else than its receiver, as a firewall does */
        {0, 21, 80, false}, /* from another port */
        {0, 22, 0, true},   /* to another port */
        {0, 25, 0, false},  /* a UDP header that is shorter than itself */
        {0, 25, 7, false},
        {0, 25, 8, true},               /* and nothing in it */
        {0, 24, 0xff, true},            /* cut, then */
        {1, -ICMP_HEADER, 3, false},    /* time exceeded */
        {1, 1 - ICMP_HEADER, 3, false}, /* address unreachable */
        {1, 0, 0x40, false},
        {1, 5, 0, true},   /* a payload length that lies */
        {1, 6, 44, false}, /* a fragment */
        {1, 23, 54, false},
        {1, 39, 8, false},
        {1, 41, 80, false},
        {1, 45, 7, false},
    };
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        const struct change *change = &changes[i];
        families[change->family].put(sizeof(message));
        *built_byte((unsigned)((int)families[change->family].quote + change->at)) = change->value;
        if (bounces(built_len()) != change->bounces)
            fail_msg("case %zu", i);
    }
}

static void what_two_servers_say_to_each_other_has_no_client(void **state)
{
    (void)state;
    frame_put_payload(&build, message, sizeof(message));
    frame_put_udp(&build, SERVER, SERVER);
    frame_put_ip4(&build, SERVER, CLIENT, UDP);
    frame_put_icmp(&build, 3, 3);
    frame_put_ip4(&build, CLIENT, SERVER, ICMP);
    assert_false(bounces(built_len()));
}

static void each_protocol_speaks_of_its_own(void **state)
{
    (void)state;
    put4(sizeof(message));
    *built_byte(9) = ICMPV6;
    assert_false(bounces(built_len()));
    put6(sizeof(message));
    *built_byte(6) = ICMP;
    assert_false(bounces(built_len()));
}

/* Options in both IP headers, in a tunnel. */
static void headers_may_be_longer_and_deeper(void **state)
{
    (void)state;
    frame_put_payload(&build, message, sizeof(message));
    frame_put_udp(&build, SERVER, PORT);
    frame_put_bytes(&build, "\x94\x04\0\0", 4);
    frame_put_ip4(&build, SERVER, CLIENT, UDP);
    *built_byte(0) = 0x46;
    frame_put_icmp(&build, 3, 3);
    frame_put_ip4(&build, CLIENT, SERVER, ICMP);
    frame_put_ip4(&build, 8, 9, 4);
    assert_true(bounces(built_len()));
    assert_memory_equal(data, message, sizeof(message));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_quoted_response_is_given_as_it_travelled),
        cmocka_unit_test(as_little_as_the_ports_is_enough),
        cmocka_unit_test(what_a_snaplen_cuts_off_is_not_missed),
        cmocka_unit_test(only_a_clients_own_word_about_a_response_counts),
        cmocka_unit_test(what_two_servers_say_to_each_other_has_no_client),
        cmocka_unit_test(each_protocol_speaks_of_its_own),
        cmocka_unit_test(headers_may_be_longer_and_deeper),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
