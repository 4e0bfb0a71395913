/* windows.c - windows of names as one client may ask for them: generated ones and benign ones
 * SPDX-License-Identifier: Apache-2.0 */
#include "windows.h"

#include "../train-lexical/learner.h"
#include "prng.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { LISTS = 32, SEED = 7, TRIES = 64 };
#define SUM_MIN -2.0f
#define SUM_MAX 4.0f

const char *const benign_kinds[KIND_COUNT] = {"list", "mixed", "typos", "related"};
static const double kind_share[KIND_COUNT] = {0.5, 0.298, 0.2, 0.002};

/* Numbers of samples. */
struct pool {
    uint32_t *items;
    size_t count;
};

struct drawer {
    const struct names *names;
    struct prng prng;
    struct lexical_model models[FOLDS];
    struct pool benign[FOLDS];
    struct pool sure[FOLDS];
    struct pool lists[FOLDS][LISTS];
    struct pool families[FAMILIES_MAX];
    uint8_t family_fold[FAMILIES_MAX];
};

/* Memory for the names of the window that is being drawn. */
struct draft {
    struct sample names[BURST_NAMES_MAX];
    struct burst_label labels[BURST_NAMES_MAX];
    unsigned count;
};

static void pool_add(struct pool *pool, size_t item)
{
    if ((pool->count & (pool->count - 1)) == 0) {
        pool->items = realloc(pool->items, (pool->count ? pool->count * 2 : 1) * sizeof(uint32_t));
        if (!pool->items) {
            perror("train-burst");
            exit(1);
        }
    }
    pool->items[pool->count++] = (uint32_t)item;
}

static void sample_file(struct drawer *drawer, size_t i)
{
    const struct sample *sample = &drawer->names->samples[i];
    if (sample->family != BENIGN) {
        pool_add(&drawer->families[sample->family], i);
        drawer->family_fold[sample->family] = sample->fold;
        return;
    }
    pool_add(&drawer->benign[sample->fold], i);
    if (sample_is_sure(sample))
        pool_add(&drawer->sure[sample->fold], i);
    for (unsigned list = 0; list < LISTS; list++)
        if (sample->lists >> list & 1)
            pool_add(&drawer->lists[sample->fold][list], i);
}

struct drawer *drawer_new(const struct names *names)
{
    struct drawer *drawer = calloc(1, sizeof(*drawer));
    if (!drawer) {
        perror("train-burst");
        exit(1);
    }
    drawer->names = names;
    drawer->prng.state = SEED;
    for (unsigned fold = 0; fold < FOLDS; fold++)
        learner_train(names, fold, &drawer->models[fold]);
    for (size_t i = 0; i < names->count; i++)
        if (names->samples[i].fold < FOLDS)
            sample_file(drawer, i);
    return drawer;
}

void drawer_free(struct drawer *drawer)
{
    for (unsigned fold = 0; fold < FOLDS; fold++) {
        free(drawer->benign[fold].items);
        free(drawer->sure[fold].items);
        for (unsigned list = 0; list < LISTS; list++)
            free(drawer->lists[fold][list].items);
    }
    for (unsigned i = 0; i < FAMILIES_MAX; i++)
        free(drawer->families[i].items);
    free(drawer);
}

size_t drawer_family_names(const struct drawer *drawer, int16_t family)
{
    return drawer->families[family].count;
}

double draw_chance(struct drawer *drawer)
{
    return (double)(prng_next(&drawer->prng) >> 11) * 0x1p-53;
}

static bool draft_has(const struct draft *draft, const struct sample *sample)
{
    for (unsigned i = 0; i < draft->count; i++) {
        const struct sample *at = &draft->names[i];
        if (at->len == sample->len && memcmp(at->label, sample->label, at->len) == 0 &&
            at->suffix_len == sample->suffix_len &&
            memcmp(at->suffix, sample->suffix, at->suffix_len) == 0)
            return true;
    }
    return false;
}

static const struct sample *pool_draw(struct drawer *drawer, const struct pool *pool)
{
    unsigned at = prng_below(&drawer->prng, (unsigned)pool->count);
    return &drawer->names->samples[pool->items[at]];
}

/* A slip of the finger: one character left out, doubled, swapped with the next or replaced. */
static void misspell(struct drawer *drawer, struct sample *sample)
{
    unsigned at = prng_below(&drawer->prng, sample->len - 1u);
    uint8_t *c = sample->label + at;
    size_t rest = sample->len - at - 1u;
    switch (prng_below(&drawer->prng, 4)) {
    case 0:
        memmove(c, c + 1, rest);
        sample->len--;
        return;
    case 1:
        if (sample->len < LEXICAL_LABEL_MAX) {
            memmove(c + 1, c, rest + 1);
            sample->len++;
        }
        return;
    case 2: {
        uint8_t first = c[0];
        c[0] = c[1];
        c[1] = first;
        return;
    }
    default: *c = (uint8_t)('a' + prng_below(&drawer->prng, 26));
    }
}

/* Adds one name of the pool that the draft does not have yet. */
static void draft_add(struct drawer *drawer, struct draft *draft, const struct pool *pool,
                      bool slip)
{
    for (unsigned tries = 0; tries < TRIES; tries++) {
        struct sample sample = *pool_draw(drawer, pool);
        if (slip && sample.len >= 4)
            misspell(drawer, &sample);
        if (draft_has(draft, &sample))
            continue;
        draft->names[draft->count++] = sample;
        return;
    }
    draft->names[draft->count++] = *pool_draw(drawer, pool);
}

static void draft_add_run(struct drawer *drawer, struct draft *draft, const struct pool *pool,
                          unsigned size)
{
    unsigned from = prng_below(&drawer->prng, (unsigned)pool->count - size);
    while (draft->count < size)
        draft->names[draft->count++] = drawer->names->samples[pool->items[from++]];
}

static void draft_score(const struct drawer *drawer, struct draft *draft, unsigned fold)
{
    struct lexical_feature features[LEXICAL_FEATURES_MAX];
    for (unsigned i = 0; i < draft->count; i++) {
        const struct sample *sample = &draft->names[i];
        float score =
            lexical_model_score(&drawer->models[fold], features, sample_features(sample, features));
        struct lexical_text text = sample_text(sample);
        size_t tld_len;
        const uint8_t *tld = lexical_tld(&text, &tld_len);
        draft->labels[i] =
            (struct burst_label){sample->label, tld, sample->len, (uint8_t)tld_len, score};
    }
}

static void draft_measure(const struct drawer *drawer, struct draft *draft, unsigned fold,
                          struct window *ret)
{
    draft_score(drawer, draft, fold);
    ret->fold = (uint8_t)fold;
    ret->sum = 0;
    for (unsigned i = 0; i < draft->count; i++)
        ret->sum += fmaxf(SUM_MIN, fminf(SUM_MAX, draft->labels[i].score));
    burst_features(draft->labels, draft->count, ret->features);
}

/* A list long enough for windows that seldom share a name. */
static const struct pool *list_draw(struct drawer *drawer, unsigned fold, unsigned size)
{
    const struct pool *pool;
    do
        pool = &drawer->lists[fold][prng_below(&drawer->prng, LISTS)];
    while (pool->count < 4 * size);
    return pool;
}

static uint8_t draft_benign(struct drawer *drawer, unsigned fold, unsigned size,
                            struct draft *draft)
{
    double chance = draw_chance(drawer);
    uint8_t kind = 0;
    while (kind < KIND_COUNT - 1 && chance >= kind_share[kind])
        chance -= kind_share[kind++];
    const struct pool *pool = kind == KIND_LIST    ? list_draw(drawer, fold, size)
                              : kind == KIND_TYPOS ? &drawer->sure[fold]
                                                   : &drawer->benign[fold];
    if (kind == KIND_RELATED)
        draft_add_run(drawer, draft, pool, size);
    while (draft->count < size)
        draft_add(drawer, draft, pool, kind == KIND_TYPOS);
    return kind;
}

void draw_benign(struct drawer *drawer, unsigned fold, unsigned size, struct window *ret)
{
    struct draft draft = {.count = 0};
    ret->family = BENIGN;
    ret->kind = draft_benign(drawer, fold, size, &draft);
    draft_measure(drawer, &draft, fold, ret);
}

bool draw_day(struct drawer *drawer, unsigned fold, unsigned names,
              const struct burst_model models[BURST_MODEL_COUNT], double share)
{
    struct draft draft = {.count = 0};
    float features[BURST_FEATURE_COUNT];
    draft_benign(drawer, fold, names, &draft);
    draft_score(drawer, &draft, fold);
    for (unsigned seen = models[0].names; seen <= names; seen++) {
        unsigned at = BURST_MODEL_COUNT - 1;
        while (models[at].names > seen)
            at--;
        const struct burst_model *model = &models[at];
        burst_features(draft.labels + seen - model->names, model->names, features);
        if (burst_model_share(model, burst_model_score(model, features)) <= share)
            return true;
    }
    return false;
}

void draw_generated(struct drawer *drawer, int16_t family, unsigned size, double foreign,
                    struct window *ret)
{
    struct draft draft = {.count = 0};
    unsigned fold = drawer->family_fold[family];
    while (draft.count < size)
        draft_add(drawer, &draft,
                  draw_chance(drawer) < foreign ? &drawer->benign[fold] : &drawer->families[family],
                  false);
    ret->family = family;
    ret->kind = 0;
    draft_measure(drawer, &draft, fold, ret);
}
