/* test_phishing_domain.c - phishing lists raise phishing, by name and by alias, and nothing else
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "judge.h"

static struct judge judge;

static void a_listed_name_or_alias_fires(void **state)
{
    (void)state;
    static const struct {
        enum match_field field;
        bool fires;
    } cases[] = {
        {MATCH_QNAME, true}, {MATCH_CNAME, true}, {MATCH_ADDRESS, false},
        {MATCH_NS, false},   {MATCH_SOA, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        judge_ask(&judge, "login.bank.example");
        judge_hit(&judge, CATEGORY_PHISHING, cases[i].field, 2, 77);
        assert_int_equal(judge_fires(&judge, DETECTOR_PHISHING_DOMAIN), cases[i].fires);
        assert_false(judge_fires(&judge, DETECTOR_THREAT_INTEL));
        if (!cases[i].fires)
            continue;
        judge_expect(&judge, DETECTOR_PHISHING_DOMAIN, REASON_PHISHING_LISTED);
        assert_int_equal(judge.finding.confidence, 77);
        assert_int_equal(judge.finding.hit, 0);
    }
}

static void other_lists_and_none_are_silent(void **state)
{
    (void)state;
    static const char *const names[] = {"login.bank.example", "paypal.com.login.example"};
    judge_silent(DETECTOR_PHISHING_DOMAIN, names, 2);
    judge_ask(&judge, "login.bank.example");
    judge_hit(&judge, CATEGORY_C2, MATCH_QNAME, 2, 90);
    judge_hit(&judge, CATEGORY_MALWARE, MATCH_QNAME, 2, 90);
    assert_false(judge_fires(&judge, DETECTOR_PHISHING_DOMAIN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_listed_name_or_alias_fires),
        cmocka_unit_test(other_lists_and_none_are_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
