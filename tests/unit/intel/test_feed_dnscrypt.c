/* test_feed_dnscrypt.c - tests of blocked names of dnscrypt-proxy
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "feed_once.h"

static void a_star_in_front_means_the_name_too(void **state)
{
    (void)state;
    static const struct list_case cases[] = {
        {"bad.com\n*.worse.com\n.x.org\n=exact.com # note\n", "bad.com worse.com x.org =exact.com"},
        {"  bad.com#note\n#all\n", "bad.com"},
    };
    LISTS_SHOW(FEED_DNSCRYPT, cases);
}

static void patterns_and_schedules_are_refused(void **state)
{
    (void)state;
    static const struct list_case cases[] = {
        {"ads.*\n*bad*\nad?.com\n", "-1:pattern -2:pattern -3:pattern"},
        {"bad.com @work\nbad.com worse.com\n", "-1:rule-options -2:extra-words"},
    };
    LISTS_SHOW(FEED_DNSCRYPT, cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_star_in_front_means_the_name_too),
        cmocka_unit_test(patterns_and_schedules_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
