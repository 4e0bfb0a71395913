/* test_count.c - tallies tell what counting every alert would, whatever happens to alerts
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/count.h"

#include "base/clock.h"
#include "life_fixture.h"
#include "prng.h"
#include "tally_check.h"

enum { ALERTS = 40, STEPS = 300 };

static void random_put(struct prng *prng)
{
    struct alert alert;
    alert_build(&alert, prng_below(prng, ALERTS));
    alert.detector = (uint8_t)prng_below(prng, DETECTOR_COUNT);
    alert.severity = (uint8_t)prng_below(prng, SEVERITY_COUNT);
    alert.count = 1 + prng_below(prng, 1000);
    alert.start_ns -= prng_below(prng, 100) * 3600 * NS_PER_S;
    snprintf(alert.entity_ip, sizeof(alert.entity_ip), "198.51.100.%u", prng_below(prng, 5));
    snprintf(alert.domain, sizeof(alert.domain), "d%u.example", prng_below(prng, 9));
    snprintf(alert.entity_owner, sizeof(alert.entity_owner), "owner%u", prng_below(prng, 3));
    put(&alert);
}

static void random_change(struct prng *prng)
{
    struct store_change change = STORE_CHANGE_NONE;
    const struct store_filter filter = {.statuses = 1u << prng_below(prng, ALERT_STATUS_COUNT),
                                        .severities = 1u << prng_below(prng, SEVERITY_COUNT)};
    size_t changed;
    change.actor = "user:ann";
    change.status = (int)prng_below(prng, ALERT_STATUS_COUNT);
    must(store_set(store, &filter, &change, &changed, &error));
}

static void random_purge(struct prng *prng)
{
    char sql[128];
    size_t deleted;
    snprintf(sql, sizeof(sql), "UPDATE alert SET kept_ns = 1 WHERE seq %% 5 = %u",
             prng_below(prng, 5));
    assert_int_equal(meddle(sql), SQLITE_OK);
    must(store_purge(store, 2, &deleted, &error));
}

static int64_t differences(void)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, TALLY_DIFFERENCES_SQL, -1, &statement, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t count = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return count;
}

static void tallies_equal_a_full_count_after_whatever_happened(void **state)
{
    (void)state;
    static void (*const steps[])(struct prng *) = {random_put, random_put, random_put,
                                                   random_change, random_purge};
    struct prng prng = {20};
    for (unsigned i = 0; i < STEPS; i++) {
        steps[prng_below(&prng, i % 10 ? 4 : 5)](&prng);
        if (differences() != 0)
            fail_msg("step %u", i);
    }
}

static int group_line(void *context, const struct store_group *group, struct error *err)
{
    (void)err;
    char *text = context;
    sprintf(text + strlen(text), "%s=%llu/%u ", group->key, (unsigned long long)group->count,
            group->severity);
    return 0;
}

/* A start of the time asked for that excludes nothing takes the way of counting what is found. */
static void whatever_the_filter_tallies_say_what_counting_says(void **state)
{
    (void)state;
    struct prng prng = {21};
    for (unsigned i = 0; i < 2 * ALERTS; i++)
        random_put(&prng);
    for (unsigned i = 0; i < 5; i++)
        random_change(&prng);
    for (unsigned i = 0; i < 400; i++) {
        struct store_filter filter = {
            .statuses = prng_below(&prng, 1u << ALERT_STATUS_COUNT),
            .severities = prng_below(&prng, 1u << SEVERITY_COUNT),
            .detectors = i % 3 ? 0 : (uint32_t)prng_next(&prng),
            .entity_ip = i % 5 ? NULL : "198.51.100.3",
        };
        struct store_totals totals, counted;
        char tallied_text[4096] = "", counted_text[4096] = "";
        enum store_axis axis = (enum store_axis)(i % STORE_AXES);
        must(store_count(store, &filter, &totals, &error));
        must(store_groups(store, &filter, axis, 0, group_line, tallied_text, &error));
        filter.since_ns = 1;
        must(store_count(store, &filter, &counted, &error));
        must(store_groups(store, &filter, axis, 0, group_line, counted_text, &error));
        assert_int_equal(totals.alerts, counted.alerts);
        assert_int_equal(totals.entities, counted.entities);
        assert_string_equal(tallied_text, counted_text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIFE_TEST(tallies_equal_a_full_count_after_whatever_happened),
        LIFE_TEST(whatever_the_filter_tallies_say_what_counting_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
