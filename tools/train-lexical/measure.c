/* measure.c - how well a model finds families it has not seen, and how scores become shares
 * SPDX-License-Identifier: Apache-2.0 */
#include "measure.h"

#include "learner.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double rates[RATES] = {1e-2, 1e-3, 1e-4};

/* Scores in falling order. */
struct ladder {
    float *scores;
    size_t count;
};

static int falling(const void *a, const void *b)
{
    float left = *(const float *)a, right = *(const float *)b;
    return (left < right) - (left > right);
}

static bool any(const struct names *names, const struct sample *sample)
{
    (void)names, (void)sample;
    return true;
}

static bool sure(const struct names *names, const struct sample *sample)
{
    (void)names;
    return sample_is_sure(sample);
}

/* The scores of the benign names for which `takes` holds. */
static struct ladder ladder_new(const struct names *names, const float *scores,
                                bool (*takes)(const struct names *, const struct sample *))
{
    struct ladder ladder = {.scores = malloc(names->benign_count * sizeof(float))};
    if (!ladder.scores) {
        perror("train-lexical");
        exit(1);
    }
    for (size_t i = 0; i < names->benign_count; i++)
        if (takes(names, &names->samples[i]))
            ladder.scores[ladder.count++] = scores[i];
    qsort(ladder.scores, ladder.count, sizeof(float), falling);
    return ladder;
}

/* The score that only a share `rate` of the ladder lies above. */
static float ladder_at(const struct ladder *ladder, double rate)
{
    size_t at = (size_t)(rate * (double)ladder->count);
    return ladder->scores[at < ladder->count ? at : ladder->count - 1];
}

/* The share of the ladder that lies above `score`. */
static double ladder_above(const struct ladder *ladder, float score)
{
    size_t low = 0, high = ladder->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (ladder->scores[middle] > score)
            low = middle + 1;
        else
            high = middle;
    }
    return (double)low / (double)ladder->count;
}

void measure_scores(const struct names *names, float *ret_scores)
{
    static struct lexical_model model;
    struct lexical_feature features[LEXICAL_FEATURES_MAX];
    for (unsigned fold = 0; fold < FOLDS; fold++) {
        learner_train(names, fold, &model);
        for (size_t i = 0; i < names->count; i++) {
            const struct sample *sample = &names->samples[i];
            if (sample->fold == fold)
                ret_scores[i] =
                    lexical_model_score(&model, features, sample_features(sample, features));
        }
    }
}

static void figures_add(struct figures *to, const struct figures *from, double weight)
{
    to->auc += from->auc * weight;
    to->auc_sure += from->auc_sure * weight;
    for (int i = 0; i < RATES; i++) {
        to->detected[i] += from->detected[i] * weight;
        to->detected_visited[i] += from->detected_visited[i] * weight;
    }
}

void measure_figures(const struct names *names, const float *scores,
                     struct figures ret_families[FAMILIES_MAX], struct figures *ret_mean)
{
    struct ladder all = ladder_new(names, scores, any), several = ladder_new(names, scores, sure);
    struct ladder visited = ladder_new(names, scores, sample_is_visited);
    size_t in_family[FAMILIES_MAX] = {0};
    struct figures sums[FAMILIES_MAX] = {0};
    unsigned families = 0;
    for (size_t i = names->benign_count; i < names->count; i++) {
        const struct sample *sample = &names->samples[i];
        if (sample->fold == FOLDS)
            continue;
        struct figures one = {.auc = 1 - ladder_above(&all, scores[i]),
                              .auc_sure = 1 - ladder_above(&several, scores[i])};
        for (int rate = 0; rate < RATES; rate++) {
            one.detected[rate] = scores[i] > ladder_at(&several, rates[rate]);
            one.detected_visited[rate] = scores[i] > ladder_at(&visited, rates[rate]);
        }
        figures_add(&sums[sample->family], &one, 1);
        families += in_family[sample->family]++ == 0;
    }
    *ret_mean = (struct figures){0};
    for (unsigned i = 0; i < names->family_count; i++) {
        ret_families[i] = (struct figures){0};
        if (!in_family[i])
            continue;
        figures_add(&ret_families[i], &sums[i], 1.0 / (double)in_family[i]);
        figures_add(ret_mean, &ret_families[i], 1.0 / families);
    }
    free(all.scores);
    free(several.scores);
    free(visited.scores);
}

void measure_calibrate(const struct names *names, const float *scores, struct lexical_model *model)
{
    struct ladder several = ladder_new(names, scores, sure);
    model->score_at[0] = several.scores[several.count - 1];
    for (int i = 1; i < LEXICAL_STEPS; i++)
        model->score_at[i] = ladder_at(&several, exp2(i * (double)LEXICAL_LOG2_STEP));
    free(several.scores);
}
