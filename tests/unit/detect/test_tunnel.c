/* test_tunnel.c - what a tunnel's alert says, and how sure it is
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "detect/tunnel.h"
#include "tunnel_judge.h"

static struct judge judge;

static void report(const char *name, const struct tunnel_measure *tunnel)
{
    judge_ask(&judge, name);
    judge.enrichment.tunnel = tunnel;
    judge_expect(&judge, DETECTOR_DATA_EXFILTRATION, REASON_TUNNEL_UPLOAD);
}

static void the_figures_stand_against_their_limits(void **state)
{
    (void)state;
    struct tunnel_measure tunnel = tunnel_of(TUNNEL_UP);
    report("abc.host.example", &tunnel);
    const struct feature *features = judge.finding.features;
    assert_int_equal(judge.finding.feature_count, 3);
    assert_string_equal(features[0].name, "bytes_up");
    assert_true(features[0].value == 4000 && features[0].threshold == 300);
    assert_string_equal(features[1].name, "bytes_down");
    assert_true(features[1].value == 100 && features[1].threshold == 500);
    assert_string_equal(features[2].name, "unique_names");
    assert_true(features[2].value == 90 && features[2].threshold == 8);
}

static void confidence_follows_the_limits_passed_and_the_tool(void **state)
{
    (void)state;
    struct tunnel_measure tunnel = tunnel_of(TUNNEL_UP);
    for (int knob = KNOB_LOW; knob < KNOB_COUNT; knob++) {
        tunnel.level = (uint8_t)knob;
        tunnel.tool = TUNNEL_TOOL_NONE;
        report("abc.host.example", &tunnel);
        uint8_t plain = judge.finding.confidence;
        assert_true(plain >= confidence_floor[knob]);
        assert_true(knob == KNOB_HIGH || plain < confidence_floor[knob + 1]);
        tunnel.tool = TUNNEL_TOOL_IODINE;
        report("abc.host.example", &tunnel);
        assert_true(judge.finding.confidence > plain && judge.finding.confidence <= 100);
    }
}

static void answers_that_nobody_may_keep_make_it_a_little_surer(void **state)
{
    (void)state;
    struct tunnel_measure tunnel = tunnel_of(TUNNEL_UP);
    tunnel.unkept = 0.9;
    report("abc.host.example", &tunnel);
    uint8_t plain = judge.finding.confidence;
    assert_int_equal(judge.finding.feature_count, 3);
    tunnel.unkept = 0.96;
    report("abc.host.example", &tunnel);
    assert_true(judge.finding.confidence > plain);
    assert_int_equal(judge.finding.feature_count, 4);
    assert_string_equal(judge.finding.features[3].name, "answers_not_kept");
    tunnel.level = KNOB_HIGH;
    tunnel.tool = TUNNEL_TOOL_IODINE;
    report("abc.host.example", &tunnel);
    assert_true(judge.finding.confidence <= 100);
}

static void without_a_domain_the_alert_is_about_what_all_names_share(void **state)
{
    (void)state;
    for (uint8_t shared = 0; shared <= 2; shared++) {
        struct tunnel_measure tunnel = tunnel_of(TUNNEL_UP);
        tunnel.shared_labels = shared;
        judge_ask(&judge, "a.b.pirate.sea");
        judge.enrichment.tunnel = &tunnel;
        judge.enrichment.registrable = -1;
        assert_true(judge_fires(&judge, DETECTOR_DATA_EXFILTRATION));
        assert_int_equal(judge.finding.label, 4 - shared);
        assert_int_equal(judge.finding.story, 77);
    }
}

static void what_brought_nothing_new_is_no_finding(void **state)
{
    (void)state;
    struct tunnel_measure tunnel = tunnel_of(TUNNEL_UP);
    tunnel.fresh = false;
    judge_ask(&judge, "abc.host.example");
    judge.enrichment.tunnel = &tunnel;
    assert_false(judge_fires(&judge, DETECTOR_DATA_EXFILTRATION));
}

static void a_label_has_the_letter_case_of_the_wire(void **state)
{
    (void)state;
    static const uint8_t wire[] = "\0\7\1\0\0\1\0\0\0\0\0\0\3AbC\4hOsT\7example\0\0\1\0\1";
    struct dns_message message = {.data = wire, .len = sizeof(wire) - 1};
    size_t len;
    judge_ask(&judge, "abc.host.example");
    assert_memory_equal(tunnel_label(&judge.transaction, 1, &len), "host", 4);
    judge.transaction.query = &message;
    assert_memory_equal(tunnel_label(&judge.transaction, 0, &len), "AbC", 3);
    assert_memory_equal(tunnel_label(&judge.transaction, 1, &len), "hOsT", 4);
    assert_int_equal(len, 4);
    message.len = 18; /* the capture ends inside the name */
    assert_memory_equal(tunnel_label(&judge.transaction, 1, &len), "host", 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_figures_stand_against_their_limits),
        cmocka_unit_test(confidence_follows_the_limits_passed_and_the_tool),
        cmocka_unit_test(answers_that_nobody_may_keep_make_it_a_little_surer),
        cmocka_unit_test(without_a_domain_the_alert_is_about_what_all_names_share),
        cmocka_unit_test(what_brought_nothing_new_is_no_finding),
        cmocka_unit_test(a_label_has_the_letter_case_of_the_wire),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
