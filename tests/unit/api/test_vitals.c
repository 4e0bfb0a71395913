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
        .sources = 1,
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
    vitals.sources_broken = 1;
    vitals.indicators = 0;
    vitals.store_failing = true;
    vitals.probed_ns -= 7 * NS_PER_S;
    assert_false(vitals_is_ready(&vitals, &buf));
    holds("sources: not all of them can be read\n");
    holds("lists: none is loaded\n");
    holds("store: it does not take alerts\n");
    holds("threads: one of those that judge traffic stands still\n");
    vitals.sources = 0;
    buf_reset(&buf);
    assert_false(vitals_is_ready(&vitals, &buf));
    holds("sources: there are none\n");
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
        cmocka_unit_test_setup_teardown(the_line_is_json_and_leaves_out_what_is_0, start, finish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
