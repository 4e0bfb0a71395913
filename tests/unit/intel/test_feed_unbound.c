/* test_feed_unbound.c - tests of lists as configuration of unbound
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "feed_once.h"

static void zones_and_data_that_block_are_taken(void **state)
{
    (void)state;
    static const struct list_case cases[] = {
        {"server:\n  local-zone: \"bad.com\" always_nxdomain\nlocal-zone: worse.com. static\n",
         "bad.com worse.com."},
        {"local-zone: \"bad.com\" redirect\nlocal-data: \"bad.com A 0.0.0.0\"\n",
         "bad.com =bad.com"},
        {"local-data: 'bad.com 60 IN AAAA ::'\n", "=bad.com"},
    };
    LISTS_SHOW(FEED_UNBOUND, cases);
}

static void zones_and_data_that_do_not_block_are_refused(void **state)
{
    (void)state;
    static const struct list_case cases[] = {
        {"local-zone: \"ok.com\" transparent\nlocal-zone: \"ok.com\"\n",
         "-1:not-blocking -2:not-blocking"},
        {"local-data: \"real.com A 9.9.9.9\"\nlocal-data: \"x.com TXT y\"\n",
         "-1:not-blocking -2:not-blocking"},
        {"forward-zone:\n  name: \".\"\n", "-1:other-option -2:other-option"},
        {"local-zone: \"\n", "-1:not-blocking"},
    };
    LISTS_SHOW(FEED_UNBOUND, cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zones_and_data_that_block_are_taken),
        cmocka_unit_test(zones_and_data_that_do_not_block_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
