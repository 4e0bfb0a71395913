/* test_pairs.c - when a client's names and answers under one domain are called a tunnel, and which
 * way it goes
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/clock.h"
#include "base/hash.h"
#include "meter/pairs.h"
#include "prng.h"
#include "tunnel_ask.h"

#include <stdio.h>

static struct ask ask;
static struct prng prng;

static const struct pairs_config usual = {
    .records_max = 1024,
    .up_bytes = 300,
    .down_bytes = 500,
    .names_min = 8,
    .knob = KNOB_MEDIUM,
};

static const struct knowledge_config known_config = {
    .domains_max = 64,
    .epoch_domains_max = 64,
    .shards = 1,
    .leaks = {.bytes = 4096, .clients_min = 4, .hooks = {NULL, information_of_label, NULL}},
};

/* What other clients do; nothing in most tests. */
static struct knowledge known;
static struct counts counts;

static void told(void *arg, const struct transaction *transaction, const struct addr *entity,
                 const struct tunnel_measure *measure)
{
    (void)arg, (void)transaction, (void)entity, (void)measure;
}

/* An epoch ends. */
static void turn(void)
{
    struct counts *const all = &counts;
    knowledge_merge(&known, &all, 1, 0, told, NULL);
}

static void pairs_open(struct pairs *pairs, const struct pairs_config *config)
{
    struct pairs_config with_hooks = *config;
    with_hooks.hooks = ask_hooks;
    with_hooks.known = &known;
    with_hooks.counts = &counts;
    knowledge_done(&known);
    counts_done(&counts);
    assert_true(knowledge_init(&known, &known_config) && counts_init(&counts, &known_config));
    prng.state = 1;
    assert_true(pairs_init(pairs, &with_hooks));
}

/* `len` characters of base32 drawn at random. */
static void random_text(char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        text[i] = "abcdefghijklmnopqrstuvwxyz234567"[prng_below(&prng, 32)];
    text[len] = 0;
}

/* A transaction of a tunnel: `up` characters in a new label, `down` characters of text back. */
struct step {
    unsigned up, down;
    const char *domain;
};

static void step_ask(const struct step *step, unsigned number, int64_t time_ns)
{
    char label[64], text[256], name[128], rdata[260];
    random_text(label, step->up);
    random_text(text, step->down);
    snprintf(name, sizeof(name), "%s%u.%s", label, number, step->domain);
    snprintf(rdata, sizeof(rdata), "\"%s\"", text);
    ask_begin(&ask, name, DNS_TYPE_TXT, 0);
    if (step->down)
        ask_answer(&ask, DNS_TYPE_TXT, rdata);
    ask_finish(&ask, time_ns);
}

/* Runs `count` steps `interval_ns` apart from `start_ns` on. Returns at which number the pair was
 * first called a tunnel, 0 for never; the last measure goes to `ret`. */
static unsigned run(struct pairs *pairs, const struct step *step, unsigned count, int64_t start_ns,
                    int64_t interval_ns, struct tunnel_measure *ret)
{
    unsigned fired = 0;
    for (unsigned i = 1; i <= count; i++) {
        step_ask(step, i, start_ns + i * interval_ns);
        const struct tunnel_measure *measure =
            pairs_count(pairs, &ask.transaction, &ask.enrichment);
        if (!measure)
            continue;
        fired = fired ? fired : i;
        *ret = *measure;
    }
    return fired;
}

static void data_in_names_is_an_upload_and_data_in_answers_a_download(void **state)
{
    (void)state;
    static const struct {
        struct step step;
        enum tunnel_direction direction;
    } cases[] = {
        {{50, 0, "host.com"}, TUNNEL_UP},
        {{3, 200, "host.com"}, TUNNEL_DOWN},
        {{50, 50, "host.com"}, TUNNEL_BOTH},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct pairs pairs;
        struct tunnel_measure measure = {0};
        pairs_open(&pairs, &usual);
        unsigned fired = run(&pairs, &cases[i].step, 200, 0, NS_PER_S, &measure);
        assert_in_range(fired, 8, 10);
        assert_int_equal(measure.direction, cases[i].direction);
        pairs_done(&pairs);
    }
}

static void slow_tunnels_are_found_like_fast_ones(void **state)
{
    (void)state;
    static const int intervals_s[] = {0, 1, 10, 60, 300};
    const struct step step = {50, 0, "host.com"};
    for (size_t i = 0; i < sizeof(intervals_s) / sizeof(*intervals_s); i++) {
        struct pairs pairs;
        struct tunnel_measure measure = {0};
        pairs_open(&pairs, &usual);
        assert_in_range(run(&pairs, &step, 40, 0, intervals_s[i] * NS_PER_S, &measure), 8, 12);
        pairs_done(&pairs);
    }
}

static void below_what_fades_no_tunnel_is_seen(void **state)
{
    (void)state;
    struct pairs pairs;
    struct tunnel_measure measure;
    const struct step step = {20, 0, "host.com"}; /* 13 bytes every three hours: 33 in all */
    pairs_open(&pairs, &usual);
    assert_int_equal(run(&pairs, &step, 500, 0, 10800 * NS_PER_S, &measure), 0);
    pairs_done(&pairs);
}

static void ordinary_use_of_a_domain_is_no_tunnel(void **state)
{
    (void)state;
    static const char *const hosts[] = {"www",   "mail",  "api",    "static", "img",  "cdn",
                                        "login", "shop",  "blog",   "news",   "ftp",  "smtp",
                                        "imap",  "video", "search", "help",   "docs", "media"};
    struct pairs pairs;
    pairs_open(&pairs, &usual);
    for (unsigned i = 0; i < 2000; i++) {
        char name[64];
        snprintf(name, sizeof(name), "%s.host.com", hosts[i % (sizeof(hosts) / sizeof(*hosts))]);
        ask_begin(&ask, name, DNS_TYPE_A, 0);
        ask_answer(&ask, DNS_TYPE_A, "192.0.2.1");
        ask_finish(&ask, i * NS_PER_S);
        assert_null(pairs_count(&pairs, &ask.transaction, &ask.enrichment));
    }
    pairs_done(&pairs);
}

static void the_settings_move_the_limits(void **state)
{
    (void)state;
    static const struct {
        enum confidence_knob knob;
        unsigned least, most;
    } cases[] = {{KNOB_LOW, 6, 7}, {KNOB_MEDIUM, 8, 11}, {KNOB_HIGH, 24, 40}};
    const struct step step = {50, 0, "host.com"};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct pairs pairs;
        struct tunnel_measure measure;
        struct pairs_config config = usual;
        config.knob = cases[i].knob;
        pairs_open(&pairs, &config);
        assert_in_range(run(&pairs, &step, 100, 0, NS_PER_S, &measure), cases[i].least,
                        cases[i].most);
        assert_int_equal(measure.level, KNOB_HIGH);
        pairs_done(&pairs);
    }
}

static void who_is_known_not_to_make_tunnels_is_left_alone(void **state)
{
    (void)state;
    struct pairs pairs;
    const struct step step = {50, 0, "host.com"};
    pairs_open(&pairs, &usual);
    for (unsigned i = 0; i < 200; i++) {
        step_ask(&step, i, i * NS_PER_S);
        struct enrichment *enrichment = &ask.enrichment;
        switch (i % 5) {
        case 0: enrichment->popular = true; break;
        case 1: enrichment->allowed = true; break;
        case 2: enrichment->entity_is_resolver = true; break;
        case 3: enrichment->popularity = 9; break;
        default: enrichment->exempt = 1 << DETECTOR_DATA_EXFILTRATION; break;
        }
        assert_null(pairs_count(&pairs, &ask.transaction, enrichment));
    }
    pairs_done(&pairs);
}

/* Where the domain changes with every name, the server is what the names have in common. */
static void names_without_a_domain_are_counted_by_server(void **state)
{
    (void)state;
    struct pairs pairs;
    const struct tunnel_measure *measure = NULL;
    pairs_open(&pairs, &usual);
    for (unsigned i = 0; i < 20; i++) {
        char name[128], text[64], tld[16];
        random_text(text, 50);
        random_text(tld, 10);
        snprintf(name, sizeof(name), "dnscat.%s.%s", text, tld);
        ask_begin(&ask, name, DNS_TYPE_TXT, 0);
        ask_finish(&ask, i * NS_PER_S);
        ask.enrichment.registrable = -1;
        ask.enrichment.suffix_class = SUFFIX_UNDELEGATED;
        measure = pairs_count(&pairs, &ask.transaction, &ask.enrichment);
    }
    assert_non_null(measure);
    assert_int_equal(measure->shared_labels, 0);
    pairs_done(&pairs);
}

static void a_direction_is_decided_after_names_or_in_quiet(void **state)
{
    (void)state;
    struct pairs pairs;
    struct tunnel_measure measure = {0};
    const struct step step = {50, 0, "host.com"};
    pairs_open(&pairs, &usual);
    assert_true(run(&pairs, &step, 30, 0, NS_PER_MS, &measure) > 0);
    assert_int_equal(measure.direction, TUNNEL_UNDECIDED);
    assert_in_range(measure.decide_ns, 60 * NS_PER_S, 61 * NS_PER_S);
    step_ask(&step, 1000, 100 * NS_PER_S);
    measure = *pairs_count(&pairs, &ask.transaction, &ask.enrichment);
    assert_int_equal(measure.direction, TUNNEL_UP);
    assert_true(measure.decided_now);
    step_ask(&step, 1001, 101 * NS_PER_S);
    assert_false(pairs_count(&pairs, &ask.transaction, &ask.enrichment)->decided_now);
    pairs_done(&pairs);
}

static void a_slow_tunnel_does_not_wait_for_many_names(void **state)
{
    (void)state;
    static const struct {
        int64_t interval_s;
        unsigned names; /* after which the direction is known */
    } cases[] = {{1, 64}, {10, 24}, {60, 24}, {300, 12}};
    const struct step step = {50, 0, "host.com"};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct pairs pairs;
        struct tunnel_measure measure = {0};
        pairs_open(&pairs, &usual);
        unsigned fired = 0, decided = 0;
        for (unsigned n = 1; n <= 100 && !decided; n++) {
            step_ask(&step, n, n * cases[i].interval_s * NS_PER_S);
            const struct tunnel_measure *now =
                pairs_count(&pairs, &ask.transaction, &ask.enrichment);
            fired = fired || !now ? fired : n;
            decided = now && now->decided_now ? n : 0;
            measure = now ? *now : measure;
        }
        assert_int_equal(decided - fired, cases[i].names);
        assert_int_equal(measure.decide_ns, decided * cases[i].interval_s * NS_PER_S);
        pairs_done(&pairs);
    }
}

/* Which way 200 unanswered names, `interval_ns` apart, are told to go after a handshake of 20 full
 * ones and `others` answered ones elsewhere. */
static enum tunnel_direction unanswered(unsigned chars, unsigned others, int64_t interval_ns)
{
    struct pairs pairs;
    enum tunnel_direction direction = TUNNEL_UNDECIDED;
    const struct step full = {60, 0, "host.com"}, step = {chars, 0, "host.com"};
    const struct step other = {1, 0, "other.com"};
    pairs_open(&pairs, &usual);
    for (unsigned i = 0; i < others; i++) {
        step_ask(&other, i, NS_PER_S);
        pairs_count(&pairs, &ask.transaction, &ask.enrichment);
    }
    turn();
    for (unsigned i = 0; i < 200; i++) {
        step_ask(i < 20 ? &full : &step, i, 2 * NS_PER_S + i * interval_ns);
        ask.transaction.query = ask.transaction.response;
        ask.transaction.response = NULL;
        const struct tunnel_measure *now = pairs_count(&pairs, &ask.transaction, &ask.enrichment);
        direction = now ? now->direction : direction;
    }
    pairs_done(&pairs);
    return direction;
}

static void without_answers_only_full_names_prove_an_upload(void **state)
{
    (void)state;
    assert_int_equal(unanswered(20, 0, NS_PER_S), TUNNEL_BOTH);
    assert_int_equal(unanswered(60, 0, NS_PER_S), TUNNEL_UP);
    assert_int_equal(unanswered(60, 0, NS_PER_S / 50), TUNNEL_UP);
    /* Others' answers are seen: it has none. */
    assert_int_equal(unanswered(20, 300, NS_PER_S), TUNNEL_UP);
    assert_int_equal(unanswered(20, 300, NS_PER_S / 50), TUNNEL_UP);
}

static void without_answers_short_names_without_a_pause_are_a_download(void **state)
{
    (void)state;
    assert_int_equal(unanswered(20, 0, NS_PER_S / 50), TUNNEL_DOWN);
    assert_int_equal(unanswered(20, 0, NS_PER_S / 5), TUNNEL_DOWN);
    assert_int_equal(unanswered(20, 0, NS_PER_S / 3), TUNNEL_BOTH);
}

/* The share of answers not kept after 100 names, of which every `kept`th answer lives a minute. */
static double unkept(unsigned kept, unsigned rcode, unsigned lacks)
{
    struct pairs pairs;
    double share = -1;
    pairs_open(&pairs, &usual);
    for (unsigned i = 1; i <= 100; i++) {
        char name[96], text[41];
        random_text(text, 40);
        snprintf(name, sizeof(name), "%s.host.com", text);
        ask_begin(&ask, name, DNS_TYPE_TXT, rcode);
        if (rcode == 0)
            build_record(&ask.build, DNS_SECTION_ANSWER, name, DNS_TYPE_TXT, i % kept ? 0 : 60,
                         "\"ok\"");
        ask_finish(&ask, i * NS_PER_S);
        ask.transaction.lacks |= lacks;
        const struct tunnel_measure *now = pairs_count(&pairs, &ask.transaction, &ask.enrichment);
        share = now ? now->unkept : share;
    }
    pairs_done(&pairs);
    return share;
}

static void answers_without_a_lifetime_and_failures_are_not_kept(void **state)
{
    (void)state;
    assert_true(unkept(1000, 0, 0) > 0.99);
    assert_true(unkept(1000, 3, 0) > 0.99);
    assert_true(unkept(2, 0, 0) < 0.6);
    assert_true(unkept(1, 0, 0) < 0.01);
    assert_true(unkept(1000, 0, LACKS_WIRE) < 0.01); /* this log tells no lifetimes */
}

static void a_tunnel_that_turns_round_is_told_anew_when_names_have_doubled(void **state)
{
    (void)state;
    struct pairs pairs;
    struct tunnel_measure measure = {0};
    const struct step up = {50, 0, "host.com"}, down = {6, 200, "host.com"};
    pairs_open(&pairs, &usual);
    run(&pairs, &up, 100, 0, NS_PER_S, &measure);
    assert_int_equal(measure.direction, TUNNEL_UP);
    run(&pairs, &down, 30, 200 * NS_PER_S, NS_PER_S, &measure);
    assert_int_equal(measure.direction, TUNNEL_UP);
    run(&pairs, &down, 500, 400 * NS_PER_S, NS_PER_S, &measure);
    assert_int_equal(measure.direction, TUNNEL_DOWN);
    pairs_done(&pairs);
}

static void figures_do_not_depend_on_the_seed(void **state)
{
    (void)state;
    uint64_t seed = hash_seed;
    const struct step step = {20, 30, "host.com"};
    struct tunnel_measure measures[2] = {0};
    for (int i = 0; i < 2; i++) {
        struct pairs pairs;
        pairs_open(&pairs, &usual);
        hash_seed = 0x1234567ull + (uint64_t)i;
        run(&pairs, &step, 300, 0, NS_PER_S, &measures[i]);
        measures[i].key = 0;
        pairs_done(&pairs);
    }
    hash_seed = seed;
    assert_memory_equal(&measures[0], &measures[1], sizeof(measures[0]));
}

static void names_repeated_bring_nothing_new(void **state)
{
    (void)state;
    struct pairs pairs;
    struct tunnel_measure measure;
    const struct step step = {50, 0, "host.com"};
    pairs_open(&pairs, &usual);
    for (unsigned again = 0; again < 100; again++) {
        prng.state = 1;
        assert_int_equal(run(&pairs, &step, 6, 0, NS_PER_S, &measure), 0);
    }
    pairs_done(&pairs);
}

static void what_five_clients_have_done_for_a_week_is_a_service(void **state)
{
    (void)state;
    static const struct step step = {40, 0, "host.com"};
    struct pairs pairs;
    struct tunnel_measure measure;
    const int64_t week_ns = 7 * 86400 * NS_PER_S;
    pairs_open(&pairs, &usual);
    step_ask(&step, 0, 0);
    uint64_t domain = ask.message.question.hash[1];
    for (uint8_t i = 1; i <= CROWD_CLIENTS; i++)
        crowds_note(&counts.crowds, domain, &(struct addr){.bytes = {i}}, 0);
    assert_int_not_equal(run(&pairs, &step, 20, week_ns, NS_PER_S, &measure), 0);
    turn(); /* only now it is known */
    pairs_done(&pairs);
    struct pairs_config config = usual;
    config.hooks = ask_hooks;
    config.known = &known;
    config.counts = &counts;
    assert_true(pairs_init(&pairs, &config));
    assert_int_equal(run(&pairs, &step, 20, week_ns, NS_PER_S, &measure), 0);
    assert_int_equal(pairs.services, 1);
    pairs_done(&pairs);
}

static void a_flood_of_other_domains_does_not_hide_a_tunnel(void **state)
{
    (void)state;
    struct pairs pairs;
    bool found = false;
    pairs_open(&pairs, &usual);
    for (unsigned i = 0; i < 40; i++) {
        const struct step step = {40, 0, "host.com"};
        step_ask(&step, i, i * 10 * NS_PER_S);
        found |= pairs_count(&pairs, &ask.transaction, &ask.enrichment) != NULL;
        for (unsigned flood = 0; flood < 2000; flood++) {
            char name[64];
            snprintf(name, sizeof(name), "a%u.other%u.com", i, prng_below(&prng, 1000000));
            ask_begin(&ask, name, DNS_TYPE_A, 0);
            ask_finish(&ask, i * 10 * NS_PER_S);
            pairs_count(&pairs, &ask.transaction, &ask.enrichment);
        }
    }
    assert_true(found);
    pairs_done(&pairs);
}

static void the_encoding_is_told_from_the_letters(void **state)
{
    (void)state;
    static const struct {
        const char *letters;
        enum tunnel_encoding encoding;
    } cases[] = {
        {"0123456789", ENCODING_DECIMAL},
        {"0123456789abcdef", ENCODING_HEX},
        {"abcdefghijklmnopqrstuvwxyz234567", ENCODING_BASE32},
        {"abcdefghijklmnopqrstuvwxyz0123456789", ENCODING_BASE36},
        {"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/", ENCODING_BASE64},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct pairs pairs;
        const struct tunnel_measure *measure = NULL;
        pairs_open(&pairs, &usual);
        for (unsigned n = 0; n < 100; n++) {
            char name[80];
            for (unsigned c = 0; c < 50; c++)
                name[c] = cases[i].letters[prng_below(&prng, (unsigned)strlen(cases[i].letters))];
            strcpy(name + 50, ".host.com");
            ask_begin(&ask, name, DNS_TYPE_A, 0);
            ask_finish(&ask, n * NS_PER_S);
            measure = pairs_count(&pairs, &ask.transaction, &ask.enrichment);
        }
        assert_non_null(measure);
        assert_string_equal(tunnel_encoding_names[measure->encoding],
                            tunnel_encoding_names[cases[i].encoding]);
        pairs_done(&pairs);
    }
}

static int done(void **state)
{
    (void)state;
    ask_done(&ask);
    knowledge_done(&known);
    counts_done(&counts);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_in_names_is_an_upload_and_data_in_answers_a_download),
        cmocka_unit_test(slow_tunnels_are_found_like_fast_ones),
        cmocka_unit_test(below_what_fades_no_tunnel_is_seen),
        cmocka_unit_test(ordinary_use_of_a_domain_is_no_tunnel),
        cmocka_unit_test(the_settings_move_the_limits),
        cmocka_unit_test(who_is_known_not_to_make_tunnels_is_left_alone),
        cmocka_unit_test(names_without_a_domain_are_counted_by_server),
        cmocka_unit_test(a_direction_is_decided_after_names_or_in_quiet),
        cmocka_unit_test(a_slow_tunnel_does_not_wait_for_many_names),
        cmocka_unit_test(without_answers_only_full_names_prove_an_upload),
        cmocka_unit_test(without_answers_short_names_without_a_pause_are_a_download),
        cmocka_unit_test(answers_without_a_lifetime_and_failures_are_not_kept),
        cmocka_unit_test(a_tunnel_that_turns_round_is_told_anew_when_names_have_doubled),
        cmocka_unit_test(what_five_clients_have_done_for_a_week_is_a_service),
        cmocka_unit_test(figures_do_not_depend_on_the_seed),
        cmocka_unit_test(names_repeated_bring_nothing_new),
        cmocka_unit_test(a_flood_of_other_domains_does_not_hide_a_tunnel),
        cmocka_unit_test(the_encoding_is_told_from_the_letters),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
