/* test_feed_suricata.c - tests of datasets of Suricata
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "feed_once.h"

static void strings_in_base64_are_names_alone(void **state)
{
    (void)state;
    static const struct list_case cases[] = {
        {"YmFkLmNvbQ==\nLndvcnNlLmNvbQ==,20\n", "=bad.com worse.com"},
        {"YS5iYWQuY29t\n", "=a.bad.com"},
        {"aHR0cDovL2JhZC5jb20veA==\n", "=bad.com/"},
        {"9.9.9.9\n9.9.9.0/24,5\n2a00::1\n", "=9.9.9.9 =9.9.9.0/24 =2a00::1"},
    };
    LISTS_SHOW(FEED_SURICATA, cases);
}

static void what_is_not_base64_is_refused(void **state)
{
    (void)state;
    static const struct list_case cases[] = {
        {"YmFkLmNvbQ=\nYmFk LmNv\n====\nbad.com\n",
         "-1:bad-base64 -2:bad-base64 -3:bad-base64 -4:bad-base64"},
        {"YmF=LmNv\n", "-1:bad-base64"},
    };
    LISTS_SHOW(FEED_SURICATA, cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_in_base64_are_names_alone),
        cmocka_unit_test(what_is_not_base64_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
