/* fit.c - fits a window model: logistic regression over broken lines
 * SPDX-License-Identifier: Apache-2.0
 *
 * AdaGrad (Duchi, Hazan, Singer 2011), with a pull of every weight towards 0. */
#include "fit.h"

#include "prng.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { EPOCHS = 12, SEED = 5 };
static const float step = 0.3f, pull = 3e-5f;
static const double knot_at[BURST_KNOTS] = {0.01, 0.08, 0.25, 0.5, 0.75, 0.92, 0.99};

struct fitter {
    struct burst_model *model;
    float squares[BURST_FEATURE_COUNT][BURST_KNOTS];
    float bias_squares;
    float benign_weight;
    float family_weight[FAMILIES_MAX];
};

static void *memory(size_t bytes)
{
    void *at = calloc(1, bytes);
    if (!at) {
        perror("train-burst");
        exit(1);
    }
    return at;
}

static int rising(const void *a, const void *b)
{
    float left = *(const float *)a, right = *(const float *)b;
    return (left > right) - (left < right);
}

static int falling(const void *a, const void *b)
{
    return rising(b, a);
}

/* Half of the knots' raw material is benign, half generated. */
static void knots_place(const struct window **chosen, size_t count, struct burst_model *model)
{
    float *sides[2] = {memory(count * sizeof(float)), memory(count * sizeof(float))};
    for (unsigned feature = 0; feature < BURST_FEATURE_COUNT; feature++) {
        size_t counts[2] = {0};
        for (size_t i = 0; i < count; i++) {
            int side = chosen[i]->family != BENIGN;
            sides[side][counts[side]++] = chosen[i]->features[feature];
        }
        struct burst_line *line = &model->lines[feature];
        for (int side = 0; side < 2; side++)
            qsort(sides[side], counts[side], sizeof(float), rising);
        for (unsigned knot = 0; knot < BURST_KNOTS; knot++) {
            float at[2];
            for (int side = 0; side < 2; side++)
                at[side] = sides[side][(size_t)(knot_at[knot] * (double)counts[side])];
            line->at[knot] = (at[0] + at[1]) / 2;
            float least = knot ? line->at[knot - 1] + 1e-3f : line->at[knot];
            line->at[knot] = fmaxf(line->at[knot], least);
        }
    }
    free(sides[0]);
    free(sides[1]);
}

/* The two knots beside a value and their shares in it; one of them may be 0. */
static unsigned knot_below(const struct burst_line *line, float value, float *ret_part)
{
    unsigned knot = 0;
    while (knot < BURST_KNOTS - 2 && value >= line->at[knot + 1])
        knot++;
    float part = (value - line->at[knot]) / (line->at[knot + 1] - line->at[knot]);
    *ret_part = fmaxf(0, fminf(1, part));
    return knot;
}

static void weight_move(float *weight, float *squares, float gradient)
{
    gradient += pull * *weight;
    *squares += gradient * gradient;
    *weight -= step * gradient / sqrtf(*squares + 1e-6f);
}

static void learn(struct fitter *fitter, const struct window *window)
{
    bool generated = window->family != BENIGN;
    float weight = generated ? fitter->family_weight[window->family] : fitter->benign_weight;
    float score = burst_model_score(fitter->model, window->features);
    float error = (1 / (1 + expf(-score)) - (float)generated) * weight;
    for (unsigned i = 0; i < BURST_FEATURE_COUNT; i++) {
        struct burst_line *line = &fitter->model->lines[i];
        float part;
        unsigned knot = knot_below(line, window->features[i], &part);
        weight_move(&line->weight[knot], &fitter->squares[i][knot], error * (1 - part));
        weight_move(&line->weight[knot + 1], &fitter->squares[i][knot + 1], error * part);
    }
    weight_move(&fitter->model->bias, &fitter->bias_squares, error);
}

static void weigh(struct fitter *fitter, const struct window **chosen, size_t count)
{
    size_t of_family[FAMILIES_MAX] = {0}, benign = 0;
    unsigned families = 0;
    for (size_t i = 0; i < count; i++) {
        if (chosen[i]->family == BENIGN)
            benign++;
        else
            families += of_family[chosen[i]->family]++ == 0;
    }
    float mean = (float)count / 2;
    fitter->benign_weight = mean / (float)benign;
    for (unsigned i = 0; i < FAMILIES_MAX; i++)
        if (of_family[i])
            fitter->family_weight[i] = mean / (float)families / (float)of_family[i];
}

static void shuffle(struct prng *prng, const struct window **items, size_t count)
{
    for (size_t i = count - 1; i > 0; i--) {
        size_t j = prng_below(prng, (unsigned)(i + 1));
        const struct window *item = items[i];
        items[i] = items[j];
        items[j] = item;
    }
}

static size_t choose(const struct window *windows, size_t count, unsigned leave,
                     const struct window **ret)
{
    size_t chosen = 0;
    for (size_t i = 0; i < count; i++)
        if (windows[i].fold != leave)
            ret[chosen++] = &windows[i];
    return chosen;
}

void fit(const struct window *windows, size_t count, unsigned leave, struct burst_model *ret_model)
{
    struct fitter fitter = {.model = ret_model};
    struct prng prng = {SEED};
    const struct window **chosen = memory(count * sizeof(*chosen));
    count = choose(windows, count, leave, chosen);
    ret_model->bias = 0;
    memset(ret_model->lines, 0, sizeof(ret_model->lines));
    knots_place(chosen, count, ret_model);
    weigh(&fitter, chosen, count);
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        shuffle(&prng, chosen, count);
        for (size_t i = 0; i < count; i++)
            learn(&fitter, chosen[i]);
    }
    free(chosen);
}

void fit_calibrate(const struct window *windows, size_t count, unsigned leave,
                   struct burst_model *model)
{
    float *scores = memory(count * sizeof(*scores));
    size_t scored = 0;
    for (size_t i = 0; i < count; i++)
        if (windows[i].fold != leave && windows[i].family == BENIGN)
            scores[scored++] = burst_model_score(model, windows[i].features);
    qsort(scores, scored, sizeof(*scores), falling);
    model->score_at[0] = scores[scored - 1];
    for (int i = 1; i < BURST_STEPS; i++)
        model->score_at[i] =
            scores[(size_t)(pow(10, -(double)i / BURST_STEPS_A_DECADE) * (double)scored)];
    free(scores);
}
