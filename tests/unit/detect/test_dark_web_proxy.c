/* test_dark_web_proxy.c - gateways that lists know, and gateways that give themselves away
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "judge.h"

#define ADDRESS      "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad"
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct judge judge;

static void a_listed_gateway_is_certain_with_an_address_and_known_without(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum reason reason;
        int confidence;
    } cases[] = {
        {"onion.ws", REASON_GATEWAY_HOST, 80},
        {"www.onion.ws", REASON_GATEWAY_HOST, 80},
        {"3g2upl4pq6kufc4m.onion.ws", REASON_GATEWAY_ONION, 99},
        {ADDRESS ".onion.ws", REASON_GATEWAY_ONION, 99},
        {"www." ADDRESS ".onion.ws", REASON_GATEWAY_ONION, 99},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        judge_ask(&judge, cases[i].name);
        judge_hit(&judge, CATEGORY_GATEWAY, MATCH_QNAME, 2, 80);
        judge_expect(&judge, DETECTOR_DARK_WEB_PROXY, cases[i].reason);
        assert_int_equal(judge.finding.confidence, cases[i].confidence);
        assert_int_equal(judge.finding.hit, 0);
    }
}

static void a_version_3_address_betrays_any_gateway(void **state)
{
    (void)state;
    static const char *const names[] = {
        ADDRESS ".example.com",
        "www." ADDRESS ".example.com",
        "internationalize." ADDRESS ".example.com",
        ADDRESS ".a.b.c.example.com",
    };
    for (size_t i = 0; i < COUNT(names); i++) {
        judge_ask(&judge, names[i]);
        judge_expect(&judge, DETECTOR_DARK_WEB_PROXY, REASON_ONION_LABEL);
        assert_int_equal(judge.finding.hit, -1);
        judge.enrichment.popular = true; /* certain is certain */
        judge_expect(&judge, DETECTOR_DARK_WEB_PROXY, REASON_ONION_LABEL);
    }
}

static void a_version_2_address_needs_a_gateways_name(void **state)
{
    (void)state;
    static const char *const names[] = {
        "3g2upl4pq6kufc4m.onion-link.example", "3g2upl4pq6kufc4m.onion.example.com",
        "3g2upl4pq6kufc4m.tor2web.example",    "www.3g2upl4pq6kufc4m.mytorgate.example",
        "3g2upl4pq6kufc4m.darknet.example",
    };
    for (size_t i = 0; i < COUNT(names); i++) {
        judge_ask(&judge, names[i]);
        judge_expect(&judge, DETECTOR_DARK_WEB_PROXY, REASON_GATEWAY_ONION);
        assert_true(judge.finding.confidence >= confidence_floor[KNOB_MEDIUM]);
        assert_true(judge.finding.confidence < confidence_floor[KNOB_HIGH]);
    }
}

static void ordinary_names_are_no_gateways(void **state)
{
    (void)state;
    static const char *const names[] = {
        "www.example.com",
        "3g2upl4pq6kufc4m.example.com", /* any 16 characters */
        "internationalize.example.com",
        "onion.example.com", /* a word, but no address */
        "www.theonion.com",
        "onion3g2upl4pq6kufc4m.example.com",
        "3g2upl4pq6kufc4m.example.onion", /* under onion itself */
        "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczae.example.com",
        "3g2upl4pq6kufc41.onion.example.com", /* not the alphabet */
        "onion.3g2upl4pq6kufc4m.example.com", /* the word before the address */
    };
    judge_silent(DETECTOR_DARK_WEB_PROXY, names, COUNT(names));
}

static void an_address_under_onion_itself_is_no_gateway(void **state)
{
    (void)state;
    judge_ask(&judge, "www." ADDRESS ".onion");
    judge.enrichment.registrable = -1;
    assert_false(judge_fires(&judge, DETECTOR_DARK_WEB_PROXY));
}

/* A site that mirrors its own onion address as a host name can be let through. */
static void an_allow_entry_silences_patterns(void **state)
{
    (void)state;
    static const char *const names[] = {ADDRESS ".example.com",
                                        "3g2upl4pq6kufc4m.onion.example.com"};
    for (size_t i = 0; i < COUNT(names); i++) {
        judge_ask(&judge, names[i]);
        assert_true(judge_fires(&judge, DETECTOR_DARK_WEB_PROXY));
        judge.enrichment.allowed = true;
        assert_false(judge_fires(&judge, DETECTOR_DARK_WEB_PROXY));
    }
}

static void on_a_popular_domain_a_plausible_address_is_not_enough(void **state)
{
    (void)state;
    judge_ask(&judge, "internationalize.theonion.com");
    assert_true(judge_fires(&judge, DETECTOR_DARK_WEB_PROXY));
    judge.enrichment.popular = true;
    assert_false(judge_fires(&judge, DETECTOR_DARK_WEB_PROXY));
}

static void anonymising_proxies_are_known_by_list_alone(void **state)
{
    (void)state;
    judge_ask(&judge, "www.hidemyass.example");
    assert_false(judge_fires(&judge, DETECTOR_DARK_WEB_PROXY));
    judge_hit(&judge, CATEGORY_WEB_PROXY, MATCH_QNAME, 2, 70);
    judge_expect(&judge, DETECTOR_DARK_WEB_PROXY, REASON_WEB_PROXY);
    judge.enrichment.hits[0].field = MATCH_CNAME;
    assert_false(judge_fires(&judge, DETECTOR_DARK_WEB_PROXY));
    judge.transaction.question = NULL;
    assert_false(judge_fires(&judge, DETECTOR_DARK_WEB_PROXY));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_listed_gateway_is_certain_with_an_address_and_known_without),
        cmocka_unit_test(a_version_3_address_betrays_any_gateway),
        cmocka_unit_test(a_version_2_address_needs_a_gateways_name),
        cmocka_unit_test(ordinary_names_are_no_gateways),
        cmocka_unit_test(an_address_under_onion_itself_is_no_gateway),
        cmocka_unit_test(an_allow_entry_silences_patterns),
        cmocka_unit_test(on_a_popular_domain_a_plausible_address_is_not_enough),
        cmocka_unit_test(anonymising_proxies_are_known_by_list_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
