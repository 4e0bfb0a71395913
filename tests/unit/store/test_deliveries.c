/* test_deliveries.c - what is queued is queued once, in bounds, and is known after a restart
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/deliveries.h"

#include "base/clock.h"
#include "cmocka_all.h"
#include "store/changes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64], path[96];
static struct store *store;
static struct error error;

static int open_store(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/deliveries-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/alerts.db", folder);
    struct store_config config = store_config_default;
    config.ballast_bytes = 0;
    return store_open(path, STORE_WRITE, &config, &store, &error);
}

static int remove_store(void **state)
{
    (void)state;
    char command[128];
    store_close(store, &error);
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command);
}

static struct delivery_plan plan_of(enum delivery_kind kind, const char *target, unsigned object)
{
    struct delivery_plan plan = {
        .delivery = {.kind = kind,
                     .channel = DELIVERY_CHANNEL_MAIL,
                     .state = DELIVERY_STATE_PENDING,
                     .severity = SEVERITY_MEDIUM,
                     .origin = "team",
                     .made_ns = 1000,
                     .due_ns = 1000},
        .max = UINT32_MAX,
        .over = DELIVERY_STATE_WAITING,
    };
    snprintf(plan.delivery.target, sizeof(plan.delivery.target), "%s", target);
    snprintf(plan.delivery.object, sizeof(plan.delivery.object), "object-%u", object);
    return plan;
}

static void plan(const struct delivery_plan *one)
{
    assert_int_equal(deliveries_plan(store, one, 1, NULL, 0, &error), 0);
}

struct seen {
    unsigned count;
    struct delivery last;
};

static int see(void *context, const struct delivery *delivery, struct error *ignored)
{
    struct seen *seen = context;
    (void)ignored;
    seen->count++;
    seen->last = *delivery;
    return 0;
}

static struct seen due_at(int64_t now_ns)
{
    struct seen seen = {0};
    assert_int_equal(deliveries_due(store, now_ns, 100, see, &seen, &error), 0);
    return seen;
}

static uint64_t count_of(enum delivery_state state)
{
    struct delivery_counts counts;
    assert_int_equal(deliveries_counts(store, &counts, &error), 0);
    return counts.of[state];
}

static void what_is_planned_twice_is_done_once(void **state)
{
    (void)state;
    struct delivery_plan plans[2] = {plan_of(DELIVERY_KIND_ALERT, "a@example.net", 1),
                                     plan_of(DELIVERY_KIND_ALERT, "b@example.net", 1)};
    uint64_t seq = 0;
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(deliveries_plan(store, plans, 2, "notices", 7 + i, &error), 0);
    assert_int_equal(due_at(1000).count, 2);
    assert_int_equal(changes_cursor_get(store, "notices", &seq, &error), 0);
    assert_int_equal(seq, 8);
    plans[0].delivery.revision = 2;
    plan(&plans[0]);
    assert_int_equal(due_at(1000).count, 3);
}

static void an_attempt_decides_when_it_is_due_again(void **state)
{
    (void)state;
    struct delivery_plan one = plan_of(DELIVERY_KIND_ALERT, "a@example.net", 1);
    plan(&one);
    assert_int_equal(due_at(999).count, 0);
    uint64_t seq = due_at(1000).last.seq;
    assert_int_equal(deliveries_attempted(store, seq, DELIVERY_STATE_PENDING, 5000, "no", &error),
                     0);
    assert_int_equal(due_at(4999).count, 0);
    struct seen again = due_at(5000);
    assert_int_equal(again.last.attempts, 1);
    assert_string_equal(again.last.result, "no");
    assert_int_equal(deliveries_attempted(store, seq, DELIVERY_STATE_DONE, 5000, "", &error), 0);
    assert_int_equal(due_at(INT64_MAX).count, 0);
    assert_int_equal(count_of(DELIVERY_STATE_DONE), 1);
}

static void what_is_over_the_limit_waits_and_comes_in_one_digest(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        struct delivery_plan one = plan_of(DELIVERY_KIND_ALERT, "a@example.net", i);
        one.max = 2;
        one.each_severity = true;
        plan(&one);
    }
    struct delivery_plan other = plan_of(DELIVERY_KIND_ALERT, "a@example.net", 9);
    other.delivery.severity = SEVERITY_HIGH;
    other.max = 1;
    other.each_severity = true;
    plan(&other);
    assert_int_equal(count_of(DELIVERY_STATE_PENDING), 3);
    assert_int_equal(count_of(DELIVERY_STATE_WAITING), 3);
    assert_int_equal(deliveries_gather(store, "2026-01-01", 1000, 2000, &error), 0);
    assert_int_equal(count_of(DELIVERY_STATE_GATHERED), 0);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(deliveries_gather(store, "2026-01-01", 1001, 2000, &error), 0);
    assert_int_equal(count_of(DELIVERY_STATE_GATHERED), 3);
    assert_int_equal(count_of(DELIVERY_STATE_PENDING), 4);
    struct seen digest = due_at(2000), told = {0};
    assert_int_equal(digest.last.kind, DELIVERY_KIND_DIGEST);
    assert_int_equal(deliveries_digest(store, &digest.last, 10, see, &told, &error), 0);
    assert_int_equal(told.count, 3);
}

/* A delivery_usage_fn: of the last address. */
static int usage_note(void *context, const struct delivery_usage *usage)
{
    *(struct delivery_usage *)context = *usage;
    return 0;
}

static void what_an_address_has_had_is_counted_by_severity(void **state)
{
    (void)state;
    struct delivery_usage usage = {.own = 0};
    for (unsigned i = 0; i < 5; i++) {
        struct delivery_plan one = plan_of(DELIVERY_KIND_ALERT, "a@example.net", i);
        one.max = 2;
        one.each_severity = true;
        plan(&one);
    }
    int64_t made_ns = plan_of(DELIVERY_KIND_ALERT, "", 0).delivery.made_ns;
    assert_int_equal(deliveries_usage(store, made_ns, usage_note, &usage, &error), 0);
    assert_string_equal(usage.target, "a@example.net");
    assert_int_equal(usage.own, 2);
    assert_int_equal(usage.waiting, 3);
    usage = (struct delivery_usage){.own = 0};
    assert_int_equal(deliveries_usage(store, made_ns + 1, usage_note, &usage, &error), 0);
    assert_int_equal(usage.own + usage.waiting, 0);
}

static void an_old_limit_is_forgotten(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct delivery_plan one = plan_of(DELIVERY_KIND_AUTOMATION, "rule", i);
        one.max = 1;
        one.over = DELIVERY_STATE_LIMITED;
        one.delivery.made_ns = 1000 * i;
        one.since_ns = i == 2 ? 1500 : 0;
        plan(&one);
    }
    assert_int_equal(count_of(DELIVERY_STATE_PENDING), 2);
    assert_int_equal(count_of(DELIVERY_STATE_LIMITED), 1);
}

static void a_full_queue_drops_and_counts(void **state)
{
    (void)state;
    struct delivery_plan *plans = calloc(DELIVERY_QUEUE_MAX + 3, sizeof(*plans));
    struct delivery_counts counts;
    assert_non_null(plans);
    for (unsigned i = 0; i < DELIVERY_QUEUE_MAX + 3; i++)
        plans[i] = plan_of(DELIVERY_KIND_ALERT, "a@example.net", i);
    assert_int_equal(deliveries_plan(store, plans, DELIVERY_QUEUE_MAX + 3, NULL, 0, &error), 0);
    free(plans);
    assert_int_equal(deliveries_counts(store, &counts, &error), 0);
    assert_int_equal(counts.of[DELIVERY_STATE_PENDING], DELIVERY_QUEUE_MAX);
    assert_int_equal(counts.dropped, 3);
}

static void only_what_is_over_is_trimmed(void **state)
{
    (void)state;
    struct delivery_plan one = plan_of(DELIVERY_KIND_ALERT, "a@example.net", 1);
    plan(&one);
    assert_int_equal(deliveries_trim(store, 2000, &error), 0);
    uint64_t seq = due_at(1000).last.seq;
    assert_int_equal(deliveries_attempted(store, seq, DELIVERY_STATE_DEAD, 0, "never", &error), 0);
    struct seen all = {0};
    assert_int_equal(deliveries_list(store,
                                     &(struct delivery_filter){.origin = "team", .limit = 10}, see,
                                     &all, &error),
                     0);
    assert_int_equal(all.count, 1);
    assert_int_equal(deliveries_trim(store, 2000, &error), 0);
    assert_int_equal(
        deliveries_list(store, &(struct delivery_filter){.limit = 10}, see, &all, &error), 0);
    assert_int_equal(all.count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_store, remove_store)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_planned_twice_is_done_once),
        TEST(an_attempt_decides_when_it_is_due_again),
        TEST(what_is_over_the_limit_waits_and_comes_in_one_digest),
        TEST(what_an_address_has_had_is_counted_by_severity),
        TEST(an_old_limit_is_forgotten),
        TEST(a_full_queue_drops_and_counts),
        TEST(only_what_is_over_is_trimmed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
