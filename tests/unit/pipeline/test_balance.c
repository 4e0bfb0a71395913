/* test_balance.c - counters that do not add up are named
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "pipeline/shard.h"

#include <string.h>

/* Counters of a small run in which everything adds up. */
static struct metrics balanced(void)
{
    struct metrics metrics = {
        .value =
            {
                [METRIC_FRAMES_IN] = 20,
                [METRIC_FRAMES_DNS] = 12,
                [METRIC_FRAMES_HELD] = 3,
                [METRIC_MESSAGES_IN] = 14,
                [METRIC_MESSAGES_OK] = 11,
                [METRIC_QUERIES] = 8,
                [METRIC_RESPONSES] = 6,
                [METRIC_QUERIES_REPEATED] = 1,
                [METRIC_RESPONSES_DUPLICATE] = 1,
                [METRIC_TRANSACTIONS] = 8,
                [METRIC_TRANSACTIONS_PAIRED] = 4,
                [METRIC_TRANSACTIONS_QUERY_ONLY] = 3,
                [METRIC_TRANSACTIONS_RESPONSE_ONLY] = 1,
                [METRIC_FINDINGS] = 7,
                [METRIC_FINDINGS_NEW] = 2,
                [METRIC_FINDINGS_MERGED] = 4,
                [METRIC_FINDINGS_SUPPRESSED] = 1,
                [METRIC_ALERTS] = 2,
            },
        .rejected = {[REJECT_NOT_IP] = 4, [REJECT_EMPTY] = 1},
        .malformed = {[MALFORMED_HEADER] = 1, [MALFORMED_BUDGET] = 2},
    };
    return metrics;
}

static void counters_that_add_up_are_accepted(void **state)
{
    (void)state;
    struct error error = {""};
    struct metrics metrics = balanced();
    struct metrics none = {{0}};
    assert_true(metrics_balance(&metrics, &error));
    assert_true(metrics_balance(&none, &error));
}

static void one_lost_item_is_named(void **state)
{
    (void)state;
    static const struct {
        enum metric metric;
        const char *what;
    } cases[] = {
        {METRIC_FRAMES_IN, "frames"},
        {METRIC_FRAMES_DNS, "frames"},
        {METRIC_FRAMES_HELD, "frames"},
        {METRIC_MESSAGES_IN, "messages"},
        {METRIC_MESSAGES_OK, "messages decoded"},
        {METRIC_QUERIES, "messages by direction"},
        {METRIC_RESPONSES, "messages by direction"},
        {METRIC_QUERIES_REPEATED, "queries"},
        {METRIC_RESPONSES_DUPLICATE, "responses"},
        {METRIC_TRANSACTIONS, "transactions"},
        {METRIC_TRANSACTIONS_PAIRED, "queries"},
        {METRIC_TRANSACTIONS_QUERY_ONLY, "queries"},
        {METRIC_TRANSACTIONS_RESPONSE_ONLY, "responses"},
        {METRIC_FINDINGS, "findings"},
        {METRIC_FINDINGS_MERGED, "findings"},
        {METRIC_FINDINGS_SUPPRESSED, "findings"},
        {METRIC_ALERTS, "alerts"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        for (int change = -1; change <= 1; change += 2) {
            struct error error = {""};
            struct metrics metrics = balanced();
            metrics.value[cases[i].metric] += (uint64_t)change;
            assert_false(metrics_balance(&metrics, &error));
            if (strncmp(error.text, cases[i].what, strlen(cases[i].what)) != 0)
                fail_msg("%s: %s", cases[i].what, error.text);
        }
    }
}

static void every_reason_to_reject_counts(void **state)
{
    (void)state;
    struct error error;
    for (int i = 0; i < REJECT_COUNT; i++) {
        struct metrics metrics = balanced();
        metrics.rejected[i]++;
        assert_false(metrics_balance(&metrics, &error));
    }
    for (int i = 1; i < MALFORMED_COUNT; i++) {
        struct metrics metrics = balanced();
        metrics.malformed[i]++;
        assert_false(metrics_balance(&metrics, &error));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_that_add_up_are_accepted),
        cmocka_unit_test(one_lost_item_is_named),
        cmocka_unit_test(every_reason_to_reject_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
