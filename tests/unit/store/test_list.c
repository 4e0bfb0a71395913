/* test_list.c - pages, searches and counts tell the same as looking through every alert
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/count.h"
#include "store/filter.h"

#include "life_fixture.h"

#include <errno.h>

enum { ALERTS = 60 };

static void alerts_put(void)
{
    for (unsigned i = 0; i < ALERTS; i++) {
        struct alert alert;
        alert_build(&alert, i);
        alert.detector = (uint8_t)(i % DETECTOR_COUNT);
        alert.severity = (uint8_t)(i % SEVERITY_COUNT);
        alert.count = i % 7;
        alert.start_ns -= i % 3 ? 0 : 86400ll * 1000000000 * (i % 5);
        snprintf(alert.entity_ip, sizeof(alert.entity_ip), "198.51.100.%u", i % 4);
        snprintf(alert.domain, sizeof(alert.domain), "d%u.example", i % 9);
        put(&alert);
    }
}

static int id_add(void *context, const struct alert *alert, struct error *err)
{
    (void)err;
    char *text = context;
    unsigned number = (unsigned)strtoul(strchr(alert->id, '_') + 1, NULL, 16);
    sprintf(text + strlen(text), "%u ", number);
    return 0;
}

static void pages_in_any_order_make_the_whole_list(void **state)
{
    (void)state;
    static const char *const orders[] = {"newest", "oldest", "severity", "-severity", "count",
                                         "-count", "entity", "-entity",  "domain",    "-domain"};
    alerts_put();
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        struct store_filter filter = {.limit = 7};
        struct store_cursor cursor = {""}, next;
        char whole[512] = "", pages[512] = "";
        assert_true(filter_sort_parse(orders[i], &filter.sort, &filter.reverse));
        do {
            must(store_list_page(store, &filter, cursor.text, id_add, pages, &next, &error));
            cursor = next;
        } while (*cursor.text);
        filter.limit = 0;
        must(store_list(store, &filter, id_add, whole, &error));
        assert_string_equal(pages, whole);
    }
}

/* Reads what there is in pages that look at three alerts each; returns how many pages that took. */
static unsigned pages_read(const struct store_filter *filter, char *text)
{
    struct store *reader;
    struct store_cursor cursor = {""}, next;
    unsigned pages = 0;
    must(store_open(path, STORE_READ, &(struct store_config){.look_max = 3}, &reader, &error));
    do {
        must(store_list_page(reader, filter, cursor.text, id_add, text, &next, &error));
        cursor = next;
        pages++;
    } while (*cursor.text);
    must(store_close(reader, &error));
    return pages;
}

static void a_page_looks_at_few_alerts_and_the_next_goes_on(void **state)
{
    (void)state;
    static const char *const orders[] = {"newest", "-count", "entity", "-domain"};
    alerts_put();
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        char whole[512] = "", pages[512] = "";
        struct store_filter filter = {.tactics = ~0u, .domain = "d5.example", .limit = 50};
        assert_true(filter_sort_parse(orders[i], &filter.sort, &filter.reverse));
        assert_true(pages_read(&filter, pages) > ALERTS / 4);
        must(store_list(store, &filter, id_add, whole, &error));
        assert_string_equal(pages, whole);
        assert_true(strlen(whole) > 0);
    }
}

static void pages_of_one_machine_make_its_whole_list(void **state)
{
    (void)state;
    alerts_put();
    for (unsigned reverse = 0; reverse < 2; reverse++) {
        char whole[512] = "", pages[512] = "";
        struct store_filter filter = {.entity_ip = "198.51.100.2", .limit = 2, .reverse = reverse};
        assert_true(pages_read(&filter, pages) > 4);
        filter.limit = 0;
        must(store_list(store, &filter, id_add, whole, &error));
        assert_string_equal(pages, whole);
        assert_true(strlen(whole) > 0);
    }
}

static void a_span_of_time_finds_short_and_long_alerts_that_touch_it(void **state)
{
    (void)state;
    static const int64_t hour_ns = 3600ll * 1000000000, lasts_h[] = {0, 1, 23, 25, 24 * 40};
    for (unsigned i = 0; i < ALERTS; i++) {
        struct alert alert;
        alert_build(&alert, i);
        alert.start_ns = 1000 * 24 * hour_ns + i * 20 * hour_ns;
        alert.end_ns = alert.start_ns + lasts_h[i % 5] * hour_ns;
        put(&alert);
    }
    for (unsigned i = 0; i < 40; i++) {
        char found[512] = "", expected[512] = "";
        struct store_filter filter = {.since_ns = 1000 * 24 * hour_ns + i * 31 * hour_ns};
        filter.until_ns = filter.since_ns + (i % 4 + 1) * 9 * hour_ns;
        must(store_list(store, &filter, id_add, found, &error));
        for (unsigned j = ALERTS; j-- > 0;) {
            int64_t start_ns = 1000 * 24 * hour_ns + j * 20 * hour_ns;
            if (start_ns < filter.until_ns &&
                start_ns + lasts_h[j % 5] * hour_ns >= filter.since_ns)
                sprintf(expected + strlen(expected), "%u ", j);
        }
        assert_string_equal(found, expected);
    }
}

static void a_damaged_cursor_is_refused(void **state)
{
    (void)state;
    struct store_filter filter = {.limit = 7};
    struct store_cursor cursor, next;
    char text[512] = "";
    alerts_put();
    must(store_list_page(store, &filter, "", id_add, text, &cursor, &error));
    for (size_t i = 0; cursor.text[i]; i++) {
        struct store_cursor damaged = cursor;
        damaged.text[i] = damaged.text[i] == '0' ? '1' : '0';
        assert_int_equal(store_list_page(store, &filter, damaged.text, id_add, text, &next, &error),
                         -EINVAL);
        damaged.text[i] = 0;
        if (i > 0)
            assert_int_equal(
                store_list_page(store, &filter, damaged.text, id_add, text, &next, &error),
                -EINVAL);
    }
    filter.reverse = true;
    assert_int_equal(store_list_page(store, &filter, cursor.text, id_add, text, &next, &error),
                     -EINVAL);
}

static void hostile_searches_are_only_text(void **state)
{
    (void)state;
    static const struct {
        const char *text, *numbers;
    } cases[] = {
        {"\"quoted\"", "3 "},
        {"d3.EXAMPLE", "3 "},
        {"\" OR \"a", ""},
        {"text:d3", ""},
        {"*", ""},
        {"NEAR(a b)", ""},
        {"'; DROP TABLE alert; --", ""},
        {"\xff\xfe\xfd", ""},
        {"d3", "3 "},
        {"a\\046b", "3 "},
        {"test\nd3.example", "3 "},
        {"192.0.2.7", "3 "},
        {"in cname", ""},
        {"example.test,c2", "3 "},
    };
    struct alert alert;
    alert_build(&alert, 3);
    snprintf(alert.domain, sizeof(alert.domain), "d3.example");
    put(&alert);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[64] = "";
        const struct store_filter filter = {.search = cases[i].text};
        must(store_list(store, &filter, id_add, text, &error));
        if (strcmp(text, cases[i].numbers) != 0)
            fail_msg("%s: %s", cases[i].text, text);
    }
}

static void a_search_follows_what_changes_and_goes(void **state)
{
    (void)state;
    struct alert alert;
    size_t deleted;
    char text[64] = "";
    alert_build(&alert, 3);
    put(&alert);
    alert.count++;
    snprintf(alert.domain, sizeof(alert.domain), "renamed.example");
    put(&alert);
    must(store_list(store, &(struct store_filter){.search = "domain3"}, id_add, text, &error));
    assert_string_equal(text, "");
    must(store_list(store, &(struct store_filter){.search = "renamed"}, id_add, text, &error));
    assert_string_equal(text, "3 ");
    must(store_purge(store, INT64_MAX, &deleted, &error));
    assert_int_equal(deleted, 1);
    assert_int_equal(meddle("INSERT INTO alert_fts (alert_fts) VALUES ('integrity-check')"),
                     SQLITE_OK);
    struct store_totals totals;
    must(store_count(store, &(struct store_filter){0}, &totals, &error));
    assert_int_equal(totals.alerts, 0);
}

static int group_sum(void *context, const struct store_group *group, struct error *err)
{
    (void)err;
    char *text = context;
    sprintf(text + strlen(text), "%s=%llu/%u ", group->key, (unsigned long long)group->count,
            group->severity);
    return 0;
}

/* A filter that excludes nothing takes the way that counts what it finds. */
static void tallies_and_counting_agree_whatever_changes(void **state)
{
    (void)state;
    size_t changed, deleted;
    struct store_change change = STORE_CHANGE_NONE;
    alerts_put();
    change.actor = "user:ann";
    change.status = ALERT_STATUS_RESOLVED;
    must(store_set(store, &(struct store_filter){.detectors = 7}, &change, &changed, &error));
    assert_true(changed > 0);
    alerts_put();
    meddle("UPDATE alert SET kept_ns = 1 WHERE count = 4");
    must(store_purge(store, 2, &deleted, &error));
    assert_true(deleted > 0);
    for (unsigned axis = 0; axis < STORE_AXES; axis++) {
        char tallied[1024] = "", counted[1024] = "";
        struct store_filter filter = {.severity_min = axis % 2};
        must(store_groups(store, &filter, axis, 0, group_sum, tallied, &error));
        filter.since_ns = 1;
        must(store_groups(store, &filter, axis, 0, group_sum, counted, &error));
        assert_string_equal(tallied, counted);
        assert_true(strlen(tallied) > 0);
    }
}

static void precision_is_what_people_said(void **state)
{
    (void)state;
    struct store_precision precisions[DETECTOR_COUNT];
    static const struct {
        uint8_t disposition, feedback;
        bool sample;
    } said[] = {
        {DISPOSITION_TRUE_POSITIVE, FEEDBACK_NOT_USEFUL, false}, /* right */
        {DISPOSITION_FALSE_POSITIVE, FEEDBACK_USEFUL, false},    /* wrong */
        {DISPOSITION_NONE, FEEDBACK_USEFUL, false},              /* right */
        {DISPOSITION_BENIGN, FEEDBACK_NOT_USEFUL, false},        /* wrong */
        {DISPOSITION_BENIGN, FEEDBACK_USEFUL, false},            /* right */
        {DISPOSITION_EXPECTED, FEEDBACK_NONE, false},            /* nothing */
        {DISPOSITION_TRUE_POSITIVE, FEEDBACK_NONE, true},        /* a sample */
    };
    for (unsigned i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
        struct alert alert;
        alert_build(&alert, i);
        alert.disposition = said[i].disposition;
        alert.feedback = said[i].feedback;
        alert.sample = said[i].sample;
        put(&alert);
    }
    must(store_precisions(store, precisions, &error));
    assert_int_equal(precisions[DETECTOR_THREAT_INTEL].right, 3);
    assert_int_equal(precisions[DETECTOR_THREAT_INTEL].wrong, 2);
    assert_int_equal(precisions[DETECTOR_DARK_WEB].right, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIFE_TEST(pages_in_any_order_make_the_whole_list),
        LIFE_TEST(a_page_looks_at_few_alerts_and_the_next_goes_on),
        LIFE_TEST(pages_of_one_machine_make_its_whole_list),
        LIFE_TEST(a_span_of_time_finds_short_and_long_alerts_that_touch_it),
        LIFE_TEST(a_damaged_cursor_is_refused),
        LIFE_TEST(hostile_searches_are_only_text),
        LIFE_TEST(a_search_follows_what_changes_and_goes),
        LIFE_TEST(tallies_and_counting_agree_whatever_changes),
        LIFE_TEST(precision_is_what_people_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
