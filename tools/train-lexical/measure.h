/* measure.h - how well a model finds families it has not seen, and how scores become shares
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "names.h"

enum { RATES = 3 };

struct figures {
    double auc;             /* against all benign names */
    double auc_sure;        /* against those in several lists */
    double detected[RATES]; /* at false-positive rates of 1e-2, 1e-3 and 1e-4 on the latter */
    double detected_visited[RATES]; /* the same on those of them people visit themselves */
};

/* Trains a model a fold and gives each sample the score of the one that has not seen it, in
 * ret_scores[names->count]; those that all models see get no score. */
void measure_scores(const struct names *names, float *ret_scores);

/* Figures of each family that has scores in ret_families[], and their plain mean in *ret_mean. */
void measure_figures(const struct names *names, const float *scores,
                     struct figures ret_families[FAMILIES_MAX], struct figures *ret_mean);

/* Fills score_at[] from the benign names that several lists have. */
void measure_calibrate(const struct names *names, const float *scores, struct lexical_model *model);
