/* test_odd_port.c - DNS is told on any port, and nothing else is taken for it
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "decode/odd_port.h"
#include "message_build.h"
#include "prng.h"

#include <dnsvigil/dns.h>
#include <string.h>

static struct message_build b;

static bool is_dns(void)
{
    return odd_port_is_dns(b.data, (uint32_t)b.len, 40000, 5300);
}

static void queries_and_responses_of_programs_are_told(void **state)
{
    (void)state;
    build_query(&b, 1, "www.example.com", DNS_TYPE_A);
    assert_true(is_dns());
    build_edns_begin(&b, 1232, 0);
    build_record_end(&b);
    assert_true(is_dns());
    build_response(&b, 1, "www.example.com", DNS_TYPE_A, 3);
    assert_true(is_dns());
    build_response(&b, 1, "www.example.com", DNS_TYPE_TXT, 0);
    build_record(&b, DNS_SECTION_ANSWER, "www.example.com", DNS_TYPE_TXT, 60, "\"text\"");
    assert_true(is_dns());
}

static void ports_of_protocols_like_dns_are_left_alone(void **state)
{
    (void)state;
    static const uint16_t ports[] = {137, 443, 853, 5353, 5355, 8853};
    build_query(&b, 1, "www.example.com", DNS_TYPE_A);
    for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++) {
        assert_false(odd_port_is_dns(b.data, (uint32_t)b.len, 40000, ports[i]));
        assert_false(odd_port_is_dns(b.data, (uint32_t)b.len, ports[i], 40000));
    }
}

static void what_programs_do_not_send_is_not_taken_for_dns(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        size_t at;
        uint8_t value;
    } cases[] = {
        {"an operation", 2, 0x09}, {"an answer's bit", 2, 0x05},
        {"a code", 3, 0x01},       {"two questions", 5, 2},
        {"an answer", 7, 1},       {"records", 11, 2},
        {"a control byte", 13, 1}, {"a pointer", 12, 0xc0},
        {"a long label", 12, 63},  {"a class", 32, 3},
        {"a type", 29, 9},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        build_query(&b, 1, "www.example.com", DNS_TYPE_A);
        b.data[cases[i].at] = cases[i].value;
        if (is_dns())
            fail_msg("%s is taken for DNS", cases[i].what);
    }
    build_query(&b, 1, "host", DNS_TYPE_A); /* a single label */
    assert_false(is_dns());
    build_query(&b, 1, "www.example.com", DNS_TYPE_A);
    b.data[b.len++] = 0; /* something follows */
    assert_false(is_dns());
}

static void a_message_that_ends_early_is_none(void **state)
{
    (void)state;
    build_query(&b, 1, "www.example.com", DNS_TYPE_A);
    for (size_t len = 0; len < b.len; len++) {
        uint8_t exact[64];
        memcpy(exact, b.data, len);
        assert_false(odd_port_is_dns(exact, (uint32_t)len, 40000, 5300));
    }
}

static void random_bytes_are_never_dns(void **state)
{
    (void)state;
    struct prng prng = {.state = 5};
    uint8_t data[64];
    for (unsigned i = 0; i < 100000; i++) {
        for (size_t k = 0; k < sizeof(data); k++)
            data[k] = (uint8_t)prng_below(&prng, 256);
        assert_false(odd_port_is_dns(data, sizeof(data), 40000, 5300));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queries_and_responses_of_programs_are_told),
        cmocka_unit_test(ports_of_protocols_like_dns_are_left_alone),
        cmocka_unit_test(what_programs_do_not_send_is_not_taken_for_dns),
        cmocka_unit_test(a_message_that_ends_early_is_none),
        cmocka_unit_test(random_bytes_are_never_dns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
