/* test_feed_dnsmasq.c - tests of lists as configuration of dnsmasq
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "feed_once.h"

static void names_that_lead_nowhere_are_taken_with_what_is_below(void **state)
{
    (void)state;
    static const struct list_case cases[] = {
        {"address=/bad.com/0.0.0.0\naddress=/worse.com/\naddress=/x.org/#\n",
         "bad.com worse.com x.org"},
        {"address=/a.com/b.com/::\nserver=/c.com/\nlocal=/d.com/ # note\n",
         "a.com b.com c.com d.com"},
        {"address = /.bad.com/127.0.0.1\n", "bad.com"},
    };
    LISTS_SHOW(FEED_DNSMASQ, cases);
}

static void other_lines_are_refused(void **state)
{
    (void)state;
    static const struct list_case cases[] = {
        {"address=/real.com/9.9.9.9\n", "-1:not-blocking"},
        {"server=/corp.com/9.9.9.9\nserver=/corp.com/#\n", "-1:not-blocking -2:not-blocking"},
        {"server=9.9.9.9\nno-resolv\naddress=bad.com\n",
         "-1:other-option -2:other-option -3:other-option"},
        {"address=/#/0.0.0.0\naddress=/*.a.com/\n", "-1:pattern -2:pattern"},
        {"address=/a.com/ b.com\n", "-1:extra-words"},
    };
    LISTS_SHOW(FEED_DNSMASQ, cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_lead_nowhere_are_taken_with_what_is_below),
        cmocka_unit_test(other_lines_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
