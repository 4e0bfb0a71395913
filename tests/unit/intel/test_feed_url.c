/* test_feed_url.c - tests of lists of URLs
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "feed_once.h"

static void the_host_of_a_url_alone_is_taken(void **state)
{
    (void)state;
    static const struct list_case cases[] = {
        {"http://bad.com/a/b.exe\nhttps://x.bad.com:8443/?q\n", "=bad.com/ =x.bad.com/"},
        {"http://9.9.9.9/bin.sh\nhxxp://[2a00::1]/x\n", "=9.9.9.9/ =2a00::1/"},
        {"http://bad.com\n", "=bad.com"},
        {"bad.com\n", "bad.com"},
        {"http://bad.com/a b\nhttp://\n", "-1:extra-words -2:not-a-name"},
    };
    LISTS_SHOW(FEED_URL, cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_host_of_a_url_alone_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
