/* test_bursts.c - which failures of a client add up to a burst, and which never do
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/clock.h"
#include "base/hash.h"
#include "enrich/lexical.h"
#include "meter/burst_model.h"
#include "meter/bursts.h"
#include "meter/domains.h"
#include "prng.h"

#include <dnsvigil/name.h>
#include <dnsvigil/profile.h>
#include <stdio.h>
#include <string.h>

enum { NOERROR = 0, SERVFAIL = 2, NXDOMAIN = 3, TEXT_MAX = 96 };
static const double limit = 1e-4;

/* One meter and the transaction it is shown. */
struct scene {
    struct bursts bursts;
    struct prng prng;
    int64_t time_ns;
    struct domain domain;
    struct dns_name name;
    struct dns_message response;
    struct transaction transaction;
    struct enrichment enrichment;
};

static struct scene *scene_open(uint32_t records)
{
    static struct scene scene;
    const struct bursts_config config = {
        .records_max = records,
        .fast_ns = 600 * NS_PER_S,
        .slow_ns = 86400 * NS_PER_S,
        .open_ns = 3600 * NS_PER_S,
        .expected_limit = limit,
        .expected_report = limit,
        .score = lexical_score_domain,
    };
    memset(&scene, 0, sizeof(scene));
    scene.prng.state = 1;
    scene.time_ns = 1700000000 * NS_PER_S;
    assert_true(bursts_init(&scene.bursts, &config));
    return &scene;
}

/* Prepares a transaction of client 1 for the registrable domain `text`. */
static void prepare(struct scene *scene, const char *text, uint16_t rcode)
{
    assert_true(name_from_text(&scene->name, text, strlen(text)));
    scene->domain = (struct domain){0};
    scene->response = (struct dns_message){.has_question = true};
    scene->response.counts[DNS_SECTION_ANSWER] = rcode == NOERROR;
    scene->transaction = (struct transaction){
        .response = &scene->response,
        .question = &scene->name,
        .time_ns = scene->time_ns,
        .rcode = rcode,
    };
    scene->enrichment = (struct enrichment){
        .entity_hash = 1,
        .suffix_class = SUFFIX_ICANN,
        .registrable = (int16_t)(scene->name.labels - 2),
        .domain = &scene->domain,
    };
    lexical_score_domain(&scene->name, scene->name.labels - 2u, &scene->enrichment.lexical);
}

static const struct burst_measure *judge(struct scene *scene)
{
    return bursts_count(&scene->bursts, &scene->transaction, &scene->enrichment);
}

static const struct burst_measure *ask(struct scene *scene, const char *text, uint16_t rcode)
{
    prepare(scene, text, rcode);
    return judge(scene);
}

/* The next name that a generator of twelve letters under two top-level domains makes. */
static const char *generate(struct scene *scene)
{
    static char text[TEXT_MAX];
    for (int i = 0; i < 12; i++)
        text[i] = (char)('a' + prng_below(&scene->prng, 26));
    snprintf(text + 12, sizeof(text) - 12, ".%s", prng_below(&scene->prng, 2) ? "net" : "info");
    return text;
}

/* Asks in vain for generated names, `gap_s` apart; returns after how many they are told, or 0. */
static unsigned told_after(struct scene *scene, unsigned names, int64_t gap_s)
{
    for (unsigned i = 1; i <= names; i++) {
        const struct burst_measure *burst = ask(scene, generate(scene), NXDOMAIN);
        if (burst && burst->expected <= limit)
            return i;
        scene->time_ns += gap_s * NS_PER_S;
    }
    return 0;
}

static void a_few_failing_names_of_a_generator_are_told(void **state)
{
    (void)state;
    struct scene *scene = scene_open(64);
    unsigned names = told_after(scene, 10, 1);
    assert_in_range(names, 4, 8);
    const struct burst_measure *burst = &scene->bursts.measure;
    assert_int_equal(burst->tlds, 2);
    assert_true(burst->length_stddev == 0 && burst->mean_score > 0 && !burst->of_words);
    assert_true(burst->failed_share == 1);
    assert_int_equal(burst->sample_count, burst->names);
    bursts_done(&scene->bursts);
}

static void names_joined_from_few_words_are_told_later(void **state)
{
    (void)state;
    static const char *const words[] = {"yellow", "carpet",  "winter",  "harbor",
                                        "simple", "bottle",  "captain", "mirror",
                                        "garden", "thunder", "silver",  "needle"};
    struct scene *scene = scene_open(64);
    const struct burst_measure *burst = NULL;
    for (unsigned i = 0; i < 60 && !burst; i++) {
        char text[TEXT_MAX];
        snprintf(text, sizeof(text), "%s%s.net", words[prng_below(&scene->prng, 12)],
                 words[prng_below(&scene->prng, 12)]);
        burst = ask(scene, text, NXDOMAIN);
    }
    assert_non_null(burst);
    assert_true(burst->of_words && burst->mean_score < 0);
    bursts_done(&scene->bursts);
}

static void failures_of_people_are_not_told(void **state)
{
    (void)state;
    static const char *const names[] = {
        "gogle.com",
        "facebok.com",
        "smithandsons-plumbing.co",
        "oldtownbakery.com",
        "mueller-bau.de",
        "riverside-hotel.net",
        "amazom.com",
        "my-photo-blog.org",
        "gardenclub1987.org",
        "wikipeda.org",
        "pizzeriaroma.it",
        "studentunion.edu",
        "lakeviewdental.com",
        "hotmial.com",
        "cheapflights4u.net",
        "theredlion.co",
        "yaho.com",
        "bikeshop-online.de",
        "joesgarage.biz",
        "citymuseum.org",
        "linkedln.com",
        "annas-kitchen.fr",
        "northstarlogistics.com",
        "greenenergyfund.eu",
        "musicschoolberlin.de",
        "youtub.com",
        "paintballarena.pl",
        "familytreehistory.com",
        "drjonesclinic.com",
        "surfcamp.pt",
        "twiter.com",
        "autohaus-schmidt.de",
    };
    struct scene *scene = scene_open(64);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (ask(scene, names[i], NXDOMAIN))
            fail_msg("told with %s", names[i]);
        scene->time_ns += NS_PER_S;
    }
    bursts_done(&scene->bursts);
}

static void explain_popular(struct scene *scene)
{
    scene->enrichment.popularity = 12;
}

static void explain_listed_popular(struct scene *scene)
{
    scene->enrichment.popular = true;
}

static void explain_allowed(struct scene *scene)
{
    scene->enrichment.allowed = true;
}

static void explain_exempt(struct scene *scene)
{
    scene->enrichment.exempt = 1u << DETECTOR_GENERATED_DOMAINS;
}

static void explain_no_domain(struct scene *scene)
{
    scene->enrichment.registrable = -1;
    scene->enrichment.suffix_class = SUFFIX_UNDELEGATED;
}

static void explain_provider(struct scene *scene)
{
    scene->enrichment.suffix_class = SUFFIX_PRIVATE;
}

static void explain_drawn(struct scene *scene)
{
    scene->enrichment.suffix_class = SUFFIX_PRIVATE;
    scene->enrichment.profile = PROFILE_HOSTING;
    scene->enrichment.exempt = 1u << DETECTOR_RANDOM_DOMAIN;
}

static void explain_resolver(struct scene *scene)
{
    scene->enrichment.entity_is_resolver = true;
}

static void explain_failed_server(struct scene *scene)
{
    scene->transaction.rcode = SERVFAIL;
}

static void explain_damaged(struct scene *scene)
{
    scene->response.malformed = 1;
}

static void explain_unanswered(struct scene *scene)
{
    scene->transaction.response = NULL;
}

static void failures_that_something_explains_never_count(void **state)
{
    (void)state;
    static void (*const explain[])(struct scene * scene) = {
        explain_popular,    explain_listed_popular, explain_allowed,       explain_exempt,
        explain_no_domain,  explain_resolver,       explain_failed_server, explain_damaged,
        explain_unanswered, explain_provider,       explain_drawn,
    };
    for (size_t i = 0; i < sizeof(explain) / sizeof(*explain); i++) {
        struct scene *scene = scene_open(64);
        for (unsigned n = 0; n < 40; n++) {
            prepare(scene, generate(scene), NXDOMAIN);
            explain[i](scene);
            if (judge(scene))
                fail_msg("explanation %zu did not hold", i);
        }
        bursts_done(&scene->bursts);
    }
}

static void names_of_other_roots_count(void **state)
{
    (void)state;
    struct scene *scene = scene_open(64);
    const struct burst_measure *burst = NULL;
    for (unsigned i = 0; i < 10; i++) {
        char text[TEXT_MAX];
        snprintf(text, sizeof(text), "%.12s.bit", generate(scene));
        prepare(scene, text, NXDOMAIN);
        scene->enrichment.registrable = -1;
        scene->enrichment.suffix_class = SUFFIX_UNDELEGATED;
        scene->enrichment.lexical.known = false;
        burst = judge(scene);
    }
    assert_non_null(burst);
    bursts_done(&scene->bursts);
}

static void names_that_anybody_may_take_count(void **state)
{
    (void)state;
    struct scene *scene = scene_open(64);
    const struct burst_measure *burst = NULL;
    for (unsigned i = 0; i < 10; i++) {
        prepare(scene, generate(scene), NXDOMAIN);
        scene->enrichment.suffix_class = SUFFIX_PRIVATE;
        scene->enrichment.profile = PROFILE_DYNDNS;
        burst = judge(scene);
    }
    assert_non_null(burst);
    bursts_done(&scene->bursts);
}

static void a_domain_counts_once_whatever_stands_before_it(void **state)
{
    (void)state;
    struct scene *scene = scene_open(64);
    for (unsigned i = 0; i < 200; i++) {
        char text[TEXT_MAX];
        snprintf(text, sizeof(text), "%.12s.qxkzjwvhqp.net", generate(scene));
        assert_null(ask(scene, text, NXDOMAIN));
    }
    bursts_done(&scene->bursts);
}

static void clients_do_not_mix(void **state)
{
    (void)state;
    struct scene *scene = scene_open(64);
    for (unsigned i = 0; i < 60; i++) {
        prepare(scene, generate(scene), NXDOMAIN);
        scene->enrichment.entity_hash = i % 20;
        assert_null(judge(scene));
    }
    bursts_done(&scene->bursts);
}

static void a_name_that_exists_is_added_when_it_has_the_same_make(void **state)
{
    (void)state;
    struct scene *scene = scene_open(64);
    assert_true(told_after(scene, 10, 1) > 0);
    assert_null(ask(scene, "oldtownbakery.com", NOERROR));
    assert_null(ask(scene, "qxkz.net", NOERROR));
    const struct burst_measure *burst = ask(scene, "wqjxkvzphgmd.net", NOERROR);
    assert_non_null(burst);
    assert_true(burst->reached_now && burst->failed_share < 1);
    assert_int_equal(burst->reached_count, 1);
    assert_string_equal(burst->reached[0], "wqjxkvzphgmd.net");
    burst = ask(scene, "wqjxkvzphgmd.net", NOERROR);
    assert_int_equal(burst->reached_count, 1);
    for (unsigned i = 0; i < 2 * BURST_REACHED_MAX; i++)
        burst = ask(scene, generate(scene), NOERROR);
    assert_null(burst);
    burst = ask(scene, generate(scene), NXDOMAIN);
    assert_int_equal(burst->reached_count, BURST_REACHED_MAX);
    assert_false(burst->reached_now);
    bursts_done(&scene->bursts);
}

static void a_slow_generator_is_told_within_the_day(void **state)
{
    (void)state;
    struct scene *scene = scene_open(64);
    assert_in_range(told_after(scene, 10, 3600), 4, 10);
    bursts_done(&scene->bursts);
    scene = scene_open(64);
    assert_int_equal(told_after(scene, 30, 30000), 0); /* never four in one day */
    bursts_done(&scene->bursts);
}

static void what_was_told_is_not_told_again(void **state)
{
    (void)state;
    struct scene *scene = scene_open(64);
    for (unsigned i = 0; i < 30; i++)
        ask(scene, generate(scene), NXDOMAIN);
    assert_null(ask(scene, "oldtownbakery.com", NXDOMAIN));
    scene->time_ns += 3601 * NS_PER_S;
    assert_null(ask(scene, "mueller-bau.de", NXDOMAIN));
    assert_null(ask(scene, generate(scene), NXDOMAIN));
    assert_null(ask(scene, generate(scene), NOERROR));
    assert_true(told_after(scene, 10, 1) > 0);
    bursts_done(&scene->bursts);
}

/* One that reaches a hundred thousand unpopular domains gives chance more room. */
static void a_busy_client_needs_more_evidence(void **state)
{
    (void)state;
    struct scene *scene = scene_open(64);
    ask(scene, "oldtownbakery.com", NXDOMAIN);
    unsigned quiet = told_after(scene, 30, 1);
    bursts_done(&scene->bursts);
    scene = scene_open(64);
    ask(scene, "oldtownbakery.com", NXDOMAIN);
    for (unsigned i = 0; i < 100000; i++)
        ask(scene, i % 2 ? "riverside-hotel.net" : "harbour-hotel.net", NOERROR);
    unsigned busy = told_after(scene, 30, 1);
    assert_true(quiet > 0 && busy > quiet);
    bursts_done(&scene->bursts);
}

static void the_seed_makes_no_difference(void **state)
{
    (void)state;
    struct burst_measure measures[2];
    uint64_t seed = hash_seed;
    for (int i = 0; i < 2; i++) {
        struct scene *scene = scene_open(64);
        for (unsigned n = 0; n < 100; n++)
            ask(scene, generate(scene), NXDOMAIN);
        measures[i] = scene->bursts.measure;
        bursts_done(&scene->bursts);
        hash_seed ^= 0x123456789abcdefull;
    }
    hash_seed = seed;
    assert_true(measures[0].expected == measures[1].expected);
    assert_int_equal(measures[0].names, 64);
    assert_int_equal(measures[1].names, 64);
    assert_true(measures[0].mean_score == measures[1].mean_score);
}

static void time_that_runs_backwards_and_long_names_do_no_harm(void **state)
{
    (void)state;
    struct scene *scene = scene_open(64);
    for (unsigned i = 0; i < 200; i++) {
        char text[TEXT_MAX];
        snprintf(text, sizeof(text), "%.12s%.12s%.12s%.12s%.12s.international", generate(scene),
                 generate(scene), generate(scene), generate(scene), generate(scene));
        scene->time_ns += (int64_t)prng_below(&scene->prng, 200000) * NS_PER_S - 99000 * NS_PER_S;
        const struct burst_measure *burst = ask(scene, text, NXDOMAIN);
        for (unsigned at = 0; burst && at < burst->sample_count; at++)
            assert_true(strlen(burst->samples[at]) < BURST_TEXT_MAX);
    }
    bursts_done(&scene->bursts);
}

static void names_of_which_no_result_is_told_are_no_burst(void **state)
{
    (void)state;
    struct scene *scene = scene_open(64);
    for (int i = 0; i < 50; i++, scene->time_ns += NS_PER_S) {
        prepare(scene, generate(scene), NXDOMAIN);
        scene->transaction.lacks = LACKS_WIRE | LACKS_RCODE;
        assert_null(judge(scene));
    }
    bursts_done(&scene->bursts);
}

/* The first name of the window comes again after more than ten minutes: it moves to its end. */
static void a_name_of_an_open_window_may_come_again_later(void **state)
{
    (void)state;
    struct scene *scene = scene_open(64);
    char first[TEXT_MAX];
    snprintf(first, sizeof(first), "%s", generate(scene));
    ask(scene, first, NXDOMAIN);
    scene->time_ns += NS_PER_S;
    assert_true(told_after(scene, 10, 1) > 0);
    unsigned names = scene->bursts.measure.names;
    for (unsigned again = 0; again < 3; again++) {
        scene->time_ns += 700 * NS_PER_S;
        const struct burst_measure *burst = ask(scene, first, NXDOMAIN);
        assert_non_null(burst);
        assert_int_equal(burst->names, names);
    }
    bursts_done(&scene->bursts);
}

/* Has one client after another ask for `names` names each, in turns. */
static void crowd_asks(struct scene *scene, unsigned clients, unsigned names)
{
    for (unsigned n = 0; n < names; n++)
        for (unsigned i = 0; i < clients; i++) {
            prepare(scene, generate(scene), NXDOMAIN);
            scene->enrichment.entity_hash = 1000 + i;
            judge(scene);
        }
}

static void as_many_clients_as_were_asked_for_are_known_at_once(void **state)
{
    (void)state;
    struct scene *scene = scene_open(1000);
    crowd_asks(scene, 1000, 3);
    assert_int_equal(scene->bursts.clients.displaced, 0);
    scene->bursts.config.expected_report = 1e9;
    for (unsigned i = 0; i < 1000; i++) {
        prepare(scene, generate(scene), NXDOMAIN);
        scene->enrichment.entity_hash = 1000 + i;
        const struct burst_measure *burst = judge(scene);
        assert_non_null(burst);
        assert_int_equal(burst->names, 4);
    }
    bursts_done(&scene->bursts);
}

static void whoever_fills_the_store_makes_others_forget(void **state)
{
    (void)state;
    struct scene *scene = scene_open(64);
    crowd_asks(scene, 40, BURST_NAMES_MAX + 10);
    assert_true(scene->bursts.clients.displaced > 0);
    assert_true(scene->bursts.blocks_used <= scene->bursts.blocks_max);
    assert_in_range(told_after(scene, 10, 1), 4, 8);
    bursts_done(&scene->bursts);
}

/* Two meters that know the same say the same from then on, also when they are full. */
static void it_goes_on_as_if_nothing_had_been(void **state)
{
    (void)state;
    struct scene *scene = scene_open(64);
    struct bursts after;
    struct buf buf;
    buf_init(&buf, 1 << 20);
    crowd_asks(scene, 30, 12);
    bursts_save(&scene->bursts, &buf);
    struct image image = {buf.data, buf.len};
    assert_true(bursts_init(&after, &scene->bursts.config));
    assert_true(bursts_load(&after, &image));
    assert_int_equal(image.left, 0);
    for (unsigned i = 0; i < 2000; i++) {
        prepare(scene, generate(scene), NXDOMAIN);
        scene->enrichment.entity_hash = 1000 + i % 50;
        const struct burst_measure *one = judge(scene);
        const struct burst_measure *other =
            bursts_count(&after, &scene->transaction, &scene->enrichment);
        assert_int_equal(one == NULL, other == NULL);
        assert_true(!one || (one->expected == other->expected && one->names == other->names));
    }
    assert_int_equal(scene->bursts.clients.displaced, after.clients.displaced);
    bursts_done(&after);
    bursts_done(&scene->bursts);
    buf_done(&buf);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_few_failing_names_of_a_generator_are_told),
        cmocka_unit_test(names_joined_from_few_words_are_told_later),
        cmocka_unit_test(failures_of_people_are_not_told),
        cmocka_unit_test(failures_that_something_explains_never_count),
        cmocka_unit_test(names_of_other_roots_count),
        cmocka_unit_test(names_that_anybody_may_take_count),
        cmocka_unit_test(a_domain_counts_once_whatever_stands_before_it),
        cmocka_unit_test(clients_do_not_mix),
        cmocka_unit_test(a_name_that_exists_is_added_when_it_has_the_same_make),
        cmocka_unit_test(a_slow_generator_is_told_within_the_day),
        cmocka_unit_test(what_was_told_is_not_told_again),
        cmocka_unit_test(a_busy_client_needs_more_evidence),
        cmocka_unit_test(the_seed_makes_no_difference),
        cmocka_unit_test(time_that_runs_backwards_and_long_names_do_no_harm),
        cmocka_unit_test(names_of_which_no_result_is_told_are_no_burst),
        cmocka_unit_test(a_name_of_an_open_window_may_come_again_later),
        cmocka_unit_test(as_many_clients_as_were_asked_for_are_known_at_once),
        cmocka_unit_test(whoever_fills_the_store_makes_others_forget),
        cmocka_unit_test(it_goes_on_as_if_nothing_had_been),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
