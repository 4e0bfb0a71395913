/* test_feed_rpz.c - tests of response policy zones
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "feed_once.h"

#define HEAD "$TTL 30\n@ IN SOA ns.test. root.test. (1 2\n 3 4 5) ; serial\n NS localhost.\n"

static void triggers_on_names_and_addresses_are_taken(void **state)
{
    (void)state;
    static const struct list_case cases[] = {
        {HEAD "bad.com CNAME .\n*.bad.com 60 IN CNAME *.\n", "=bad.com *.bad.com"},
        {HEAD "bad.com A 127.0.0.1\n TXT \"a;b\"\n", "=bad.com =bad.com"},
        {HEAD "24.0.2.0.192.rpz-ip CNAME .\n32.9.9.9.9.rpz-ip CNAME rpz-drop.\n",
         "=192.0.2.0/24 =9.9.9.9/32"},
        {HEAD "48.zz.1.db8.2001.rpz-ip CNAME .\n128.1.zz.rpz-ip CNAME .\n128.1.zz.2a00.rpz-ip A "
              "0.0.0.0\n",
         "=2001:db8:1::/48 =::1/128 =2a00::1/128"},
        {HEAD "ns.bad.com.rpz-nsdname CNAME .\n*.ns.org.RPZ-NSDNAME IN 5m CNAME .\n",
         "=ns.bad.com *.ns.org"},
    };
    LISTS_SHOW(FEED_RPZ, cases);
}

static void names_are_taken_relative_to_their_zone(void **state)
{
    (void)state;
    static const struct list_case cases[] = {
        {"rpz.test. SOA a. b. 1 2 3 4 5\nbad.com.rpz.test. CNAME .\nother.com. CNAME .\n",
         "=bad.com -3:no-record"},
        {"$ORIGIN rpz.test.\n@ SOA a. b. 1 2 3 4 5\nbad.com CNAME .\n$ORIGIN com.rpz.test.\nworse "
         "CNAME .\n",
         "=bad.com =worse.com"},
        {"$ORIGIN rpz.test.\n@ TXT \"the zone\"\nrpz.test. TXT x\n", ""},
    };
    LISTS_SHOW(FEED_RPZ, cases);
}

static void what_lets_through_or_cannot_be_seen_is_refused(void **state)
{
    (void)state;
    static const struct list_case cases[] = {
        {"ok.com CNAME rpz-passthru.\nok.com CNAME ok.com.\n", "-1:exception -2:exception"},
        {"x.com CNAME rpz-tcp-only.\n", "-1:not-blocking"},
        {"8.0.0.0.10.rpz-client-ip CNAME .\n32.1.2.3.4.rpz-nsip CNAME .\n",
         "-1:other-trigger -2:other-trigger"},
        {"1.2.3.4.5.6.7.8.9.10.rpz-ip CNAME .\n", "-1:bad-prefix"},
        {" CNAME .\nbad.com\nbad.com LOC x\n$INCLUDE /etc/passwd\n$ORIGIN rel\n",
         "-1:no-record -2:no-record -3:no-record -4:other-option -5:other-option"},
    };
    LISTS_SHOW(FEED_RPZ, cases);
}

static void a_parenthesis_left_open_refuses_the_zone(void **state)
{
    (void)state;
    assert_string_equal(list_show(FEED_RPZ, NULL, "@ SOA a. b. ( 1 2\nbad.com CNAME .\n"),
                        "list: line 2: a parenthesis is not closed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(triggers_on_names_and_addresses_are_taken),
        cmocka_unit_test(names_are_taken_relative_to_their_zone),
        cmocka_unit_test(what_lets_through_or_cannot_be_seen_is_refused),
        cmocka_unit_test(a_parenthesis_left_open_refuses_the_zone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
