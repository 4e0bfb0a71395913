/* windows.h - windows of names as one client may ask for them: generated ones and benign ones
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each window belongs to a fold: its names were seen by no lexical model that scores them. */
#pragma once

#include "../train-lexical/names.h"
#include "meter/burst_model.h"

/* How benign names come to fail together. */
enum benign_kind {
    KIND_LIST,    /* names of one list: the same population */
    KIND_MIXED,   /* of all lists: a mail server checks its senders */
    KIND_TYPOS,   /* well-known names with a slip of the finger */
    KIND_RELATED, /* names that stand close in a sorted list: one owner's, or one brand's */
    KIND_COUNT,
};
extern const char *const benign_kinds[KIND_COUNT];

struct window {
    float features[BURST_FEATURE_COUNT];
    float sum;      /* of the lexical scores, clipped: what a window model has to beat */
    int16_t family; /* or BENIGN */
    uint8_t fold;
    uint8_t kind; /* enum benign_kind */
};

/* Draws windows from names; trains the lexical models of the folds first. */
struct drawer;
struct drawer *drawer_new(const struct names *names);
void drawer_free(struct drawer *drawer);

/* A window of `size` names, benign ones of this fold. */
void draw_benign(struct drawer *drawer, unsigned fold, unsigned size, struct window *ret);

/* Of a family, `foreign` of the names being benign ones that fail in between. */
void draw_generated(struct drawer *drawer, int16_t family, unsigned size, double foreign,
                    struct window *ret);

/* Whether a client whose day brings this many benign failures, in one go, is taken for infected
 * after any of them: when at most `share` of benign windows are as suspicious. */
bool draw_day(struct drawer *drawer, unsigned fold, unsigned names,
              const struct burst_model models[BURST_MODEL_COUNT], double share);

size_t drawer_family_names(const struct drawer *drawer, int16_t family);

/* 0 to 1. */
double draw_chance(struct drawer *drawer);
