/* test_generated_domains.c - what of a burst of failing names becomes an alert, and how sure it is
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "judge.h"

#include <dnsvigil/burst.h>

static struct judge judge;

static struct burst_measure burst_of(double expected)
{
    return (struct burst_measure){.expected = expected, .expected_limit = 1e-4, .names = 12};
}

static bool fires(const struct burst_measure *burst)
{
    judge_ask(&judge, "www.qxzvkwjh7xkq.net");
    judge.enrichment.burst = burst;
    return judge_fires(&judge, DETECTOR_GENERATED_DOMAINS);
}

static void without_a_burst_no_name_fires(void **state)
{
    (void)state;
    assert_false(fires(NULL));
}

static void the_less_chance_explains_the_surer_it_is(void **state)
{
    (void)state;
    static const struct {
        double expected;
        enum confidence_knob knob; /* the strictest that lets it pass; KNOB_COUNT: none */
    } cases[] = {
        {2e-3, KNOB_COUNT},    {9e-4, KNOB_LOW},  {1e-4, KNOB_MEDIUM},
        {1.1e-6, KNOB_MEDIUM}, {9e-7, KNOB_HIGH}, {1e-9, KNOB_HIGH},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct burst_measure burst = burst_of(cases[i].expected);
        assert_int_equal(fires(&burst), cases[i].knob != KNOB_COUNT);
        for (int knob = 0; knob < KNOB_COUNT && cases[i].knob != KNOB_COUNT; knob++)
            assert_int_equal(judge.finding.confidence >= confidence_floor[knob],
                             knob <= (int)cases[i].knob);
    }
}

static void the_reason_tells_letters_words_and_success_apart(void **state)
{
    (void)state;
    struct burst_measure burst = burst_of(1e-9);
    assert_true(fires(&burst));
    assert_int_equal(judge.finding.reason, REASON_GENERATED_LETTERS);
    uint8_t confidence = judge.finding.confidence;
    burst.of_words = true;
    assert_true(fires(&burst));
    assert_int_equal(judge.finding.reason, REASON_GENERATED_WORDS);
    burst.reached_now = true;
    assert_true(fires(&burst));
    assert_int_equal(judge.finding.reason, REASON_GENERATED_REACHED);
    assert_true(judge.finding.confidence > confidence && judge.finding.confidence <= 100);
}

static void all_names_of_a_client_are_one_story(void **state)
{
    (void)state;
    struct burst_measure burst = burst_of(1e-5);
    assert_true(fires(&burst));
    uint64_t story = judge.finding.story;
    assert_true(story != 0);
    judge_ask(&judge, "wqjxkvzphgmd.info");
    judge.enrichment.burst = &burst;
    assert_true(judge_fires(&judge, DETECTOR_GENERATED_DOMAINS));
    assert_true(judge.finding.story == story);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_burst_no_name_fires),
        cmocka_unit_test(the_less_chance_explains_the_surer_it_is),
        cmocka_unit_test(the_reason_tells_letters_words_and_success_apart),
        cmocka_unit_test(all_names_of_a_client_are_one_story),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
