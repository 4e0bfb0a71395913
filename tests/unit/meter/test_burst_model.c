/* test_burst_model.c - the numbers that describe a window of names, and what a model makes of them
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "meter/burst_model.h"
#include "prng.h"

#include <math.h>
#include <string.h>

static const char *const feature_texts[BURST_FEATURE_COUNT] = {
#define BURST_FEATURE(id, text) text,
#include "meter/burst_features.def"
#undef BURST_FEATURE
};

struct name {
    const char *label;
    const char *tld;
    float score;
};

static void features_of(const struct name *names, unsigned count, float ret[BURST_FEATURE_COUNT])
{
    struct burst_label labels[BURST_NAMES_MAX];
    for (unsigned i = 0; i < count; i++)
        labels[i] = (struct burst_label){
            .label = (const uint8_t *)names[i].label,
            .tld = (const uint8_t *)names[i].tld,
            .len = (uint8_t)strlen(names[i].label),
            .tld_len = (uint8_t)strlen(names[i].tld),
            .score = names[i].score,
        };
    burst_features(labels, count, ret);
}

static void a_window_is_described_as_one_would_by_hand(void **state)
{
    (void)state;
    static const struct name names[] = {
        {"aabb", "com", 1}, {"ab-1", "com", 3}, {"bluehorse", "net", -1}, {"bluehouse", "org", 99}};
    const struct {
        enum burst_feature feature;
        double value;
    } expected[] = {
        {BURST_FEATURE_SCORE_MEAN, (1 + 3 - 1 + 8) / 4.0}, /* 99 is cut to 8 */
        {BURST_FEATURE_SCORE_LOW, 1},
        {BURST_FEATURE_SCORE_MEDIAN, 3},
        {BURST_FEATURE_SCORE_HIGH, 3},
        {BURST_FEATURE_LENGTH_MEAN, 6.5},
        {BURST_FEATURE_LENGTH_SPREAD, log1p(2.5)},
        {BURST_FEATURE_LENGTH_MODE, 0.5},
        {BURST_FEATURE_TLDS, 0.75},
        {BURST_FEATURE_TLD_MODE, 0.5},
        {BURST_FEATURE_CHARACTERS, 11},
        {BURST_FEATURE_VOWELS, (2 + 1 + 4 + 5) / 24.0},
        {BURST_FEATURE_DIGITS, 1 / 26.0},
        {BURST_FEATURE_HYPHENS, 0.25},
        {BURST_FEATURE_RUNS, (2 + 1 + 2 + 2) / 4.0},
        {BURST_FEATURE_SHARED_3, 4 / 18.0}, /* blu lue ueh eho */
        {BURST_FEATURE_SHARED_5, 2 / 10.0}, /* blueh lueho */
        {BURST_FEATURE_SHARING, 0.25},
        {BURST_FEATURE_STARTS, 0.25},
        {BURST_FEATURE_ENDS, 0},
    };
    float features[BURST_FEATURE_COUNT];
    features_of(names, 4, features);
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
        if (fabs((double)features[expected[i].feature] - expected[i].value) > 1e-5)
            fail_msg("%s: %f, not %f", feature_texts[expected[i].feature],
                     (double)features[expected[i].feature], expected[i].value);
}

static void the_largest_window_of_the_longest_labels_fits(void **state)
{
    (void)state;
    static char label[BURST_NAMES_MAX][64];
    struct name names[BURST_NAMES_MAX];
    float features[BURST_FEATURE_COUNT];
    uint32_t random = 1;
    for (unsigned i = 0; i < BURST_NAMES_MAX; i++) {
        for (unsigned at = 0; at < 63; at++) {
            random = random * 1664525 + 1013904223;
            label[i][at] = (char)('a' + (random >> 16) % 26);
        }
        names[i] = (struct name){label[i], "com", 4};
    }
    features_of(names, BURST_NAMES_MAX, features);
    assert_true(features[BURST_FEATURE_SHARED_5] < 0.01f);
    assert_true(features[BURST_FEATURE_LENGTH_SPREAD] == 0);
    for (unsigned i = 1; i < BURST_NAMES_MAX; i++)
        names[i].label = names[0].label;
    features_of(names, BURST_NAMES_MAX, features);
    assert_float_equal(features[BURST_FEATURE_SHARED_5], 63.0f / 64, 1e-6f);
}

static void the_models_rise_in_size_and_each_line_and_table_rises(void **state)
{
    (void)state;
    for (unsigned i = 0; i < BURST_MODEL_COUNT; i++) {
        const struct burst_model *model = &burst_models[i];
        assert_true(i == 0 ? model->names == BURST_NAMES_MIN
                           : model->names > burst_models[i - 1].names);
        for (unsigned line = 0; line < BURST_FEATURE_COUNT; line++)
            for (unsigned knot = 1; knot < BURST_KNOTS; knot++)
                assert_true(model->lines[line].at[knot] > model->lines[line].at[knot - 1]);
        for (unsigned step = 1; step < BURST_STEPS; step++)
            assert_true(model->score_at[step] > model->score_at[step - 1]);
    }
    assert_int_equal(burst_models[BURST_MODEL_COUNT - 1].names, BURST_NAMES_MAX);
}

static void a_window_is_judged_by_the_largest_model_that_it_fills(void **state)
{
    (void)state;
    assert_null(burst_model_for(BURST_NAMES_MIN - 1));
    for (unsigned i = 0; i < BURST_MODEL_COUNT; i++) {
        assert_ptr_equal(burst_model_for(burst_models[i].names), &burst_models[i]);
        if (i + 1 < BURST_MODEL_COUNT)
            assert_ptr_equal(burst_model_for(burst_models[i + 1].names - 1), &burst_models[i]);
    }
}

static void a_higher_score_is_a_smaller_share(void **state)
{
    (void)state;
    const struct burst_model *model = burst_model_for(10);
    float low = model->score_at[0], high = model->score_at[BURST_STEPS - 1];
    double before = burst_model_share(model, low);
    assert_true(before == 1);
    for (int i = 1; i <= 300; i++) {
        double share = burst_model_share(model, low + (high - low) * (float)i / 100);
        assert_true(share <= before && share > 0);
        before = share;
    }
    assert_true(fabs(log10(burst_model_share(model, high)) + 4) < 1e-6);
    assert_true(fabs(log10(burst_model_share(model, 1e6f)) + BURST_DECADES_MAX) < 1e-6);
}

/* Labels of random letters, of which few or many are used. */
static void window_draw(struct prng *prng, struct burst_label labels[BURST_NAMES_MAX],
                        uint8_t text[BURST_NAMES_MAX][16])
{
    unsigned letters = 2 + prng_below(prng, 24);
    float score = (float)prng_below(prng, 120) / 10 - 8;
    for (unsigned i = 0; i < BURST_NAMES_MAX; i++) {
        unsigned len = 1 + prng_below(prng, 16);
        for (unsigned at = 0; at < len; at++)
            text[i][at] = (uint8_t)('a' + prng_below(prng, letters));
        labels[i] = (struct burst_label){text[i], (const uint8_t *)"com", (uint8_t)len, 3,
                                         score + (float)prng_below(prng, 20) / 10};
    }
}

/* What is left before all is measured is what would have been told to be common. */
static void what_is_measured_in_part_only_would_not_have_passed(void **state)
{
    (void)state;
    struct prng prng = {.state = 3};
    unsigned cut = 0, whole = 0;
    for (int i = 0; i < 3000; i++) {
        struct burst_label labels[BURST_NAMES_MAX];
        uint8_t text[BURST_NAMES_MAX][16];
        float all[BURST_FEATURE_COUNT], some[BURST_FEATURE_COUNT];
        const struct burst_model *model = &burst_models[prng_below(&prng, BURST_MODEL_COUNT)];
        double share = pow(10, -(double)prng_below(&prng, 60) / 10);
        window_draw(&prng, labels, text);
        burst_features(labels, model->names, all);
        bool measured = burst_model_measure(model, labels, share, some);
        if (measured)
            assert_memory_equal(all, some, sizeof(all));
        else
            assert_true(burst_model_share(model, burst_model_score(model, all)) > share);
        whole += measured;
        cut += !measured;
    }
    assert_true(cut > 100 && whole > 100);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_window_is_described_as_one_would_by_hand),
        cmocka_unit_test(the_largest_window_of_the_longest_labels_fits),
        cmocka_unit_test(the_models_rise_in_size_and_each_line_and_table_rises),
        cmocka_unit_test(a_window_is_judged_by_the_largest_model_that_it_fills),
        cmocka_unit_test(a_higher_score_is_a_smaller_share),
        cmocka_unit_test(what_is_measured_in_part_only_would_not_have_passed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
