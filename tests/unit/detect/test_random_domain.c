/* test_random_domain.c - a random-looking domain is raised only when nothing speaks for it
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "judge.h"
#include "message_build.h"

#include "base/clock.h"
#include "decode/message.h"
#include "detect/random_domain.h"
#include "meter/domains.h"

#include <dnsvigil/burst.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum { HOUR_S = 3600 };

static const char random_name[] = "www.qxzvkwjh7xkq.net";

static struct judge judge;
static struct domain domain;
static struct config *config;
static struct arena records;
static struct message_build build;
static struct dns_message response;

static int open_config(void **state)
{
    (void)state;
    struct error error;
    return arena_init(&records, MESSAGE_ARENA_BYTES) &&
                   config_load_text("test.yaml", "", 0, &config, &error) == 0
               ? 0
               : -1;
}

static int close_config(void **state)
{
    (void)state;
    config_free(config);
    arena_done(&records);
    return 0;
}

/* A first query for a domain of which nobody knows anything, answered with 192.0.2.7. */
static void ask(const char *name, float benign_share)
{
    judge_ask(&judge, name);
    judge.transaction.time_ns = 1000 * HOUR_S * NS_PER_S;
    domain = (struct domain){
        .known = {.first_ns = judge.transaction.time_ns, .queries = 1, .clients = 1}};
    judge.enrichment.suffix_class = SUFFIX_ICANN;
    judge.enrichment.domain = &domain;
    judge.enrichment.config = config;
    judge.enrichment.lexical = (struct lexical){true, 5, benign_share};
}

static void answer(unsigned rcode, uint16_t type, const char *rdata)
{
    arena_reset(&records);
    build_response(&build, 1, random_name, DNS_TYPE_A, rcode);
    if (type)
        build_record(&build, DNS_SECTION_ANSWER, random_name, type, 60, rdata);
    assert_int_equal(message_decode(&response, build.data, (uint32_t)build.len, &records),
                     MALFORMED_NONE);
    judge.transaction.response = &response;
    judge.transaction.rcode = (uint16_t)rcode;
}

static void suspect(void)
{
    ask(random_name, 5e-4f);
    answer(0, DNS_TYPE_A, "192.0.2.7");
}

static bool fires(void)
{
    return judge_fires(&judge, DETECTOR_RANDOM_DOMAIN);
}

static void a_new_unknown_random_name_that_resolves_is_raised(void **state)
{
    (void)state;
    suspect();
    judge_expect(&judge, DETECTOR_RANDOM_DOMAIN, REASON_RANDOM_LABEL);
    assert_true(judge.finding.feature_count > 0);
    assert_string_equal(judge.finding.features[0].name, "benign_share");
    answer(0, DNS_TYPE_AAAA, "2001:db8::7");
    assert_true(fires());
}

static void the_rarer_the_look_the_surer_the_finding(void **state)
{
    (void)state;
    static const struct {
        float share;
        int floor; /* enum confidence_knob whose floor is reached, -1: silent */
    } cases[] = {{5e-5f, KNOB_HIGH}, {5e-4f, KNOB_MEDIUM}, {5e-3f, KNOB_LOW}, {2e-2f, -1}, {1, -1}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        ask(random_name, cases[i].share);
        answer(0, DNS_TYPE_A, "192.0.2.7");
        assert_int_equal(fires(), cases[i].floor >= 0);
        if (cases[i].floor < 0)
            continue;
        assert_true(judge.finding.confidence >= confidence_floor[cases[i].floor]);
        if (cases[i].floor < KNOB_HIGH)
            assert_true(judge.finding.confidence < confidence_floor[cases[i].floor + 1]);
    }
}

static void names_spelled_like_hashes_need_less_of_a_look(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool hash;
    } cases[] = {
        {"a415642fdd5190c763dc.com", true},
        {"005deb972a28.com", true},
        {"mq3u6tkw2v7nxz4a.com", true},
        {"web2print98solutions.com", false}, /* base32 has no 0, 1, 8 and 9 */
        {"deadbeefcafe.com", false},         /* hex of letters alone are words */
        {"123456789012.com", false},         /* digits alone are telephone numbers */
        {"a415642fdd5.com", false},          /* too short */
        {"superlongbrandname.com", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        ask(cases[i].name, 1.5e-2f);
        answer(0, DNS_TYPE_A, "192.0.2.7");
        if (fires() != cases[i].hash)
            fail_msg("%s", cases[i].name);
        if (cases[i].hash)
            judge_expect(&judge, DETECTOR_RANDOM_DOMAIN, REASON_RANDOM_HASH);
        judge.enrichment.lexical.benign_share = 0.2f; /* a word by accident */
        assert_false(fires());
    }
}

static void a_name_that_leads_nowhere_is_silent(void **state)
{
    (void)state;
    static const struct {
        unsigned rcode;
        uint16_t type;
        const char *rdata;
    } cases[] = {
        {3, 0, NULL},
        {2, 0, NULL},
        {0, 0, NULL},
        {0, DNS_TYPE_A, "0.0.0.0"},
        {0, DNS_TYPE_A, "127.0.0.1"},
        {0, DNS_TYPE_AAAA, "::"},
        {0, DNS_TYPE_AAAA, "::1"},
        {0, DNS_TYPE_TXT, "\"text\""},
        {3, DNS_TYPE_A, "192.0.2.7"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        suspect();
        domain.known.queries = 100;
        answer(cases[i].rcode, cases[i].type, cases[i].rdata);
        if (fires())
            fail_msg("case %zu fired", i);
    }
}

static void without_answers_asking_again_and_again_counts(void **state)
{
    (void)state;
    suspect();
    judge.transaction.response = NULL;
    domain.known.queries = 2;
    assert_false(fires());
    domain.known.queries = 3;
    assert_true(fires());
    domain.known.clients = 2; /* each of them three times */
    domain.known.queries = 5;
    assert_false(fires());
    domain.known.queries = 6;
    assert_true(fires());
}

static void whatever_speaks_for_the_name_silences(void **state)
{
    (void)state;
    suspect();
    judge.enrichment.popularity = 20;
    assert_false(fires());
    suspect();
    judge.enrichment.popular = true;
    assert_false(fires());
    suspect();
    judge.enrichment.allowed = true;
    assert_false(fires());
    suspect();
    judge.enrichment.exempt = 1u << DETECTOR_RANDOM_DOMAIN;
    assert_false(fires());
    suspect();
    judge.enrichment.suffix_class = SUFFIX_PRIVATE; /* the provider draws such labels */
    assert_false(fires());
    suspect();
    judge.enrichment.lexical.known = false;
    assert_false(fires());
    suspect();
    judge.enrichment.domain = NULL;
    assert_false(fires());
}

static void what_was_never_seen_is_new_once_the_network_has_been_watched_for_a_week(void **state)
{
    (void)state;
    suspect();
    domain.known = (struct prevalence){0};
    assert_true(fires());
    judge.enrichment.history = HISTORY_SHORT;
    assert_false(fires());
    judge.enrichment.history = HISTORY_NETWORK;
    assert_true(fires());
}

static void a_name_of_a_burst_is_left_to_the_burst(void **state)
{
    (void)state;
    struct burst_measure burst = {.expected = 1e-5, .expected_limit = 1e-4};
    suspect();
    judge.enrichment.burst = &burst;
    assert_false(fires());
    burst.expected = 1e-3; /* not enough of a burst to be told */
    assert_true(fires());
}

static void what_many_ask_for_or_have_known_longer_is_silent(void **state)
{
    (void)state;
    suspect();
    domain.known.clients = 3;
    assert_true(fires());
    domain.known.clients = 4;
    assert_false(fires());
    suspect();
    judge.transaction.time_ns += 24ll * HOUR_S * NS_PER_S;
    assert_true(fires());
    judge.transaction.time_ns += 1;
    assert_false(fires());
}

static void assert_surer_than(enum confidence_knob knob, bool surer)
{
    assert_true(fires());
    assert_int_equal(judge.finding.confidence >= confidence_floor[knob], surer);
}

/* 5 in 10,000 names that several lists have look like this, and five times as many that nobody
 * knows: of 20 one would, by chance, once in twenty times. */
static void among_many_new_domains_a_name_must_look_odder(void **state)
{
    (void)state;
    suspect();
    judge.enrichment.strangers = 19;
    assert_surer_than(KNOB_MEDIUM, true);
    judge.enrichment.strangers = 21;
    assert_surer_than(KNOB_MEDIUM, false);
    assert_string_equal(judge.finding.features[1].name, "expected_by_chance");
    assert_float_equal(judge.finding.features[1].value, 0.0525, 1e-6);
    judge.enrichment.lexical.benign_share = 5e-5f;
    assert_surer_than(KNOB_HIGH, true);
    judge.enrichment.strangers = 201;
    assert_surer_than(KNOB_MEDIUM, false);
}

static void among_very_many_even_a_hash_is_no_news(void **state)
{
    (void)state;
    ask("a415642fdd5190c763dc.com", 1.5e-2f);
    answer(0, DNS_TYPE_A, "192.0.2.7");
    judge.enrichment.strangers = 49;
    assert_surer_than(KNOB_MEDIUM, true);
    judge.enrichment.strangers = 51;
    assert_surer_than(KNOB_MEDIUM, false);
}

static void a_stranger_is_a_domain_for_which_nothing_speaks_however_it_looks(void **state)
{
    (void)state;
    ask("www.example.net", 0.5f);
    answer(0, DNS_TYPE_A, "192.0.2.7");
    assert_false(fires());
    assert_true(random_domain_is_stranger(&judge.transaction, &judge.enrichment));
    judge.enrichment.popularity = 20;
    assert_false(random_domain_is_stranger(&judge.transaction, &judge.enrichment));
    judge.enrichment.popularity = 0;
    answer(3, 0, NULL);
    assert_false(random_domain_is_stranger(&judge.transaction, &judge.enrichment));
}

static void only_names_like_most_show_how_many_strangers_a_client_meets(void **state)
{
    (void)state;
    ask("www.example.net", 0.5f);
    assert_true(random_domain_looks_ordinary(&judge.enrichment));
    judge.enrichment.lexical.known = false;
    assert_true(random_domain_looks_ordinary(&judge.enrichment));
    suspect();
    assert_false(random_domain_looks_ordinary(&judge.enrichment));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_unknown_random_name_that_resolves_is_raised),
        cmocka_unit_test(the_rarer_the_look_the_surer_the_finding),
        cmocka_unit_test(names_spelled_like_hashes_need_less_of_a_look),
        cmocka_unit_test(a_name_that_leads_nowhere_is_silent),
        cmocka_unit_test(without_answers_asking_again_and_again_counts),
        cmocka_unit_test(whatever_speaks_for_the_name_silences),
        cmocka_unit_test(a_name_of_a_burst_is_left_to_the_burst),
        cmocka_unit_test(what_was_never_seen_is_new_once_the_network_has_been_watched_for_a_week),
        cmocka_unit_test(what_many_ask_for_or_have_known_longer_is_silent),
        cmocka_unit_test(among_many_new_domains_a_name_must_look_odder),
        cmocka_unit_test(among_very_many_even_a_hash_is_no_news),
        cmocka_unit_test(a_stranger_is_a_domain_for_which_nothing_speaks_however_it_looks),
        cmocka_unit_test(only_names_like_most_show_how_many_strangers_a_client_meets),
    };
    return cmocka_run_group_tests(tests, open_config, close_config);
}
