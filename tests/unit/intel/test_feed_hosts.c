/* test_feed_hosts.c - tests of lists in the format of /etc/hosts
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/feed.h"

#include "cmocka_all.h"
#include "feed_once.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *line;
    enum refusal refusal;
    unsigned count;
    const char *first;
} cases[] = {
    {"0.0.0.0 bad.com", REFUSAL_NONE, 1, "bad.com"},
    {"127.0.0.1\tbad.com\t# why", REFUSAL_NONE, 1, "bad.com"},
    {"::1 bad.com", REFUSAL_NONE, 1, "bad.com"},
    {":: bad.com", REFUSAL_NONE, 1, "bad.com"},
    {"0.0.0.0 a.com b.com  c.com", REFUSAL_NONE, 3, "a.com"},
    {"127.0.0.1 localhost localhost.localdomain bad.com", REFUSAL_NONE, 1, "bad.com"},
    {"127.0.0.1 localhost", REFUSAL_NONE, 0, NULL},
    {"255.255.255.255 broadcasthost", REFUSAL_NONE, 0, NULL},
    {"ff02::1 ip6-allnodes", REFUSAL_NONE, 0, NULL},
    {"0.0.0.0 0.0.0.0", REFUSAL_NONE, 0, NULL},
    {"93.184.216.34 bad.com", REFUSAL_NOT_BLOCKING, 0, NULL},
    {"0.0.0.0", REFUSAL_NOT_A_NAME, 0, NULL},
    {"0.0.0.0 # nothing", REFUSAL_NOT_A_NAME, 0, NULL},
    {"bad.com", REFUSAL_NOT_A_NAME, 0, NULL},
};

static void hosts_lines_stand_for_their_names_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct feed_line out;
        struct slice line = {cases[i].line, strlen(cases[i].line)};
        assert_int_equal(line_once(FEED_HOSTS, line, &out), cases[i].refusal);
        if (cases[i].refusal)
            continue;
        assert_int_equal(out.item_count, cases[i].count);
        if (!cases[i].first)
            continue;
        assert_true(slice_equal(out.items[0].host, cases[i].first));
        assert_int_equal(out.items[0].scope, SCOPE_EXACT);
    }
}

static void more_than_64_names_on_a_line_are_refused(void **state)
{
    (void)state;
    char text[1024] = "0.0.0.0";
    size_t len = strlen(text);
    struct feed_line out;
    for (unsigned i = 0; i < FEED_ITEMS_MAX; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, " n%u.com", i);
    assert_int_equal(line_once(FEED_HOSTS, (struct slice){text, len}, &out), REFUSAL_NONE);
    assert_int_equal(out.item_count, FEED_ITEMS_MAX);
    len += (size_t)snprintf(text + len, sizeof(text) - len, " more.com");
    assert_int_equal(line_once(FEED_HOSTS, (struct slice){text, len}, &out),
                     REFUSAL_TOO_MANY_NAMES);
}

static void a_nul_byte_does_not_stop_the_reader(void **state)
{
    (void)state;
    static const char text[] = "0.0.0.0 a\0b.com c.com";
    struct feed_line out;
    assert_int_equal(line_once(FEED_HOSTS, (struct slice){text, sizeof(text) - 1}, &out),
                     REFUSAL_NONE);
    assert_int_equal(out.item_count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_lines_stand_for_their_names_alone),
        cmocka_unit_test(more_than_64_names_on_a_line_are_refused),
        cmocka_unit_test(a_nul_byte_does_not_stop_the_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
