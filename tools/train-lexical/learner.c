/* learner.c - trains the lexical model: logistic regression over hashed features
 * SPDX-License-Identifier: Apache-2.0
 *
 * AdaGrad (Duchi, Hazan, Singer 2011): each weight has its own step, which shrinks with the
 * gradients it has seen, so that rare runs of letters learn as fast as common ones. */
#include "learner.h"

#include "prng.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { EPOCHS = 2, SEED = 99 };

static const float step = 0.3f, bias_step = 0.1f;
/* The weight of all generated names, those of all benign ones being 1. The fewer, the more the
 * model learns where few benign names are, which is where it is used. */
static const float generated_share = 0.1f;
static const float sure_weight = 2; /* of a benign name that several lists have */
static const float weight_max = 20; /* so that a small family does not shout */

struct learner {
    float weights[LEXICAL_SLOTS];
    float squares[LEXICAL_SLOTS]; /* sums of squared gradients */
    float bias;
    float bias_squares;
    float sample_weight[FAMILIES_MAX];
};

static uint32_t *samples_choose(const struct names *names, unsigned fold, size_t *ret_count)
{
    uint32_t *chosen = malloc(names->count * sizeof(*chosen));
    if (!chosen) {
        perror("train-lexical");
        exit(1);
    }
    *ret_count = 0;
    for (size_t i = 0; i < names->count; i++)
        if (names->samples[i].fold != fold || fold == FOLDS)
            chosen[(*ret_count)++] = (uint32_t)i;
    return chosen;
}

/* Every family weighs the same, and all of them together a share of the benign names. */
static void families_weigh(struct learner *learner, const struct names *names,
                           const uint32_t *chosen, size_t count)
{
    size_t in_family[FAMILIES_MAX] = {0}, benign = 0;
    unsigned families = 0;
    for (size_t i = 0; i < count; i++) {
        int family = names->samples[chosen[i]].family;
        benign += family == BENIGN;
        if (family != BENIGN)
            families += in_family[family]++ == 0;
    }
    for (unsigned i = 0; i < names->family_count; i++)
        if (in_family[i])
            learner->sample_weight[i] =
                fminf(weight_max,
                      generated_share * (float)benign / ((float)families * (float)in_family[i]));
}

static void shuffle(struct prng *prng, uint32_t *items, size_t count)
{
    for (size_t i = count - 1; i > 0; i--) {
        size_t j = prng_below(prng, (unsigned)(i + 1));
        uint32_t item = items[i];
        items[i] = items[j];
        items[j] = item;
    }
}

static void learn(struct learner *learner, const struct sample *sample)
{
    struct lexical_feature features[LEXICAL_FEATURES_MAX];
    unsigned count = sample_features(sample, features);
    float value = 1 / sqrtf((float)count), sum = 0;
    for (unsigned i = 0; i < count; i++)
        sum += learner->weights[features[i].slot];
    bool generated = sample->family != BENIGN;
    float weight = generated                ? learner->sample_weight[sample->family]
                   : sample_is_sure(sample) ? sure_weight
                                            : 1;
    float error = (1 / (1 + expf(-(sum * value + learner->bias))) - (float)generated) * weight;
    float gradient = error * value;
    for (unsigned i = 0; i < count; i++) {
        float *square = &learner->squares[features[i].slot];
        *square += gradient * gradient;
        learner->weights[features[i].slot] -= step * gradient / sqrtf(*square + 1e-8f);
    }
    learner->bias_squares += error * error;
    learner->bias -= bias_step * error / sqrtf(learner->bias_squares + 1e-8f);
}

static void model_round(const struct learner *learner, struct lexical_model *ret_model)
{
    float largest = 0;
    for (unsigned i = 0; i < LEXICAL_SLOTS; i++)
        largest = fmaxf(largest, fabsf(learner->weights[i]));
    ret_model->scale = largest / INT8_MAX;
    ret_model->bias = learner->bias;
    for (unsigned i = 0; i < LEXICAL_SLOTS; i++)
        ret_model->weights[i] = (int8_t)lrintf(learner->weights[i] / ret_model->scale);
}

void learner_train(const struct names *names, unsigned fold, struct lexical_model *ret_model)
{
    static struct learner learner;
    struct prng prng = {SEED};
    size_t count;
    uint32_t *chosen = samples_choose(names, fold, &count);
    learner = (struct learner){0};
    families_weigh(&learner, names, chosen, count);
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        shuffle(&prng, chosen, count);
        for (size_t i = 0; i < count; i++)
            learn(&learner, &names->samples[chosen[i]]);
    }
    model_round(&learner, ret_model);
    free(chosen);
}
