/* test_generate.c - the parts of the traffic generator keep what they promise
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "names.h"
#include "timeline.h"
#include "wire.h"
#include "zipf.h"

#include <stdlib.h>
#include <string.h>

static void ranks_come_up_by_zipfs_law(void **unused)
{
    (void)unused;
    enum { RANKS = 1000, DRAWS = 1000000 };
    static uint32_t seen[RANKS];
    struct prng prng = {7};
    double harmonic = 0;
    for (int i = 0; i < DRAWS; i++)
        seen[zipf_draw(&prng, RANKS)]++;
    for (int rank = 1; rank <= RANKS; rank++)
        harmonic += 1.0 / rank;
    static const unsigned checked[] = {0, 1, 2, 9, 99, 499};
    for (size_t i = 0; i < sizeof(checked) / sizeof(checked[0]); i++) {
        double expected = DRAWS / harmonic / (checked[i] + 1);
        assert_in_range(seen[checked[i]], (uint32_t)(expected * 0.8), (uint32_t)(expected * 1.2));
    }
    assert_int_equal(zipf_draw(&prng, 1), 0);
}

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void indicators_are_distinct_and_no_site_is_among_them(void **unused)
{
    (void)unused;
    enum { INDICATORS = 100000, SITES = 20000, ALL = INDICATORS + SITES };
    char(*names)[NAME_BYTES_MAX] = calloc(ALL, sizeof(*names));
    assert_non_null(names);
    for (uint32_t i = 0; i < INDICATORS; i++)
        name_indicator(i, names[i]);
    for (uint32_t i = 0; i < SITES; i++)
        name_site(i, names[INDICATORS + i]);
    qsort(names, ALL, sizeof(*names), compare);
    for (int i = 1; i < ALL; i++)
        assert_string_not_equal(names[i - 1], names[i]);
    free(names);
}

static void a_name_is_the_same_each_time(void **unused)
{
    (void)unused;
    char host[NAME_BYTES_MAX], again[NAME_BYTES_MAX], site[NAME_BYTES_MAX];
    for (uint32_t i = 0; i < NAMES_BENIGN_MAX; i += 99991) {
        name_host(i, host);
        name_host(i, again);
        name_site(i, site);
        assert_string_equal(host, again);
        assert_string_equal(host + strlen(host) - strlen(site), site);
    }
}

static void frames_come_out_by_time_and_then_in_the_order_they_went_in(void **unused)
{
    (void)unused;
    enum { FRAMES = 2000, HEAD = 24, RECORD = 16 + 2, TIMES = 50 };
    char *file;
    size_t len;
    struct timeline timeline;
    struct capture_writer writer = {.file = open_memstream(&file, &len)};
    struct prng prng = {3};
    timeline_init(&timeline);
    for (uint16_t i = 0; i < FRAMES; i++)
        timeline_add(&timeline, prng_below(&prng, TIMES) * 1000000000ll, &i, sizeof(i));
    timeline_write(&timeline, 10 * 1000000000ll, FRAMES, &writer);
    assert_in_range(writer.frames, 1, FRAMES / 2);
    timeline_write(&timeline, INT64_MAX, FRAMES - 1, &writer);
    assert_int_equal(writer.frames, FRAMES - 1);
    timeline_done(&timeline);
    fclose(writer.file);
    assert_int_equal(len, (FRAMES - 1) * RECORD);
    for (size_t at = RECORD; at < len; at += RECORD) {
        uint32_t before, after;
        uint16_t order_before, order_after;
        memcpy(&before, file + at - RECORD, 4);
        memcpy(&after, file + at, 4);
        memcpy(&order_before, file + at - 2, 2);
        memcpy(&order_after, file + at + RECORD - 2, 2);
        assert_true(before < after || (before == after && order_before < order_after));
    }
    free(file);
}

static unsigned ones_complement(unsigned sum, const uint8_t *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        sum += i % 2 ? at[i] : at[i] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

/* With the checksum in it, everything that it covers sums up to all ones. */
static void checksums_are_right(void **unused)
{
    (void)unused;
    static const struct {
        const char *client, *server;
        unsigned ip_bytes, addresses_at, addresses_bytes;
    } cases[] = {{"192.0.2.1", "198.51.100.9", 20, 12, 8},
                 {"2001:db8::1", "2001:db8::ffff", 40, 8, 32}};
    for (unsigned i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
        bool tcp = i % 2;
        uint8_t frame[WIRE_FRAME_MAX];
        struct flow flow = {.client_port = 4000, .server_port = WIRE_DNS_PORT, .vlan = 7};
        assert_true(addr_parse(cases[i / 2].client, strlen(cases[i / 2].client), &flow.client));
        assert_true(addr_parse(cases[i / 2].server, strlen(cases[i / 2].server), &flow.server));
        struct tcp_header header = {.seq = 5, .ack = 6, .flags = TCP_PSH | TCP_ACK};
        size_t len = tcp ? wire_tcp(&flow, false, &header, "odd", 3, frame)
                         : wire_udp(&flow, true, "odd", 3, frame);
        const uint8_t *ip = frame + 18;
        const uint8_t *transport = ip + cases[i / 2].ip_bytes;
        size_t transport_len = len - 18 - cases[i / 2].ip_bytes;
        if (i < 2)
            assert_int_equal(ones_complement(0, ip, 20), 0xffff);
        unsigned sum = (tcp ? 6 : 17) + (unsigned)transport_len;
        sum = ones_complement(sum, ip + cases[i / 2].addresses_at, cases[i / 2].addresses_bytes);
        assert_int_equal(ones_complement(sum, transport, transport_len), 0xffff);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks_come_up_by_zipfs_law),
        cmocka_unit_test(indicators_are_distinct_and_no_site_is_among_them),
        cmocka_unit_test(a_name_is_the_same_each_time),
        cmocka_unit_test(frames_come_out_by_time_and_then_in_the_order_they_went_in),
        cmocka_unit_test(checksums_are_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
