/* test_special.c - which addresses lead to places that others must not send us to
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/special.h"

#include <netinet/in.h>
#include <sys/un.h>

static bool is_special(const char *text)
{
    struct addr addr;
    assert_true(addr_parse(text, strlen(text), &addr));
    return special_addr(&addr);
}

static void private_and_local_addresses_are_special_in_every_form(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "127.0.0.1",
        "127.255.255.254",
        "10.1.2.3",
        "172.31.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "168.63.129.16",
        "198.18.0.1",
        "192.0.0.192",
        "::",
        "::1",
        "fe80::1",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a00:1",
        "2002:7f00:1::1",
        "2002:c0a8:101::1",
        "::10.0.0.1",
        "fec0::1",
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        if (!is_special(cases[i]))
            fail_msg("%s is not special", cases[i]);
}

static void public_addresses_are_not(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "8.8.8.8",         "172.32.0.1",    "100.128.0.1",    "169.253.0.1",
        "192.0.2.1",       "2001:db8::1",   "2600::1",        "64:ff9b::808:808",
        "2002:808:808::1", "168.63.129.17", "::ffff:8.8.8.8",
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        if (is_special(cases[i]))
            fail_msg("%s is special", cases[i]);
}

static void a_socket_that_is_not_of_the_internet_is_special(void **state)
{
    (void)state;
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x08080808)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    assert_true(special_sockaddr((const struct sockaddr *)&local));
    assert_false(special_sockaddr((const struct sockaddr *)&v4));
    assert_true(special_sockaddr((const struct sockaddr *)&v6));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(private_and_local_addresses_are_special_in_every_form),
        cmocka_unit_test(public_addresses_are_not),
        cmocka_unit_test(a_socket_that_is_not_of_the_internet_is_special),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
