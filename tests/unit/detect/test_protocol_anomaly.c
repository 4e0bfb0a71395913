/* test_protocol_anomaly.c - what the meter has summed up becomes a finding with its own story
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "judge.h"

#include <dnsvigil/anomaly.h>

static struct judge judge;

static bool fires_at(enum anomaly anomaly, double sum)
{
    static struct anomaly_measure measure;
    measure = (struct anomaly_measure){
        .anomaly = (uint8_t)anomaly, .sum = sum, .threshold = 1, .weight = 1};
    judge.enrichment.anomaly = &measure;
    return judge_fires(&judge, DETECTOR_PROTOCOL_ANOMALY);
}

static void the_sum_must_reach_the_threshold(void **state)
{
    (void)state;
    judge_ask(&judge, "www.example.com");
    assert_false(judge_fires(&judge, DETECTOR_PROTOCOL_ANOMALY));
    assert_false(fires_at(ANOMALY_DATA_TYPE, 0.99));
    assert_true(fires_at(ANOMALY_DATA_TYPE, 1));
    assert_int_equal(judge.finding.feature_count, 1);
    assert_true(judge.finding.features[0].value == 1 && judge.finding.features[0].threshold == 1);
}

static void each_anomaly_is_a_reason_of_its_own(void **state)
{
    (void)state;
    judge_ask(&judge, "www.example.com");
    for (int i = 0; i < ANOMALY_COUNT; i++) {
        assert_true(fires_at((enum anomaly)i, 1));
        assert_string_equal(reason_rows[judge.finding.reason].slug, anomaly_rows[i].slug);
        assert_int_equal(reason_rows[judge.finding.reason].detector, DETECTOR_PROTOCOL_ANOMALY);
        assert_true(judge.finding.confidence >= confidence_floor[KNOB_MEDIUM]);
        bool high = anomaly_rows[i].weight == ANOMALY_HIGH;
        assert_int_equal(judge.finding.confidence >= confidence_floor[KNOB_HIGH], high);
    }
}

static void of_what_is_faint_the_number_is_told(void **state)
{
    (void)state;
    static const struct anomaly_measure measure = {
        .anomaly = ANOMALY_BOUNCED, .sum = 1.5, .threshold = 1, .weight = 0.25};
    judge_ask(&judge, "www.example.com");
    judge.enrichment.anomaly = &measure;
    assert_true(judge_fires(&judge, DETECTOR_PROTOCOL_ANOMALY));
    assert_int_equal(judge.finding.feature_count, 2);
    assert_string_equal(judge.finding.features[1].name, "anomaly_events");
    assert_true(judge.finding.features[1].value == 6 && judge.finding.features[1].threshold == 4);
}

static void a_story_is_an_anomaly_with_a_server_whatever_the_name(void **state)
{
    (void)state;
    judge_ask(&judge, "www.example.com");
    assert_true(fires_at(ANOMALY_Z_BIT, 1));
    uint64_t story = judge.finding.story;
    assert_int_not_equal(story, 0);
    judge_ask(&judge, "www.example.net");
    assert_true(fires_at(ANOMALY_Z_BIT, 1));
    assert_true(judge.finding.story == story);
    assert_true(fires_at(ANOMALY_OPCODE, 1));
    assert_true(judge.finding.story != story);
    judge.transaction.server.bytes[15] = 1;
    assert_true(fires_at(ANOMALY_Z_BIT, 1));
    assert_true(judge.finding.story != story);
}

static void a_message_without_a_question_can_fire(void **state)
{
    (void)state;
    judge_ask(&judge, "www.example.com");
    judge.transaction.question = NULL;
    assert_true(fires_at(ANOMALY_FOREIGN_PROTOCOL, 1));
}

static void names_alone_are_silent(void **state)
{
    (void)state;
    static const char *const names[] = {"www.example.com", "x.onion", "\\000\\001\\002.example"};
    judge_silent(DETECTOR_PROTOCOL_ANOMALY, names, sizeof(names) / sizeof(*names));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sum_must_reach_the_threshold),
        cmocka_unit_test(each_anomaly_is_a_reason_of_its_own),
        cmocka_unit_test(of_what_is_faint_the_number_is_told),
        cmocka_unit_test(a_story_is_an_anomaly_with_a_server_whatever_the_name),
        cmocka_unit_test(a_message_without_a_question_can_fire),
        cmocka_unit_test(names_alone_are_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
