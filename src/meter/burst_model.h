/* burst_model.h - how much several domains that one client asked for look made by one generator
 * SPDX-License-Identifier: Apache-2.0
 *
 * One name says little. Several say whether their lengths, letters and parts repeat as an
 * algorithm's do and people's do not. A window of names becomes some twenty numbers, each number a
 * weight that is read off a line with a few knots, and the sum of the weights the score. There is
 * one such model for each of a few window sizes, trained by tools/train-burst; a score is told as
 * the share of windows of benign names that reach it. Pure; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BURST_KNOTS = 7,
    BURST_STEPS = 17,      /* calibration: four steps a decade from 1 down to 1e-4 */
    BURST_DECADES_MAX = 9, /* no share is told as smaller than 10^-9 */
    BURST_NAMES_MIN = 4,
    BURST_NAMES_MAX = 64,
};
#define BURST_STEPS_A_DECADE 4

enum burst_feature {
#define BURST_FEATURE(id, text) BURST_FEATURE_##id,
#include "meter/burst_features.def"
#undef BURST_FEATURE
    BURST_FEATURE_COUNT,
};

/* One registrable domain of the window. Lower case. */
struct burst_label {
    const uint8_t *label; /* the registrable label; 1 to 63 bytes */
    const uint8_t *tld;   /* the top-level label */
    uint8_t len;
    uint8_t tld_len;
    float score; /* log-odds of the lexical model */
};

struct burst_line {
    float at[BURST_KNOTS]; /* values of the feature, rising */
    float weight[BURST_KNOTS];
};

struct burst_model {
    unsigned names; /* size of the windows it judges */
    float bias;
    struct burst_line lines[BURST_FEATURE_COUNT];
    float score_at[BURST_STEPS]; /* the score that a share 10^(-i/4) of benign windows reaches */
};

enum { BURST_MODEL_COUNT = 10 };
extern const struct burst_model burst_models[BURST_MODEL_COUNT]; /* by rising size */

/* The model of the largest windows of at most `names` names; NULL for fewer than BURST_NAMES_MIN.
 */
const struct burst_model *burst_model_for(unsigned names);

/* Measures `count` names, 1 to BURST_NAMES_MAX. Some 5 us for the largest window. */
void burst_features(const struct burst_label *labels, unsigned count,
                    float ret[BURST_FEATURE_COUNT]);

/* What people are told of a window; measured alone it is a small part of the work. */
struct burst_looks {
    double mean_score;
    double length_stddev;
    unsigned tlds; /* different ones */
    bool of_words; /* the labels look joined from words */
};

void burst_looks(const struct burst_label *labels, unsigned count, struct burst_looks *ret);

/* Measures a window of the model's size as far as it takes to see that its share (below) is larger
 * than `share`; then false, and what was measured says nothing. True when all is measured. */
bool burst_model_measure(const struct burst_model *model, const struct burst_label *labels,
                         double share, float ret[BURST_FEATURE_COUNT]);

float burst_model_score(const struct burst_model *model, const float features[BURST_FEATURE_COUNT]);

/* The share of windows of benign names that score as high; beyond the table the logarithm of the
 * share goes on falling as over its last decade. */
double burst_model_share(const struct burst_model *model, float score);
