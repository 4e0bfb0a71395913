/* test_signature.c - what a matching rule makes of an alert
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "judge.h"

#include <dnsvigil/signature.h>

static struct judge judge;

static struct signature_measure measure_of(uint32_t sid, bool response, int severity)
{
    return (struct signature_measure){
        .count = 1,
        .told = {{.rule = 0, .response = response}},
        .gid = 1,
        .sid = sid,
        .severity = (int8_t)severity,
        .confidence = 75,
    };
}

static void the_side_that_matched_is_the_reason(void **state)
{
    (void)state;
    for (int response = 0; response < 2; response++) {
        struct signature_measure measure = measure_of(7, response, -1);
        judge_ask(&judge, "www.example.com");
        judge.enrichment.signature = &measure;
        judge_expect(&judge, DETECTOR_SIGNATURE,
                     response ? REASON_SIGNATURE_RESPONSE : REASON_SIGNATURE_QUERY);
        assert_int_equal(judge.finding.confidence, 75);
        assert_int_equal(judge.finding.severity, -1);
    }
}

static void the_rule_may_say_how_grave_it_is(void **state)
{
    (void)state;
    struct signature_measure measure = measure_of(7, false, SEVERITY_HIGH);
    judge_ask(&judge, "www.example.com");
    judge.enrichment.signature = &measure;
    judge_expect(&judge, DETECTOR_SIGNATURE, REASON_SIGNATURE_QUERY);
    assert_int_equal(judge.finding.severity, SEVERITY_HIGH);
}

static void one_rule_is_one_story_whatever_the_name(void **state)
{
    (void)state;
    static const char *const names[] = {"www.example.com", "other.example", "www.example.com"};
    static const uint32_t sids[] = {7, 7, 8};
    uint64_t stories[3];
    for (unsigned i = 0; i < 3; i++) {
        struct signature_measure measure = measure_of(sids[i], false, -1);
        judge_ask(&judge, names[i]);
        judge.enrichment.signature = &measure;
        judge_expect(&judge, DETECTOR_SIGNATURE, REASON_SIGNATURE_QUERY);
        stories[i] = judge.finding.story;
        assert_int_not_equal(stories[i], 0);
    }
    assert_true(stories[0] == stories[1]);
    assert_true(stories[0] != stories[2]);
}

static void without_a_match_it_is_silent(void **state)
{
    (void)state;
    static const char *const names[] = {"www.example.com", "evil.com"};
    judge_silent(DETECTOR_SIGNATURE, names, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_side_that_matched_is_the_reason),
        cmocka_unit_test(the_rule_may_say_how_grave_it_is),
        cmocka_unit_test(one_rule_is_one_story_whatever_the_name),
        cmocka_unit_test(without_a_match_it_is_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
