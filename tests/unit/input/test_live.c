/* test_live.c - what passes an interface is captured, counted and shared by client
 * SPDX-License-Identifier: Apache-2.0
 *
 * Captures on the loopback interface of a network of its own, where the tests may make one. */
#include "input/live.h"

#include "base/clock.h"
#include "cmocka_all.h"
#include "frame_build.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORT = 53, BATCH = 64, SNAPLEN = 65535, BUFFER = 4 << 20 };

static uint16_t ports_items[] = {PORT, 5353};
static const struct config_ports ports = {.items = ports_items, .count = 2};

static bool own_network;

/* A network of this process alone, so that nobody else's packets are counted. */
static int network_make(void **state)
{
    (void)state;
    struct ifreq up = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    if (unshare(CLONE_NEWNET) != 0)
        return 0;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    own_network = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &up) == 0;
    close(fd);
    return 0;
}

static struct source *open_or_skip(const struct live_config *config)
{
    struct error error;
    if (!own_network)
        skip();
    struct source *source = live_open(config, &error);
    if (!source)
        fail_msg("%s", error.text);
    return source;
}

static struct source *open_loopback(uint16_t fanout_group)
{
    return open_or_skip(&(struct live_config){.interface = "lo",
                                              .ports = &ports,
                                              .snaplen_bytes = SNAPLEN,
                                              .buffer_bytes = BUFFER,
                                              .fanout_group = fanout_group});
}

static struct sockaddr_in at(uint32_t address, uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(address)};
}

/* 127.1.0.`from`:`src_port` says something to 127.1.0.`to`:`dst_port`. */
static void say(unsigned from, uint16_t src_port, unsigned to, uint16_t dst_port, size_t len)
{
    static const uint8_t bytes[60000];
    struct sockaddr_in src = at(0x7f010000 + from, src_port), dst = at(0x7f010000 + to, dst_port);
    int fd = socket(AF_INET, SOCK_DGRAM, 0), yes = 1;
    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    assert_int_equal(bind(fd, (struct sockaddr *)&src, sizeof(src)), 0);
    assert_true(sendto(fd, bytes, len, 0, (struct sockaddr *)&dst, sizeof(dst)) == (ssize_t)len);
    close(fd);
}

/* Stops the source and gives what it had caught to `take`. Returns the number of frames. */
static unsigned drain(struct source *source, void (*take)(void *arg, const struct frame *frame),
                      void *arg)
{
    struct frame frames[BATCH];
    struct error error;
    unsigned count = 0;
    int got;
    source->ops->stop(source);
    while ((got = source->ops->read(source, frames, BATCH, &error)) > 0)
        for (int i = 0; i < got; i++, count++)
            if (take)
                take(arg, &frames[i]);
    assert_int_equal(got, 0);
    return count;
}

static void frame_check(void *arg, const struct frame *frame)
{
    const int64_t *began_ns = arg;
    assert_true(frame->time_ns >= *began_ns && frame->time_ns <= clock_now_ns());
    assert_int_equal(frame->linktype, 1);
    assert_int_equal(frame->caplen, 14 + 20 + 8 + 100);
    assert_int_equal(frame->wirelen, frame->caplen);
}

static void frames_of_the_port_and_no_other_are_captured(void **state)
{
    (void)state;
    struct source *source = open_loopback(0);
    struct source_losses losses;
    int64_t began_ns = clock_now_ns();
    for (int i = 0; i < 300; i++) {
        say(1, 5000, 2, PORT, 100);
        say(1, 5000, 2, 80, 100);
    }
    assert_int_equal(drain(source, frame_check, &began_ns), 300);
    source->ops->losses(source, &losses);
    assert_int_equal(losses.kernel, 0);
    source->ops->close(source);
}

static void a_frame_is_cut_at_the_snaplen(void **state)
{
    (void)state;
    struct frame frame;
    struct error error;
    struct source *source = open_or_skip(&(struct live_config){
        .interface = "lo", .ports = &ports, .snaplen_bytes = 64, .buffer_bytes = BUFFER});
    say(1, 5000, 2, PORT, 100);
    while (source->ops->read(source, &frame, 1, &error) == -EAGAIN)
        ;
    assert_int_equal(frame.caplen, 64);
    assert_int_equal(frame.wirelen, 142);
    source->ops->close(source);
}

static void fragments_are_captured(void **state)
{
    (void)state;
    struct source *source = open_loopback(0);
    struct ifreq mtu = {.ifr_name = "lo", .ifr_mtu = 1500};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(ioctl(fd, SIOCSIFMTU, &mtu), 0);
    say(1, 5000, 2, PORT, 4000);
    assert_int_equal(drain(source, NULL, NULL), 3);
    mtu.ifr_mtu = 65536;
    ioctl(fd, SIOCSIFMTU, &mtu);
    close(fd);
    source->ops->close(source);
}

static void a_quiet_interface_says_so(void **state)
{
    (void)state;
    struct source *source = open_loopback(0);
    struct frame frame;
    struct error error;
    assert_int_equal(source->ops->read(source, &frame, 1, &error), -EAGAIN);
    source->ops->stop(source);
    assert_int_equal(source->ops->read(source, &frame, 1, &error), 0);
    assert_int_equal(source->ops->read(source, &frame, 1, &error), 0);
    source->ops->close(source);
}

/* Nobody reads while more comes than the ring holds. */
static void what_the_ring_had_no_room_for_is_counted(void **state)
{
    (void)state;
    enum { SENT = 200, LEN = 59000 };
    struct source_losses losses;
    struct source *source = open_or_skip(&(struct live_config){
        .interface = "lo", .ports = &ports, .snaplen_bytes = SNAPLEN, .buffer_bytes = 1 << 20});
    for (int i = 0; i < SENT; i++)
        say(1, 5000, 2, PORT, LEN);
    unsigned got = drain(source, NULL, NULL);
    source->ops->losses(source, &losses);
    assert_true(losses.kernel > 0);
    assert_int_equal(got + losses.kernel, SENT);
    source->ops->close(source);
}

enum { CLIENTS = 64, RESOLVER = 200 };

struct share {
    unsigned frames[256]; /* by the last byte of the client's address */
    unsigned bounced;
};

static void share_count(void *arg, const struct frame *frame)
{
    struct share *share = arg;
    const uint8_t *ip = frame->data + 14;
    share->frames[ip[15] == RESOLVER ? ip[19] : ip[15]]++;
    share->bounced += ip[9] == 1;
}

/* Nobody listens at the clients' ports, so the kernel sends the responses back by ICMP. */
static void a_group_shares_the_clients(void **state)
{
    (void)state;
    struct share shares[2] = {0};
    struct source *sources[2] = {open_loopback(7), open_loopback(7)};
    unsigned counts[2], whole[2] = {0};
    for (unsigned client = 1; client <= CLIENTS; client++) {
        for (uint16_t port = 5000; port < 5004; port++) {
            say(client, port, RESOLVER, PORT, 60);
            say(RESOLVER, PORT, client, port, 60);
        }
    }
    for (int i = 0; i < 2; i++)
        counts[i] = drain(sources[i], share_count, &shares[i]);
    assert_int_equal(shares[0].bounced + shares[1].bounced, CLIENTS * 4);
    assert_int_equal(counts[0] + counts[1], CLIENTS * 12);
    for (unsigned client = 1; client <= CLIENTS; client++)
        for (int i = 0; i < 2; i++)
            if (shares[i].frames[client]) {
                assert_int_equal(shares[i].frames[client], 12);
                whole[i]++;
            }
    assert_true(whole[0] > CLIENTS / 8 && whole[1] > CLIENTS / 8);
    for (int i = 0; i < 2; i++)
        sources[i]->ops->close(sources[i]);
}

static void an_interface_that_is_not_there_is_refused_with_those_that_are(void **state)
{
    (void)state;
    struct error error;
    if (!own_network)
        skip();
    const struct live_config config = {
        .interface = "lan7", .ports = &ports, .snaplen_bytes = SNAPLEN, .buffer_bytes = BUFFER};
    assert_null(live_open(&config, &error));
    assert_string_equal(error.text, "lan7: there is no such interface; there are lo");
}

static void a_filter_that_is_none_is_refused(void **state)
{
    (void)state;
    struct error error;
    if (!own_network)
        skip();
    const struct live_config config = {.interface = "lo",
                                       .filter = "prot 53",
                                       .ports = &ports,
                                       .snaplen_bytes = SNAPLEN,
                                       .buffer_bytes = BUFFER};
    assert_null(live_open(&config, &error));
    assert_non_null(strstr(error.text, "lo: filter \"prot 53\": "));
}

static void put_query(struct frame_build *build, uint16_t port)
{
    frame_put_payload(build, "0123456789abcdef", 16);
    frame_put_udp(build, 4000, port);
}

/* What comes back: said to have been sent from that port. */
static void put_bounced(struct frame_build *build, bool v6, uint16_t port)
{
    frame_put_payload(build, "0123456789abcdef", 16);
    frame_put_udp(build, port, 4000);
    if (v6) {
        frame_put_ip6(build, 2, 1, 17);
        frame_put_icmp(build, 1, 4);
        frame_put_ip6(build, 1, 2, 58);
    } else {
        frame_put_ip4(build, 2, 1, 17);
        frame_put_icmp(build, 3, 3);
        frame_put_ip4(build, 1, 2, 1);
    }
}

static void tag(struct frame_build *build, uint16_t type, int tags)
{
    for (int i = 0; i < tags; i++, type = 0x8100)
        frame_put_vlan(build, type);
    frame_put_ethernet(build, type);
}

static void the_filter_sees_through_two_tags(void **state)
{
    (void)state;
    static struct frame_build build;
    struct bpf_program program;
    struct buf filter;
    pcap_t *pcap = pcap_open_dead(1, SNAPLEN);
    buf_init(&filter, 4096);
    live_filter(&ports, true, &filter);
    if (pcap_compile(pcap, &program, filter.data, 1, PCAP_NETMASK_UNKNOWN) != 0)
        fail_msg("%s", pcap_geterr(pcap));
    for (int i = 0; i < 3 * 10; i++) {
        int tags = i % 3, kind = i / 3;
        put_query(&build, kind == 1 || kind == 5 ? 80 : kind == 2 ? 5353 : PORT);
        switch (kind) {
        case 0:
        case 1:
        case 2: frame_put_ip4(&build, 1, 2, 17); break;
        case 3: frame_put_ip4_fragment(&build, 1, 2, 17, 9, 1480, false); break;
        case 4: frame_put_ip6(&build, 1, 2, 17); break;
        case 5: frame_put_ip6_fragment(&build, 1, 2, 17, 9, 1480, true); break;
        default: put_bounced(&build, kind & 1, kind < 8 ? PORT : 80);
        }
        bool v6 = kind == 4 || kind == 5 || (kind > 5 && kind & 1);
        tag(&build, v6 ? 0x86dd : 0x0800, tags);
        struct frame frame = frame_built(&build, 1);
        struct pcap_pkthdr header = {.caplen = frame.caplen, .len = frame.wirelen};
        bool passes = pcap_offline_filter(&program, &header, frame.data) != 0;
        if (passes != (kind != 1 && kind < 8))
            fail_msg("kind %d with %d tags", kind, tags);
    }
    pcap_freecode(&program);
    pcap_close(pcap);
    buf_done(&filter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_of_the_port_and_no_other_are_captured),
        cmocka_unit_test(a_frame_is_cut_at_the_snaplen),
        cmocka_unit_test(fragments_are_captured),
        cmocka_unit_test(a_quiet_interface_says_so),
        cmocka_unit_test(what_the_ring_had_no_room_for_is_counted),
        cmocka_unit_test(a_group_shares_the_clients),
        cmocka_unit_test(an_interface_that_is_not_there_is_refused_with_those_that_are),
        cmocka_unit_test(a_filter_that_is_none_is_refused),
        cmocka_unit_test(the_filter_sees_through_two_tags),
    };
    return cmocka_run_group_tests(tests, network_make, NULL);
}
