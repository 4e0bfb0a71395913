/* test_addr.c - addresses and prefixes read and written, and what is refused
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/addr.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void addresses_are_written_in_their_shortest_form(void **state)
{
    (void)state;
    static const struct {
        const char *text, *canonical;
    } cases[] = {
        {"192.0.2.1", "192.0.2.1"},
        {"0.0.0.0", "0.0.0.0"},
        {"255.255.255.255", "255.255.255.255"},
        {"::", "::"},
        {"::1", "::1"},
        {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
        {"2001:db8:0:1:0:0:0:1", "2001:db8:0:1::1"},
        {"::ffff:192.0.2.1", "192.0.2.1"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct addr addr, again;
        char text[ADDR_TEXT_MAX];
        assert_true(addr_parse(cases[i].text, strlen(cases[i].text), &addr));
        size_t len = addr_format(&addr, text);
        assert_int_equal(len, strlen(cases[i].canonical));
        assert_string_equal(text, cases[i].canonical);
        assert_true(addr_parse(text, strlen(text), &again));
        assert_true(addr_equal(&addr, &again));
    }
}

static void text_that_is_not_one_address_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.256",
        "01.2.3.4",
        " 1.2.3.4",
        "1.2.3.4 ",
        "1.2.3.4/8",
        "1.2.3.4:53",
        "fe80::1%lo",
        ":::",
        "1::2::3",
        "12345::",
        "[::1]",
        "localhost",
        "0x7f000001",
        "::ffff:1.2.3.256",
        "1:2:3:4:5:6:7:8:9",
        "0000:0000:0000:0000:0000:ffff:255.255.255.2555",
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct addr addr;
        if (addr_parse(cases[i], strlen(cases[i]), &addr))
            fail_msg("accepted '%s'", cases[i]);
    }
    struct addr addr;
    assert_false(addr_parse("1.2.3.4\0005", 9, &addr));
    assert_true(addr_parse("1.2.3.45", 7, &addr));
    assert_int_equal(addr.bytes[15], 4);
}

static void prefixes_survive_a_round_trip(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned bits;
        const char *canonical;
    } cases[] = {
        {"192.0.2.0/24", 120, "192.0.2.0/24"},  {"192.0.2.1", 128, "192.0.2.1"},
        {"192.0.2.1/32", 128, "192.0.2.1"},     {"192.0.2.130/31", 127, "192.0.2.130/31"},
        {"0.0.0.0/0", 96, "0.0.0.0/0"},         {"::/0", 0, "::/0"},
        {"2001:db8::/32", 32, "2001:db8::/32"}, {"2001:db8:8000::/33", 33, "2001:db8:8000::/33"},
        {"2001:db8::1", 128, "2001:db8::1"},    {"::ffff:192.0.2.0/120", 120, "192.0.2.0/24"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct prefix prefix, again;
        char text[ADDR_TEXT_MAX];
        assert_true(prefix_parse(cases[i].text, strlen(cases[i].text), &prefix));
        assert_int_equal(prefix.bits, cases[i].bits);
        size_t len = prefix_format(&prefix, text);
        assert_int_equal(len, strlen(cases[i].canonical));
        assert_string_equal(text, cases[i].canonical);
        assert_true(prefix_parse(text, strlen(text), &again));
        assert_int_equal(again.bits, prefix.bits);
        assert_true(addr_equal(&again.addr, &prefix.addr));
    }
}

static void text_that_is_not_one_prefix_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "/",
        "/8",
        "192.0.2.0/",
        "192.0.2.0/33",
        "192.0.2.1/24",
        "10.0.0.1/31",
        "::/129",
        "2001:db8::1/64",
        "192.0.2.0/-1",
        "192.0.2.0/+8",
        "192.0.2.0/ 8",
        "192.0.2.0/8 ",
        "192.0.2.0/1e1",
        "192.0.2.0/024x",
        "192.0.2.0/24/8",
        "192.0.2.0/0024",
        "192.0.2.0/4294967320",
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct prefix prefix;
        if (prefix_parse(cases[i], strlen(cases[i]), &prefix))
            fail_msg("accepted '%s'", cases[i]);
    }
}

static void a_prefix_contains_its_addresses_and_no_others(void **state)
{
    (void)state;
    static const struct {
        const char *prefix, *addr;
        bool inside;
    } cases[] = {
        {"192.0.2.0/24", "192.0.2.0", true},
        {"192.0.2.0/24", "192.0.2.255", true},
        {"192.0.2.0/24", "192.0.3.0", false},
        {"192.0.2.128/25", "192.0.2.127", false},
        {"192.0.2.7", "192.0.2.7", true},
        {"192.0.2.7", "192.0.2.6", false},
        {"0.0.0.0/0", "203.0.113.9", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"2001:db8::/33", "2001:db8:7fff::", true},
        {"2001:db8::/33", "2001:db8:8000::", false},
        {"::/0", "2001:db8::1", true},
        {"::/0", "192.0.2.1", true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct prefix prefix;
        struct addr addr;
        assert_true(prefix_parse(cases[i].prefix, strlen(cases[i].prefix), &prefix));
        assert_true(addr_parse(cases[i].addr, strlen(cases[i].addr), &addr));
        if (prefix_contains(&prefix, &addr) != cases[i].inside)
            fail_msg("%s in %s", cases[i].addr, cases[i].prefix);
    }
}

static void an_address_and_its_port_are_read_together(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *addr; /* NULL: refused */
        uint16_t port;
    } cases[] = {
        {"192.0.2.1:53", "192.0.2.1", 53},
        {"0.0.0.0:0", "0.0.0.0", 0},
        {"[2001:db8::1]:65535", "2001:db8::1", 65535},
        {"[::]:853", "::", 853},
        {"192.0.2.1", NULL, 0},
        {"192.0.2.1:", NULL, 0},
        {"192.0.2.1:65536", NULL, 0},
        {"192.0.2.1:99999999999999999999", NULL, 0},
        {"192.0.2.1:+5", NULL, 0},
        {"192.0.2.1: 5", NULL, 0},
        {"192.0.2.1:5x", NULL, 0},
        {"2001:db8::1:53", NULL, 0},
        {"[2001:db8::1]", NULL, 0},
        {"[2001:db8::1]53", NULL, 0},
        {"[2001:db8::1:53", NULL, 0},
        {"[]:53", NULL, 0},
        {":53", NULL, 0},
        {"localhost:53", NULL, 0},
        {"", NULL, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[ADDR_TEXT_MAX];
        struct addr addr;
        uint16_t port;
        bool read = addr_port_parse(cases[i].text, &addr, &port);
        if (read != (cases[i].addr != NULL))
            fail_msg("\"%s\" was %s", cases[i].text, read ? "read" : "refused");
        if (!read)
            continue;
        addr_format(&addr, text);
        assert_string_equal(text, cases[i].addr);
        assert_int_equal(port, cases[i].port);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_written_in_their_shortest_form),
        cmocka_unit_test(text_that_is_not_one_address_is_refused),
        cmocka_unit_test(prefixes_survive_a_round_trip),
        cmocka_unit_test(text_that_is_not_one_prefix_is_refused),
        cmocka_unit_test(a_prefix_contains_its_addresses_and_no_others),
        cmocka_unit_test(an_address_and_its_port_are_read_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
