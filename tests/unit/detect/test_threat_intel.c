/* test_threat_intel.c - names, aliases and addresses on threat lists
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "judge.h"

static struct judge judge;

static void each_part_that_is_listed_has_its_own_reason(void **state)
{
    (void)state;
    static const struct {
        enum match_field field;
        enum reason reason;
    } cases[] = {
        {MATCH_QNAME, REASON_THREAT_NAME},
        {MATCH_CNAME, REASON_THREAT_CNAME},
        {MATCH_ADDRESS, REASON_THREAT_ADDRESS},
    };
    static const enum category categories[] = {CATEGORY_C2, CATEGORY_MALWARE, CATEGORY_SUSPICIOUS};
    for (size_t i = 0; i < 9; i++) {
        judge_ask(&judge, "www.evil.example");
        judge_hit(&judge, categories[i % 3], cases[i / 3].field, 2, 77);
        judge_expect(&judge, DETECTOR_THREAT_INTEL, cases[i / 3].reason);
        assert_int_equal(judge.finding.confidence, 77);
        assert_false(judge_fires(&judge, DETECTOR_PHISHING_DOMAIN));
    }
}

static void the_question_is_shown_before_the_answer(void **state)
{
    (void)state;
    judge_ask(&judge, "www.evil.example");
    judge_hit(&judge, CATEGORY_C2, MATCH_QNAME, 2, 60);
    judge_hit(&judge, CATEGORY_C2, MATCH_ADDRESS, 2, 90);
    judge_expect(&judge, DETECTOR_THREAT_INTEL, REASON_THREAT_NAME);
    assert_int_equal(judge.finding.hit, 0);
}

static void other_categories_and_name_servers_are_not_threats(void **state)
{
    (void)state;
    static const enum category categories[] = {
        CATEGORY_ANONYMITY, CATEGORY_GATEWAY,  CATEGORY_WEB_PROXY,  CATEGORY_MINING,
        CATEGORY_SINKHOLE,  CATEGORY_PHISHING, CATEGORY_BLOCK_PAGE, CATEGORY_SINKHOLE_SHARED,
    };
    for (size_t i = 0; i < sizeof(categories) / sizeof(*categories); i++) {
        judge_ask(&judge, "www.example.com");
        judge_hit(&judge, categories[i], MATCH_QNAME, 2, 90);
        assert_false(judge_fires(&judge, DETECTOR_THREAT_INTEL));
    }
    judge_ask(&judge, "www.example.com");
    judge_hit(&judge, CATEGORY_C2, MATCH_NS, 2, 90);
    judge_hit(&judge, CATEGORY_C2, MATCH_SOA, 2, 90);
    assert_false(judge_fires(&judge, DETECTOR_THREAT_INTEL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_part_that_is_listed_has_its_own_reason),
        cmocka_unit_test(the_question_is_shown_before_the_answer),
        cmocka_unit_test(other_categories_and_name_servers_are_not_threats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
