/* test_dnstap.c - payloads of dnstap become messages, whatever else is in them
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/dnstap.h"

#include "cmocka_all.h"

#include "base/clock.h"
#include "dnstap_build.h"

#include <string.h>

static const int64_t asked_ns = 1700000000ll * NS_PER_S + 500000000;
static const int64_t answered_ns = 1700000001ll * NS_PER_S + 500000000;

static unsigned decode(const struct dnstap_build *message, struct packet packets[2])
{
    static struct dnstap_build payload; /* packets point into it */
    struct dnstap dnstap;
    payload.len = 0;
    tap_payload(&payload, message);
    assert_int_equal(dnstap_decode(payload.data, payload.len, &dnstap), DNSTAP_GOOD);
    return dnstap_packets(&dnstap, 77, packets);
}

static void assert_addr(const struct addr *addr, const char *text)
{
    char found[ADDR_TEXT_MAX];
    addr_format(addr, found);
    assert_string_equal(found, text);
}

static void a_query_goes_from_client_to_server(void **unused)
{
    (void)unused;
    struct dnstap_build message = {0};
    struct packet packets[2];
    tap_message(&message, DNSTAP_CLIENT_QUERY, "query", NULL);
    assert_int_equal(decode(&message, packets), 1);
    assert_int_equal(packets[0].time_ns, asked_ns);
    assert_addr(&packets[0].src, "192.0.2.7");
    assert_addr(&packets[0].dst, "192.0.2.53");
    assert_int_equal(packets[0].src_port, 4000);
    assert_int_equal(packets[0].dst_port, 53);
    assert_int_equal(packets[0].lacks, 0);
    assert_int_equal(packets[0].len, 5);
    assert_memory_equal(packets[0].data, "query", 5);
}

static void both_halves_in_one_come_as_query_and_response(void **unused)
{
    (void)unused;
    struct dnstap_build message = {0};
    struct packet packets[2];
    tap_message(&message, DNSTAP_CLIENT_RESPONSE, "query", "response");
    assert_int_equal(decode(&message, packets), 2);
    assert_int_equal(packets[0].time_ns, asked_ns);
    assert_int_equal(packets[1].time_ns, answered_ns);
    assert_memory_equal(packets[1].data, "response", 8);
    assert_true(addr_equal(&packets[0].src, &packets[1].dst));
    assert_int_equal(packets[0].src_port, packets[1].dst_port);
    assert_int_equal(packets[1].src_port, 53);
}

static void only_legs_of_clients_name_one(void **unused)
{
    (void)unused;
    static const bool names_client[] = {
        [1] = true,  [2] = true,  [5] = true,  [6] = true,   [9] = true,   [10] = true, [11] = true,
        [12] = true, [13] = true, [14] = true, [15] = false, [16] = false, [99] = false};
    for (unsigned type = 1; type < sizeof(names_client); type++) {
        struct dnstap_build message = {0};
        struct packet packets[2];
        tap_message(&message, type, "query", "response");
        assert_int_equal(decode(&message, packets), 2);
        assert_int_equal(packets[0].lacks, names_client[type] ? 0 : LACKS_CLIENT);
        assert_int_equal(packets[1].lacks, packets[0].lacks);
    }
}

static void every_protocol_is_datagrams_or_a_stream(void **unused)
{
    (void)unused;
    static const struct {
        unsigned protocol;
        enum transport transport;
    } cases[] = {{1, TRANSPORT_UDP}, {2, TRANSPORT_TCP}, {3, TRANSPORT_TCP},
                 {4, TRANSPORT_TCP}, {5, TRANSPORT_UDP}, {6, TRANSPORT_TCP},
                 {7, TRANSPORT_TCP}, {8, TRANSPORT_TCP}, {4000000000, TRANSPORT_TCP}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dnstap_build message = {0};
        struct packet packets[2];
        tap_message(&message, DNSTAP_CLIENT_QUERY, "query", NULL);
        tap_number(&message, 3, cases[i].protocol);
        assert_int_equal(decode(&message, packets), 1);
        assert_int_equal(packets[0].transport, cases[i].transport);
    }
}

static void an_address_that_is_missing_or_unspecified_is_no_client(void **unused)
{
    (void)unused;
    static const struct {
        const char *bytes;
        size_t len;
        uint8_t lacks;
    } cases[] = {
        {"", 0, LACKS_CLIENT},
        {"\0\0\0\0", 4, LACKS_CLIENT},
        {"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16, LACKS_CLIENT},
        {"abc", 3, LACKS_CLIENT},
        {"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16, 0},
        {"\xc0\0\2\1", 4, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dnstap_build message = {0};
        struct packet packets[2];
        tap_message(&message, DNSTAP_CLIENT_QUERY, "query", NULL);
        tap_field(&message, 4, cases[i].bytes, cases[i].len); /* the last of a field counts */
        assert_int_equal(decode(&message, packets), 1);
        assert_int_equal(packets[0].lacks, cases[i].lacks);
    }
}

static void what_is_not_known_is_passed_over(void **unused)
{
    (void)unused;
    struct dnstap_build message = {0};
    struct packet packets[2];
    tap_number(&message, 16, 2);
    tap_field(&message, 15, "policy", 6);
    tap_fixed32(&message, 500, 7);
    tap_varint(&message, 501 << 3 | 1);
    tap_bytes(&message, "12345678", 8);
    tap_number(&message, 10, 5);       /* a known field of another wire type */
    tap_field(&message, 6, "port", 4); /* the same */
    tap_message(&message, DNSTAP_CLIENT_QUERY, "query", NULL);
    tap_number(&message, 6, 70000); /* no port has this number */
    assert_int_equal(decode(&message, packets), 1);
    assert_memory_equal(packets[0].data, "query", 5);
    assert_int_equal(packets[0].src_port, 0);
}

static void a_message_without_time_happened_with_the_one_before(void **unused)
{
    (void)unused;
    struct dnstap_build message = {0};
    struct packet packets[2];
    tap_number(&message, 1, DNSTAP_CLIENT_RESPONSE);
    tap_field(&message, 14, "response", 8);
    assert_int_equal(decode(&message, packets), 1);
    assert_int_equal(packets[0].time_ns, 77);
    tap_number(&message, 8, 5); /* of its query, if of nothing else */
    assert_int_equal(decode(&message, packets), 1);
    assert_int_equal(packets[0].time_ns, 5 * NS_PER_S);
}

static void times_far_away_stay_in_range(void **unused)
{
    (void)unused;
    static const uint64_t seconds[] = {UINT64_MAX, INT64_MAX, INT64_MAX / NS_PER_S};
    for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
        struct dnstap_build message = {0};
        struct packet packets[2];
        tap_message(&message, DNSTAP_CLIENT_QUERY, "query", NULL);
        tap_number(&message, 8, seconds[i]);
        tap_fixed32(&message, 9, UINT32_MAX);
        assert_int_equal(decode(&message, packets), 1);
        assert_in_range(packets[0].time_ns, 1, INT64_MAX / 2);
    }
}

static void what_tells_of_no_message_is_other(void **unused)
{
    (void)unused;
    struct dnstap_build message = {0}, kind = {0}, empty = {0}, none = {0};
    struct dnstap dnstap;
    tap_message(&message, DNSTAP_CLIENT_QUERY, "query", NULL);
    tap_field(&kind, 14, message.data, message.len);
    tap_number(&kind, 15, 2);
    assert_int_equal(dnstap_decode(kind.data, kind.len, &dnstap), DNSTAP_OTHER);
    message.len = 0;
    tap_message(&message, DNSTAP_CLIENT_QUERY, "", "");
    tap_payload(&empty, &message);
    assert_int_equal(dnstap_decode(empty.data, empty.len, &dnstap), DNSTAP_OTHER);
    assert_int_equal(dnstap_decode(none.data, 0, &dnstap), DNSTAP_OTHER);
}

static void broken_protobuf_is_broken(void **unused)
{
    (void)unused;
    static const struct {
        const char *bytes;
        size_t len;
    } cases[] = {
        {"\x08", 1},                                          /* no value */
        {"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 11}, /* longer than any number */
        {"\x0d\1\2\3", 4},                                    /* four bytes promised */
        {"\x09\1\2\3\4\5\6\7", 8},                            /* eight promised */
        {"\x0a\x05query", 6},                                 /* length beyond the end */
        {"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11}, /* the same, by far */
        {"\x0b\x0c", 2},                                      /* a group */
        {"\x0e", 1},                                          /* no such wire type */
        {"\x02\x00", 2},                                      /* no such field */
        {"\x72\x01\x08", 3},                                  /* broken inside the message */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dnstap dnstap;
        assert_int_equal(dnstap_decode((const uint8_t *)cases[i].bytes, cases[i].len, &dnstap),
                         DNSTAP_BROKEN);
    }
}

static void a_message_longer_than_dns_allows_is_broken(void **unused)
{
    (void)unused;
    static uint8_t payload[66000];
    struct dnstap dnstap;
    const uint8_t head[] = {14 << 3 | 2, 0x84, 0x80, 0x04, 10 << 3 | 2, 0x80, 0x80, 0x04};
    memcpy(payload, head, sizeof(head)); /* 65536 bytes, in a message of 65540 */
    payload[sizeof(head) + 65536] = 15 << 3;
    payload[sizeof(head) + 65537] = 1;
    size_t len = sizeof(head) + 65538;
    assert_int_equal(dnstap_decode(payload, len, &dnstap), DNSTAP_BROKEN);
}

static void a_payload_cut_at_any_byte_is_told(void **unused)
{
    (void)unused;
    struct dnstap_build message = {0}, payload = {0};
    struct dnstap dnstap;
    tap_message(&message, DNSTAP_CLIENT_RESPONSE, "query", "response");
    tap_payload(&payload, &message);
    for (size_t len = 0; len < payload.len; len++)
        assert_int_not_equal(dnstap_decode(payload.data, len, &dnstap), DNSTAP_GOOD);
    assert_int_equal(dnstap_decode(payload.data, payload.len, &dnstap), DNSTAP_GOOD);
    assert_memory_equal(dnstap.identity.data, "ns1", dnstap.identity.len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_query_goes_from_client_to_server),
        cmocka_unit_test(both_halves_in_one_come_as_query_and_response),
        cmocka_unit_test(only_legs_of_clients_name_one),
        cmocka_unit_test(every_protocol_is_datagrams_or_a_stream),
        cmocka_unit_test(an_address_that_is_missing_or_unspecified_is_no_client),
        cmocka_unit_test(what_is_not_known_is_passed_over),
        cmocka_unit_test(a_message_without_time_happened_with_the_one_before),
        cmocka_unit_test(times_far_away_stay_in_range),
        cmocka_unit_test(what_tells_of_no_message_is_other),
        cmocka_unit_test(broken_protobuf_is_broken),
        cmocka_unit_test(a_message_longer_than_dns_allows_is_broken),
        cmocka_unit_test(a_payload_cut_at_any_byte_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
