/* test_phishing_domain.c - lists raise phishing, and a likeness does when further signs stand
 * beside it
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "cmocka_all.h"
#include "judge.h"
#include "meter/domains.h"

#include <dnsvigil/lookalike.h>
#include <dnsvigil/profile.h>

static struct judge judge;
static struct config config;
static struct domain domain;
static struct lookalike found;
static struct dns_message response;

/* A new domain that nobody knows, and what its name looks like. */
static void likeness(enum lookalike_technique technique, const char *brand, unsigned signs)
{
    judge_ask(&judge, "www.some-site.net");
    config = (struct config){.lookalikes.new_hours = 72};
    domain = (struct domain){.known = {.clients = 1}};
    found = (struct lookalike){
        .brand = brand, .technique = (uint8_t)technique, .signs = (uint16_t)signs, .label = 1};
    judge.enrichment.config = &config;
    judge.enrichment.domain = &domain;
    judge.enrichment.lookalike = &found;
}

static void further_signs_make_us_surer(void **state)
{
    (void)state;
    enum {
        LURE = LOOKALIKE_SIGN_LURE,
        DOMAIN = LOOKALIKE_SIGN_DOMAIN,
        TLD = LOOKALIKE_SIGN_TLD,
        OPEN = LOOKALIKE_SIGN_OPEN,
        WHOLE = LOOKALIKE_SIGN_WHOLE,
        OWN = LOOKALIKE_SIGN_OWN,
        WORD = LOOKALIKE_SIGN_WORD,
        COMMON = LOOKALIKE_SIGN_COMMON,
        FOREIGN = LOOKALIKE_SIGN_FOREIGN,
    };
    static const struct {
        enum lookalike_technique technique;
        const char *brand;
        unsigned signs;
        int confidence; /* 0: silent */
    } cases[] = {
        {LOOKALIKE_EMBEDDED, "paypal", DOMAIN | TLD, 80},
        {LOOKALIKE_EMBEDDED, "paypal", DOMAIN, 60},
        {LOOKALIKE_EMBEDDED, "paypal", LURE, 60},
        {LOOKALIKE_EMBEDDED, "paypal", TLD, 55},
        {LOOKALIKE_EMBEDDED, "paypal", 0, 40},
        {LOOKALIKE_EMBEDDED, "apple", COMMON | TLD, 0},
        {LOOKALIKE_EMBEDDED, "our-company", OWN, 40},
        {LOOKALIKE_COMBINED, "paypal", LURE | OPEN, 70},
        {LOOKALIKE_COMBINED, "paypal", OPEN, 55},
        {LOOKALIKE_COMBINED, "gmail", OPEN, 40},
        {LOOKALIKE_COMBINED, "paypal", LURE | TLD, 60},
        {LOOKALIKE_COMBINED, "paypal", TLD | WORD, 55},
        {LOOKALIKE_COMBINED, "paypal", TLD, 40},
        {LOOKALIKE_COMBINED, "paypal", LURE, 40},
        {LOOKALIKE_COMBINED, "paypal", 0, 0},
        {LOOKALIKE_COMBINED, "apple", COMMON | LURE | WORD, 40},
        {LOOKALIKE_COMBINED, "apple", COMMON | LURE, 0},
        {LOOKALIKE_COMBINED, "our-company", OWN, 70},
        {LOOKALIKE_HOMOGLYPH, "paypal", FOREIGN, 60},
        {LOOKALIKE_HOMOGLYPH, "paypal", TLD, 60},
        {LOOKALIKE_HOMOGLYPH, "paypal", LURE, 60},
        {LOOKALIKE_HOMOGLYPH, "paypal", WHOLE, 40},
        {LOOKALIKE_HOMOGLYPH, "steam", COMMON | TLD, 40},
        {LOOKALIKE_SCRIPTS, "", FOREIGN, 60},
        {LOOKALIKE_TYPO, "netflix", TLD, 55},
        {LOOKALIKE_KEYBOARD, "netflix", LURE | WORD, 55},
        {LOOKALIKE_BITFLIP, "paypal", TLD, 40},
        {LOOKALIKE_TYPO, "netflix", WHOLE, 40},
        {LOOKALIKE_OTHER_TLD, "netflix", WHOLE | TLD, 40},
        {LOOKALIKE_OTHER_TLD, "netflix", WHOLE, 0},
        {LOOKALIKE_OTHER_TLD, "our-company", WHOLE | OWN, 70},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        likeness(cases[i].technique, cases[i].brand, cases[i].signs);
        bool fires = judge_fires(&judge, DETECTOR_PHISHING_DOMAIN);
        int confidence = fires ? judge.finding.confidence : 0;
        if (confidence != cases[i].confidence)
            fail_msg("%s %s with %x: %d", lookalike_technique_names[cases[i].technique],
                     cases[i].brand, cases[i].signs, confidence);
    }
}

static void an_old_domain_is_not_told(void **state)
{
    (void)state;
    likeness(LOOKALIKE_COMBINED, "paypal", LOOKALIKE_SIGN_LURE | LOOKALIKE_SIGN_OPEN);
    judge.transaction.time_ns = 72 * 3600 * NS_PER_S;
    judge_expect(&judge, DETECTOR_PHISHING_DOMAIN, REASON_LOOKALIKE_COMBINED);
    judge.transaction.time_ns += NS_PER_S;
    assert_false(judge_fires(&judge, DETECTOR_PHISHING_DOMAIN));
}

static void while_nothing_can_be_called_new_a_likeness_says_less(void **state)
{
    (void)state;
    likeness(LOOKALIKE_COMBINED, "paypal", LOOKALIKE_SIGN_LURE | LOOKALIKE_SIGN_OPEN);
    assert_true(judge_fires(&judge, DETECTOR_PHISHING_DOMAIN));
    int sure = judge.finding.confidence;
    judge.enrichment.history = HISTORY_SHORT;
    assert_true(judge_fires(&judge, DETECTOR_PHISHING_DOMAIN));
    assert_true(judge.finding.confidence < sure);
    judge.enrichment.history = HISTORY_INPUT;
}

static void a_name_that_does_not_exist_lures_nobody(void **state)
{
    (void)state;
    likeness(LOOKALIKE_COMBINED, "paypal", LOOKALIKE_SIGN_LURE | LOOKALIKE_SIGN_OPEN);
    judge.transaction.response = &response;
    judge_expect(&judge, DETECTOR_PHISHING_DOMAIN, REASON_LOOKALIKE_COMBINED);
    judge.transaction.rcode = 3;
    assert_false(judge_fires(&judge, DETECTOR_PHISHING_DOMAIN));
}

static void a_list_is_told_before_a_likeness(void **state)
{
    (void)state;
    likeness(LOOKALIKE_COMBINED, "paypal", LOOKALIKE_SIGN_LURE | LOOKALIKE_SIGN_OPEN);
    judge_hit(&judge, CATEGORY_PHISHING, MATCH_QNAME, 2, 77);
    judge_expect(&judge, DETECTOR_PHISHING_DOMAIN, REASON_PHISHING_LISTED);
    assert_int_equal(judge.finding.confidence, 77);
}

static void the_tenant_is_told_and_not_the_provider(void **state)
{
    (void)state;
    likeness(LOOKALIKE_COMBINED, "paypal", LOOKALIKE_SIGN_LURE | LOOKALIKE_SIGN_OPEN);
    judge.enrichment.profile = PROFILE_HOSTING;
    found.label = 0;
    assert_true(judge_fires(&judge, DETECTOR_PHISHING_DOMAIN));
    assert_int_equal(judge.finding.label, 0);
}

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
        cmocka_unit_test(further_signs_make_us_surer),
        cmocka_unit_test(an_old_domain_is_not_told),
        cmocka_unit_test(while_nothing_can_be_called_new_a_likeness_says_less),
        cmocka_unit_test(a_name_that_does_not_exist_lures_nobody),
        cmocka_unit_test(a_list_is_told_before_a_likeness),
        cmocka_unit_test(the_tenant_is_told_and_not_the_provider),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
