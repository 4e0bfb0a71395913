/* test_sinkholed_domain.c - which part of an answer gives a sinkhole away
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "judge.h"

static struct judge judge;

static void every_part_of_the_answer_can_give_it_away(void **state)
{
    (void)state;
    static const struct {
        enum match_field field;
        enum reason reason;
    } cases[] = {
        {MATCH_ADDRESS, REASON_SINKHOLE_ADDRESS}, {MATCH_CNAME, REASON_SINKHOLE_CNAME},
        {MATCH_NS, REASON_SINKHOLE_DELEGATION},   {MATCH_SOA, REASON_SINKHOLE_DELEGATION},
        {MATCH_QNAME, REASON_SINKHOLE_NAME},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        judge_ask(&judge, "www.botnet.example");
        judge_hit(&judge, CATEGORY_SINKHOLE, cases[i].field, 2, 90);
        judge_expect(&judge, DETECTOR_SINKHOLED_DOMAIN, cases[i].reason);
        assert_int_equal(judge.finding.confidence, 90);
        assert_int_equal(judge.finding.severity, -1);
    }
}

static void the_strongest_sign_is_shown(void **state)
{
    (void)state;
    static const enum match_field rising[] = {MATCH_QNAME, MATCH_SOA, MATCH_CNAME, MATCH_ADDRESS};
    static const enum reason reasons[] = {REASON_SINKHOLE_NAME, REASON_SINKHOLE_DELEGATION,
                                          REASON_SINKHOLE_CNAME, REASON_SINKHOLE_ADDRESS};
    judge_ask(&judge, "www.botnet.example");
    for (size_t i = 0; i < 4; i++) {
        judge_hit(&judge, CATEGORY_SINKHOLE, rising[i], 2, 90);
        judge_expect(&judge, DETECTOR_SINKHOLED_DOMAIN, reasons[i]);
        assert_int_equal(judge.finding.hit, i);
    }
}

static void a_shared_address_needs_a_second_sign(void **state)
{
    (void)state;
    static const struct {
        enum category category;
        bool sign;
    } cases[] = {
        {CATEGORY_C2, true},         {CATEGORY_MALWARE, true}, {CATEGORY_PHISHING, true},
        {CATEGORY_SUSPICIOUS, true}, {CATEGORY_MINING, false}, {CATEGORY_GATEWAY, false},
        {CATEGORY_ANONYMITY, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        judge_ask(&judge, "www.botnet.example");
        judge_hit(&judge, CATEGORY_SINKHOLE_SHARED, MATCH_ADDRESS, 2, 50);
        assert_false(judge_fires(&judge, DETECTOR_SINKHOLED_DOMAIN));
        judge_hit(&judge, cases[i].category, MATCH_QNAME, 2, 60);
        assert_int_equal(judge_fires(&judge, DETECTOR_SINKHOLED_DOMAIN), cases[i].sign);
        if (!cases[i].sign)
            continue;
        judge_expect(&judge, DETECTOR_SINKHOLED_DOMAIN, REASON_SINKHOLE_SHARED);
        assert_true(judge.finding.confidence >= confidence_floor[KNOB_MEDIUM]);
        assert_int_equal(judge.finding.hit, 0);
        judge.enrichment.hits[1].field = MATCH_CNAME; /* the question itself must be the sign */
        assert_false(judge_fires(&judge, DETECTOR_SINKHOLED_DOMAIN));
    }
}

static void a_block_page_is_informational(void **state)
{
    (void)state;
    judge_ask(&judge, "www.botnet.example");
    judge_hit(&judge, CATEGORY_BLOCK_PAGE, MATCH_ADDRESS, 2, 90);
    judge_expect(&judge, DETECTOR_SINKHOLED_DOMAIN, REASON_BLOCK_PAGE);
    assert_int_equal(judge.finding.severity, SEVERITY_INFORMATIONAL);
    judge.enrichment.hits[0].field = MATCH_QNAME; /* somebody opened the filter's own page */
    assert_false(judge_fires(&judge, DETECTOR_SINKHOLED_DOMAIN));
}

static void a_sinkhole_outweighs_a_block_page(void **state)
{
    (void)state;
    judge_ask(&judge, "www.botnet.example");
    judge_hit(&judge, CATEGORY_BLOCK_PAGE, MATCH_ADDRESS, 2, 90);
    judge_hit(&judge, CATEGORY_SINKHOLE, MATCH_NS, 2, 90);
    judge_expect(&judge, DETECTOR_SINKHOLED_DOMAIN, REASON_SINKHOLE_DELEGATION);
    assert_int_equal(judge.finding.severity, -1);
}

static void other_hits_and_none_are_silent(void **state)
{
    (void)state;
    static const char *const names[] = {"www.example.com", "sinkhole.example"};
    judge_silent(DETECTOR_SINKHOLED_DOMAIN, names, 2);
    judge_ask(&judge, "www.example.com");
    judge_hit(&judge, CATEGORY_C2, MATCH_ADDRESS, 2, 90);
    judge_hit(&judge, CATEGORY_SINKHOLE_SHARED, MATCH_CNAME, 2, 90);
    assert_false(judge_fires(&judge, DETECTOR_SINKHOLED_DOMAIN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_part_of_the_answer_can_give_it_away),
        cmocka_unit_test(the_strongest_sign_is_shown),
        cmocka_unit_test(a_shared_address_needs_a_second_sign),
        cmocka_unit_test(a_block_page_is_informational),
        cmocka_unit_test(a_sinkhole_outweighs_a_block_page),
        cmocka_unit_test(other_hits_and_none_are_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
