/* test_dark_web.c - names of anonymity networks are told from hosts and from web sites about them
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "judge.h"

#define ADDRESS "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad"

static struct judge judge;

static void names_under_a_listed_top_level_are_the_name_space(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum reason reason;
        int label; /* of the service the alert is about */
        int confidence;
    } cases[] = {
        {"3g2upl4pq6kufc4m.onion", REASON_ANONYMITY_NAMESPACE, 0, 95},
        {"www.3g2upl4pq6kufc4m.onion", REASON_ANONYMITY_NAMESPACE, 1, 95},
        {ADDRESS ".onion", REASON_ONION_ADDRESS, 0, 99},
        {"a.b." ADDRESS ".onion", REASON_ONION_ADDRESS, 2, 99},
        {ADDRESS ".www.onion", REASON_ANONYMITY_NAMESPACE, 1, 95},
        {"x" ADDRESS ".onion", REASON_ANONYMITY_NAMESPACE, 0, 95},
        {"stats.i2p", REASON_ANONYMITY_NAMESPACE, 0, 95},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        judge_ask(&judge, cases[i].name);
        judge.enrichment.registrable = -1;
        judge_hit(&judge, CATEGORY_ANONYMITY, MATCH_QNAME, 1, 95);
        judge_expect(&judge, DETECTOR_DARK_WEB, cases[i].reason);
        assert_int_equal(judge.finding.label, cases[i].label);
        assert_int_equal(judge.finding.confidence, cases[i].confidence);
        assert_int_equal(judge.finding.hit, 0);
        assert_int_equal(judge.finding.severity, -1);
    }
}

static void infrastructure_is_a_host_and_a_web_site_is_only_informational(void **state)
{
    (void)state;
    judge_ask(&judge, "snowflake-broker.torproject.net");
    judge_hit(&judge, CATEGORY_ANONYMITY, MATCH_QNAME, 3, 90);
    judge_expect(&judge, DETECTOR_DARK_WEB, REASON_ANONYMITY_HOST);
    assert_int_equal(judge.finding.severity, -1);
    assert_int_equal(judge.finding.label, -1);
    judge_ask(&judge, "www.torproject.org");
    judge_hit(&judge, CATEGORY_ANONYMITY_WEB, MATCH_QNAME, 2, 80);
    judge_expect(&judge, DETECTOR_DARK_WEB, REASON_ANONYMITY_SITE);
    assert_int_equal(judge.finding.severity, SEVERITY_INFORMATIONAL);
}

static void the_most_specific_entry_decides(void **state)
{
    (void)state;
    judge_ask(&judge, "bridges.torproject.org");
    judge_hit(&judge, CATEGORY_ANONYMITY, MATCH_QNAME, 3, 90);
    judge_hit(&judge, CATEGORY_ANONYMITY_WEB, MATCH_QNAME, 2, 80);
    judge_expect(&judge, DETECTOR_DARK_WEB, REASON_ANONYMITY_HOST);
}

static void answers_and_other_categories_say_nothing(void **state)
{
    (void)state;
    judge_ask(&judge, "www.example.com");
    judge_hit(&judge, CATEGORY_ANONYMITY, MATCH_CNAME, 1, 90);
    judge_hit(&judge, CATEGORY_ANONYMITY, MATCH_ADDRESS, 1, 90);
    judge_hit(&judge, CATEGORY_GATEWAY, MATCH_QNAME, 2, 90);
    assert_false(judge_fires(&judge, DETECTOR_DARK_WEB));
}

static void without_a_list_nothing_fires(void **state)
{
    (void)state;
    static const char *const names[] = {"www.example.com", "onion.example.com", "onion-soup.net",
                                        "tor.example",     "i2p.example.org",   "theonion.com"};
    judge_silent(DETECTOR_DARK_WEB, names, sizeof(names) / sizeof(*names));
    judge_ask(&judge, "a.example");
    judge.transaction.question = NULL;
    assert_false(judge_fires(&judge, DETECTOR_DARK_WEB));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_under_a_listed_top_level_are_the_name_space),
        cmocka_unit_test(infrastructure_is_a_host_and_a_web_site_is_only_informational),
        cmocka_unit_test(the_most_specific_entry_decides),
        cmocka_unit_test(answers_and_other_categories_say_nothing),
        cmocka_unit_test(without_a_list_nothing_fires),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
