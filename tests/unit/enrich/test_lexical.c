/* test_lexical.c - names drawn at random score high, names people chose score low
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "enrich/lexical.h"
#include "enrich/lexical_model.h"
#include "prng.h"

#include <dnsvigil/name.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct lexical score(const char *domain)
{
    struct lexical lexical;
    struct dns_name name;
    assert_true(name_from_text(&name, domain, strlen(domain)));
    lexical_score_domain(&name, 0, &lexical);
    return lexical;
}

static void the_built_in_model_fits_and_says_how_good_it_is(void **state)
{
    (void)state;
    struct lexical_model other = *lexical_model;
    assert_true(lexical_model_fits(&other, sizeof(other)));
    assert_false(lexical_model_fits(&other, sizeof(other) - 1));
    other.version++;
    assert_false(lexical_model_fits(&other, sizeof(other)));
    other = *lexical_model;
    other.magic[0] ^= 1;
    assert_false(lexical_model_fits(&other, sizeof(other)));
    /* What families that were left out in training gave. */
    assert_true(lexical_model->auc >= 0.965f);
    assert_true(lexical_model->detected[0] >= 0.78f);
    assert_true(lexical_model->detected[1] >= 0.5f);
}

static void names_that_people_chose_look_like_many_others(void **state)
{
    (void)state;
    static const char *const names[] = {
        "wikipedia.org", "helloworldshop.net", "deutsche-bank.de",
        "krzyzowka.pl",  "thomson.com",        "tokyo-metro.jp",
        "x.com",         "lesechos.fr",        "free-weather.info",
        "radio24.it",    "schwarzwald.de",     "nytimes.com",
    };
    for (size_t i = 0; i < COUNT(names); i++)
        if (score(names[i]).benign_share < 0.02f)
            fail_msg("%s looks random: %g", names[i], (double)score(names[i]).benign_share);
}

static void names_drawn_at_random_look_like_few(void **state)
{
    (void)state;
    static const struct {
        const char *symbols;
        unsigned len, found_min; /* of 1000 at a false-positive rate of 1e-2 */
    } cases[] = {
        {"abcdefghijklmnopqrstuvwxyz", 12, 900},
        {"abcdefghijklmnopqrstuvwxyz", 20, 990},
        {"abcdefghijklmnopqrstuvwxyz0123456789", 16, 950},
        {"0123456789abcdef", 24, 950},
    };
    struct prng prng = {1};
    for (size_t i = 0; i < COUNT(cases); i++) {
        unsigned found = 0;
        for (int n = 0; n < 1000; n++) {
            char domain[64];
            for (unsigned j = 0; j < cases[i].len; j++)
                domain[j] = cases[i].symbols[prng_below(&prng, (unsigned)strlen(cases[i].symbols))];
            snprintf(domain + cases[i].len, sizeof(domain) - cases[i].len, ".net");
            found += score(domain).benign_share <= 1e-2f;
        }
        if (found < cases[i].found_min)
            fail_msg("%u of 1000 names of case %zu were found", found, i);
    }
}

static void a_higher_score_means_a_smaller_share(void **state)
{
    (void)state;
    float last = 1;
    for (float at = -20; at < 20; at += 0.01f) {
        float share = lexical_model_share(lexical_model, at);
        assert_true(share <= last && share > 0);
        last = share;
    }
    assert_true(lexical_model_share(lexical_model, -INFINITY) == 1);
    assert_true(last < 1e-4f);
    for (int i = 0; i < LEXICAL_STEPS; i++)
        assert_float_equal(lexical_model_share(lexical_model, lexical_model->score_at[i]),
                           pow(10, -i / 8.0), 1e-4);
}

static void encoded_and_empty_labels_have_no_score(void **state)
{
    (void)state;
    struct lexical lexical;
    assert_false(score("xn--bcher-kva.de").known);
    assert_true(score("xn-bcher.de").known);
    const struct lexical_text text = {.suffix = (const uint8_t *)"\2de", .suffix_len = 3};
    lexical_score(&text, &lexical);
    assert_false(lexical.known);
}

static void any_bytes_of_any_length_have_a_finite_score(void **state)
{
    (void)state;
    struct prng prng = {2};
    for (int i = 0; i < 20000; i++) {
        uint8_t label[63], suffix[63];
        struct lexical lexical;
        for (unsigned j = 0; j < 63; j++) {
            label[j] = (uint8_t)prng_next(&prng);
            suffix[j] = (uint8_t)prng_next(&prng);
        }
        const struct lexical_text text = {label, suffix, 1 + prng_below(&prng, 63),
                                          prng_below(&prng, 64)};
        lexical_score(&text, &lexical);
        assert_true(lexical.known && isfinite(lexical.score));
        assert_true(lexical.benign_share > 0 && lexical.benign_share <= 1);
    }
}

static float score_under(const char *suffix, size_t suffix_len)
{
    struct lexical lexical;
    const struct lexical_text text = {(const uint8_t *)"qwxzvkjh", (const uint8_t *)suffix, 8,
                                      suffix_len};
    lexical_score(&text, &lexical);
    assert_true(lexical.known);
    return lexical.score;
}

static void what_stands_behind_the_label_plays_its_part(void **state)
{
    (void)state;
    assert_true(score_under("\3biz", 4) != score_under(NULL, 0));
    assert_true(score_under("\3biz", 4) != score_under("\3net", 4));
    /* A content network draws the names of its customers. */
    assert_true(score_under("\3net", 4) > score_under("\12cloudfront\3net", 15));
}

static unsigned kind_of(const char *label)
{
    uint32_t counts = 0;
    for (const char *at = label; *at; at++)
        counts += lexical_counts(lexical_symbol((uint8_t)*at));
    return lexical_kind(counts, strlen(label));
}

static void a_label_is_of_one_kind(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        unsigned kind;
    } cases[] = {
        {"a-b", 0},      {"a-1", 1},        {"xkcd", 2},    {"kitchen", 3},  {"aurora", 4},
        {"20261231", 5}, {"dead20beef", 6}, {"radio9x", 7}, {"r2d2xk99", 8},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(kind_of(cases[i].label), cases[i].kind);
}

static void the_longest_label_has_room_in_the_counts(void **state)
{
    (void)state;
    static const struct {
        char symbol;
        unsigned kind;
    } cases[] = {{'z', 2}, {'e', 4}, {'f', 2}, {'7', 5}, {'-', 0}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        char label[LEXICAL_LABEL_MAX + 1] = "";
        memset(label, cases[i].symbol, LEXICAL_LABEL_MAX);
        assert_int_equal(kind_of(label), cases[i].kind);
    }
}

static void every_feature_lies_inside_the_label(void **state)
{
    (void)state;
    struct lexical_feature features[LEXICAL_FEATURES_MAX];
    uint8_t label[LEXICAL_LABEL_MAX];
    memset(label, 'q', sizeof(label));
    for (size_t len = 1; len <= sizeof(label); len++) {
        const struct lexical_text text = {label, (const uint8_t *)"\2co\2uk", len, 6};
        unsigned count = lexical_features(&text, features);
        assert_in_range(count, 4, LEXICAL_FEATURES_MAX);
        for (unsigned i = 0; i < count; i++) {
            assert_true(features[i].slot < LEXICAL_SLOTS);
            assert_true(features[i].from + features[i].len <= len + 2);
        }
    }
}

static void pieces_are_parts_of_the_name_heaviest_first(void **state)
{
    (void)state;
    static const char domain[] = "qxzvkwjh7x.biz";
    static const char marked[] = "^qxzvkwjh7x$ .biz";
    struct lexical_piece pieces[8];
    struct dns_name name;
    assert_true(name_from_text(&name, domain, strlen(domain)));
    unsigned count = lexical_pieces(&name, 0, pieces, COUNT(pieces));
    assert_int_equal(count, COUNT(pieces));
    for (unsigned i = 0; i < count; i++) {
        assert_non_null(strstr(marked, pieces[i].text));
        assert_true(strlen(pieces[i].text) >= 2 && pieces[i].weight > 0);
        assert_true(i == 0 || pieces[i].weight <= pieces[i - 1].weight);
    }
    assert_int_equal(lexical_pieces(&name, 0, pieces, 0), 0);
}

/* A label of 63 bytes that are no letters, and a long top-level domain: nothing overflows. */
static void pieces_of_odd_names_are_text(void **state)
{
    (void)state;
    struct dns_name name = {0};
    struct lexical_piece pieces[64];
    name.wire[0] = 63;
    memset(name.wire + 1, 0x07, 63);
    name.wire[64] = 63;
    memset(name.wire + 65, 0xff, 63);
    name.len = 129;
    name_index(&name);
    unsigned count = lexical_pieces(&name, 0, pieces, COUNT(pieces));
    for (unsigned i = 0; i < count; i++)
        assert_true(strnlen(pieces[i].text, sizeof(pieces[i].text)) < sizeof(pieces[i].text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_built_in_model_fits_and_says_how_good_it_is),
        cmocka_unit_test(names_that_people_chose_look_like_many_others),
        cmocka_unit_test(names_drawn_at_random_look_like_few),
        cmocka_unit_test(a_higher_score_means_a_smaller_share),
        cmocka_unit_test(encoded_and_empty_labels_have_no_score),
        cmocka_unit_test(any_bytes_of_any_length_have_a_finite_score),
        cmocka_unit_test(what_stands_behind_the_label_plays_its_part),
        cmocka_unit_test(a_label_is_of_one_kind),
        cmocka_unit_test(the_longest_label_has_room_in_the_counts),
        cmocka_unit_test(every_feature_lies_inside_the_label),
        cmocka_unit_test(pieces_are_parts_of_the_name_heaviest_first),
        cmocka_unit_test(pieces_of_odd_names_are_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
