/* test_vitals.c - every counter is told under its name, and what keeps alerts from coming is told
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "api/vitals.h"
#include "base/clock.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct vitals vitals;
static struct buf buf;

static int start(void **context)
{
    (void)context;
    vitals = (struct vitals){
        .now_ns = 1700000000 * NS_PER_S,
        .started_ns = 1699999000 * NS_PER_S,
        .probed_ns = 1699999998 * NS_PER_S,
        .indicators = 5,
        .shards = 2,
        .source_count = 1,
        .sources = {{.name = "tap"}},
    };
    for (unsigned i = 0; i < METRIC_COUNT; i++)
        vitals.metrics.value[i] = 1000 + i;
    buf_init(&buf, 1 << 20);
    return 0;
}

static int finish(void **context)
{
    (void)context;
    buf_done(&buf);
    return 0;
}

static void holds(const char *line)
{
    if (!strstr(buf.data, line))
        fail_msg("not there: %s", line);
}

static void every_counter_is_there_with_its_meaning(void **context)
{
    (void)context;
    char line[256];
    vitals_metrics(&vitals, &buf);
#define METRIC(id, slug, text)                                                                     \
    holds("# HELP dnsvigil_" slug "_total " text "\n# TYPE dnsvigil_" slug "_total counter\n");    \
    snprintf(line, sizeof(line), "\ndnsvigil_" slug "_total %d\n", 1000 + METRIC_##id);            \
    holds(line);
#include <dnsvigil/metrics.def>
#undef METRIC
#define REJECT(id, slug, text) holds("dnsvigil_rejected_total{reason=\"" slug "\"} 0\n");
#include <dnsvigil/reject.def>
#undef REJECT
#define MALFORMED(id, slug, text) holds("dnsvigil_malformed_total{reason=\"" slug "\"} 0\n");
#include <dnsvigil/malformed.def>
#undef MALFORMED
    holds("dnsvigil_build_info{version=\"" DNSVIGIL_VERSION "\"} 1\n");
    holds("dnsvigil_probe_age_seconds 2\n");
    holds("dnsvigil_state_age_seconds -1\n");
    holds("dnsvigil_sources_broken 0\n");
    assert_false(buf.overflow);
}

static void what_keeps_alerts_from_coming_is_told(void **context)
{
    (void)context;
    assert_true(vitals_is_ready(&vitals, &buf));
    assert_int_equal(buf.len, 0);
    vitals.sources[0].broken = true;
    vitals.indicators = 0;
    vitals.store_failing = true;
    vitals.probed_ns -= 7 * NS_PER_S;
    assert_false(vitals_is_ready(&vitals, &buf));
    holds("tap: it can be read no more\n");
    holds("lists: none is loaded\n");
    holds("store: it does not take alerts\n");
    assert_true(vitals_is_alive(&vitals, &buf)); /* the store holds them up */
    vitals.store_failing = false;
    assert_false(vitals_is_ready(&vitals, &buf));
    holds("threads: one of those that judge traffic stands still\n");
    vitals.source_count = 0;
    buf_reset(&buf);
    assert_false(vitals_is_ready(&vitals, &buf));
    holds("sources: there are none\n");
}

static void a_thread_that_stands_still_is_named(void **context)
{
    (void)context;
    assert_true(vitals_is_alive(&vitals, &buf));
    vitals.late_count = 1;
    vitals.late[0] = (struct vitals_late){"shard 1", 6 * NS_PER_S};
    assert_false(vitals_is_alive(&vitals, &buf));
    assert_false(vitals_is_ready(&vitals, NULL));
    assert_string_equal(buf.data, "shard 1: stands still for 6 s\n");
}

static void a_canary_that_does_not_come_back_is_missed(void **context)
{
    (void)context;
    vitals.canary_sent_ns = vitals.now_ns - 20 * NS_PER_S;
    assert_true(vitals_is_ready(&vitals, &buf));
    vitals.canary_sent_ns = vitals.now_ns - 40 * NS_PER_S;
    assert_false(vitals_is_ready(&vitals, &buf));
    holds("canary: it was sent and has not come back as an alert\n");
}

static void sources_and_lists_are_told_by_name(void **context)
{
    (void)context;
    vitals.sources[0].name = "my \"tap\"";
    vitals.sources[0].metrics.value[METRIC_FRAMES_IN] = 7;
    vitals.feed_count = 1;
    vitals.feeds[0] = (struct vitals_feed){"house list", 12, vitals.now_ns - 60 * NS_PER_S};
    vitals.latency = (struct vitals_latency){.counts = {1, [2] = 2, [VITALS_LATENCIES - 1] = 1},
                                             .sum_ns = 90 * NS_PER_S};
    vitals_metrics(&vitals, &buf);
    holds("\ndnsvigil_source_frames_in_total{source=\"my \\\"tap\\\"\"} 7\n");
    holds("\ndnsvigil_feed_entries{feed=\"house list\"} 12\n");
    holds("\ndnsvigil_feed_age_seconds{feed=\"house list\"} 60\n");
    holds("\ndnsvigil_detection_latency_seconds_bucket{le=\"0.01\"} 1\n");
    holds("\ndnsvigil_detection_latency_seconds_bucket{le=\"0.1\"} 3\n");
    holds("\ndnsvigil_detection_latency_seconds_bucket{le=\"+Inf\"} 4\n");
    holds("\ndnsvigil_detection_latency_seconds_sum 90\n");
}

static void a_probe_has_time_to_come_after_the_start(void **context)
{
    (void)context;
    vitals.probed_ns = 0;
    vitals.started_ns = vitals.now_ns - 3 * NS_PER_S;
    assert_true(vitals_is_ready(&vitals, NULL));
    vitals.started_ns = vitals.now_ns - 7 * NS_PER_S;
    assert_false(vitals_is_ready(&vitals, NULL));
}

static void the_line_is_json_and_leaves_out_what_is_0(void **context)
{
    (void)context;
    vitals.metrics.value[METRIC_ALERTS] = 0;
    vitals.metrics.rejected[REJECT_NOT_IP] = 3;
    vitals_line(&vitals, &buf);
    assert_ptr_equal(strchr(buf.data, '\n'), buf.data + buf.len - 1);
    json_t *line = json_loads(buf.data, 0, NULL);
    assert_non_null(line);
    assert_int_equal(json_integer_value(json_object_get(line, "frames_in")), 1000);
    assert_int_equal(json_integer_value(json_object_get(line, "rejected_not_ip")), 3);
    assert_null(json_object_get(line, "alerts"));
    assert_true(json_is_true(json_object_get(line, "ready")));
    json_decref(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_counter_is_there_with_its_meaning, start, finish),
        cmocka_unit_test_setup_teardown(what_keeps_alerts_from_coming_is_told, start, finish),
        cmocka_unit_test_setup_teardown(a_probe_has_time_to_come_after_the_start, start, finish),
        cmocka_unit_test_setup_teardown(a_thread_that_stands_still_is_named, start, finish),
        cmocka_unit_test_setup_teardown(a_canary_that_does_not_come_back_is_missed, start, finish),
        cmocka_unit_test_setup_teardown(sources_and_lists_are_told_by_name, start, finish),
        cmocka_unit_test_setup_teardown(the_line_is_json_and_leaves_out_what_is_0, start, finish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
