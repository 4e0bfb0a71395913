/* test_filter.c - filters from text: each name is known, each value understood or refused
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/filter.h"

#include "cmocka_all.h"

#include <errno.h>
#include <string.h>

static struct error error;

static void every_filter_takes_a_value_and_tells_what_it_expects(void **state)
{
    (void)state;
    static const struct {
        const char *name, *good, *bad;
    } cases[FILTER_COUNT] = {
        [FILTER_status] = {"status", "active,in-progress", "active,,dismissed"},
        [FILTER_severity] = {"severity", "HIGH", "4"},
        [FILTER_severities] = {"severities", "low,high", "low,"},
        [FILTER_type] = {"type", "dark_web,AzureDNS_PhishingDomain", "dark"},
        [FILTER_tactic] = {"tactic", "Initial Access", "impact"},
        [FILTER_entity] = {"entity", "::ffff:192.0.2.1", "192.0.2"},
        [FILTER_name] = {"name", "laptop", ""},
        [FILTER_owner] = {"owner", "Ann", ""},
        [FILTER_tag] = {"tag", "server", ""},
        [FILTER_ip] = {"ip", "2001:DB8::1", "2001:db8::/32"},
        [FILTER_domain] = {"domain", "Example.TEST.", "a..b"},
        [FILTER_search] = {"search", "%_\"", ""},
        [FILTER_assignee] = {"assignee", "none", ""},
        [FILTER_disposition] = {"disposition", "benign,none", "good"},
        [FILTER_suppressed_by] = {"suppressed_by", "lab", ""},
        [FILTER_incident] = {"incident", "x", ""},
        [FILTER_feedback] = {"feedback", "not_useful", "bad"},
        [FILTER_contact] = {"contact", "not-mine,asked", "yes"},
        [FILTER_compromised] = {"compromised", "yes", "maybe"},
        [FILTER_sample] = {"sample", "no", "0"},
        [FILTER_since] = {"since", "7d", "yesterday"},
        [FILTER_until] = {"until", "2026-01-31", "2026-01-31T"},
    };
    struct filter filter = {0};
    for (unsigned i = 0; i < FILTER_COUNT; i++) {
        assert_int_equal(filter_set(&filter, cases[i].name, cases[i].bad, &error), -EINVAL);
        assert_non_null(strstr(error.text, filter_rows[i].value));
        assert_int_equal(filter_set(&filter, cases[i].name, cases[i].good, &error), 0);
        assert_true(filter.given & 1u << i);
    }
    assert_string_equal(filter.set.entity_ip, "192.0.2.1");
    assert_string_equal(filter.set.ip, "2001:db8::1");
    assert_string_equal(filter.set.domain, "example.test");
    assert_string_equal(filter.set.assignee, "");
    assert_int_equal(filter.set.statuses, 1 << ALERT_STATUS_ACTIVE | 1 << ALERT_STATUS_IN_PROGRESS);
    assert_int_equal(filter.set.samples, 1);
}

static void unknown_names_are_told(void **state)
{
    (void)state;
    static const char *const names[] = {"", "stat", "statuses", "suppressed by", "suppressed"};
    struct filter filter = {0};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_int_equal(filter_set(&filter, names[i], "x", &error), -ENOENT);
    assert_int_equal(filter.given, 0);
}

static void an_order_may_be_turned_round(void **state)
{
    (void)state;
    enum store_sort sort, turned;
    bool reverse, other;
    assert_true(filter_sort_parse("oldest", &sort, &reverse));
    assert_true(filter_sort_parse("-newest", &turned, &other));
    assert_true(sort == turned && reverse == other);
    assert_false(filter_sort_parse("--newest", &sort, &reverse));
    assert_false(filter_sort_parse("", &sort, &reverse));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_filter_takes_a_value_and_tells_what_it_expects),
        cmocka_unit_test(unknown_names_are_told),
        cmocka_unit_test(an_order_may_be_turned_round),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
