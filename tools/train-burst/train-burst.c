/* train-burst.c - makes data/models/burst.inc and says how good it is
 * SPDX-License-Identifier: Apache-2.0
 *
 * Usage: train-burst DATA_FOLDER MODEL_FILE > FIGURES
 *
 * README.md beside this file says what the folder holds and how to read the figures. */
#include "../train-lexical/synthetic.h"
#include "fit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    GENERATED_EACH = 300, /* windows of a family */
    LEARNED_EACH = 10000, /* benign windows of a fold to learn from … */
    JUDGED_EACH = 40000,  /* … and to calibrate and measure on */
    TESTED_EACH = 200,    /* windows of an unseen family */
    DAYS = 200000,
    DAY_FAILURES = 6,
};
#define SHARE_ALERT 5e-5 /* of benign windows: the default of bursts.false_ppm */

static const uint8_t sizes[BURST_MODEL_COUNT] = {4, 5, 6, 8, 10, 14, 20, 28, 40, 64};

/* The windows of one size. */
struct stock {
    struct window *learned, *judged, *tested;
    size_t learned_count, judged_count, tested_count;
};

static struct stock stock_new(unsigned families)
{
    struct stock stock = {
        .learned = calloc(FOLDS * LEARNED_EACH + families * GENERATED_EACH, sizeof(struct window)),
        .judged = calloc(FOLDS * JUDGED_EACH, sizeof(struct window)),
        .tested = calloc(families * TESTED_EACH, sizeof(struct window)),
    };
    if (!stock.learned || !stock.judged || !stock.tested) {
        perror("train-burst");
        exit(1);
    }
    return stock;
}

static void stock_free(struct stock *stock)
{
    free(stock->learned);
    free(stock->judged);
    free(stock->tested);
}

/* Half of the windows learned from have other failures of the same client among them. */
static double foreign_draw(struct drawer *drawer)
{
    return draw_chance(drawer) < 0.5 ? 0 : 0.3 * draw_chance(drawer);
}

static void stock_fill(struct stock *stock, struct drawer *drawer, unsigned families, unsigned size)
{
    stock->learned_count = stock->judged_count = stock->tested_count = 0;
    for (unsigned fold = 0; fold < FOLDS; fold++) {
        for (int i = 0; i < LEARNED_EACH; i++)
            draw_benign(drawer, fold, size, &stock->learned[stock->learned_count++]);
        for (int i = 0; i < JUDGED_EACH; i++)
            draw_benign(drawer, fold, size, &stock->judged[stock->judged_count++]);
    }
    for (int16_t family = 0; family < (int16_t)families; family++) {
        if (drawer_family_names(drawer, family) < 2 * size)
            continue;
        for (int i = 0; i < GENERATED_EACH; i++)
            draw_generated(drawer, family, size, foreign_draw(drawer),
                           &stock->learned[stock->learned_count++]);
        for (int i = 0; i < TESTED_EACH; i++)
            draw_generated(drawer, family, size, i % 2 ? 0.1 : 0,
                           &stock->tested[stock->tested_count++]);
    }
}

/* What one size of window finds of families its models have not seen. */
struct result {
    double found[FAMILIES_MAX]; /* -1: too few names */
    double by_sum[FAMILIES_MAX];
    double false_share;
    unsigned false_of_kind[KIND_COUNT];
};

static int falling(const void *a, const void *b)
{
    float left = *(const float *)a, right = *(const float *)b;
    return (left < right) - (left > right);
}

/* The sum of scores that a share of the benign windows outside the fold reaches. */
static float sum_limit(const struct stock *stock, unsigned fold)
{
    float *sums = malloc(stock->judged_count * sizeof(*sums));
    size_t count = 0;
    for (size_t i = 0; i < stock->judged_count; i++)
        if (stock->judged[i].fold != fold)
            sums[count++] = stock->judged[i].sum;
    qsort(sums, count, sizeof(*sums), falling);
    float limit = sums[(size_t)(SHARE_ALERT * (double)count)];
    free(sums);
    return limit;
}

static bool fires(const struct burst_model *model, const struct window *window)
{
    return burst_model_share(model, burst_model_score(model, window->features)) <= SHARE_ALERT;
}

static void fold_measure(const struct stock *stock, unsigned fold, unsigned size,
                         struct result *result)
{
    struct burst_model model = {.names = size};
    fit(stock->learned, stock->learned_count, fold, &model);
    fit_calibrate(stock->judged, stock->judged_count, fold, &model);
    float limit = sum_limit(stock, fold);
    for (size_t i = 0; i < stock->tested_count; i++) {
        const struct window *window = &stock->tested[i];
        if (window->fold != fold)
            continue;
        result->found[window->family] += (double)fires(&model, window) / TESTED_EACH;
        result->by_sum[window->family] += (double)(window->sum > limit) / TESTED_EACH;
    }
    for (size_t i = 0; i < stock->judged_count; i++) {
        const struct window *window = &stock->judged[i];
        if (window->fold != fold || !fires(&model, window))
            continue;
        result->false_share += 1.0 / (double)stock->judged_count;
        result->false_of_kind[window->kind]++;
    }
}

static void result_print(const struct names *names, unsigned families,
                         const struct result results[BURST_MODEL_COUNT])
{
    printf("%-24s", "found, of windows of");
    for (int i = 0; i < BURST_MODEL_COUNT; i++)
        printf(" %5u", sizes[i]);
    for (unsigned family = 0; family < families; family++) {
        printf("\n%-24s", names->families[family]);
        for (int i = 0; i < BURST_MODEL_COUNT; i++)
            if (results[i].found[family] >= 0)
                printf(" %5.2f", results[i].found[family]);
            else
                printf("     -");
    }
}

static double mean_of(const double *found, const double *known, unsigned families)
{
    double sum = 0;
    unsigned count = 0;
    for (unsigned i = 0; i < families; i++) {
        if (known[i] < 0)
            continue;
        sum += found[i];
        count++;
    }
    return sum / count;
}

static void means_print(unsigned families, const struct result results[BURST_MODEL_COUNT])
{
    printf("\n%-24s", "mean of unseen families");
    for (int i = 0; i < BURST_MODEL_COUNT; i++)
        printf(" %5.3f", mean_of(results[i].found, results[i].found, families));
    printf("\n%-24s", "by the sum of scores");
    for (int i = 0; i < BURST_MODEL_COUNT; i++)
        printf(" %5.3f", mean_of(results[i].by_sum, results[i].found, families));
    printf("\n%-24s", "false, in 10,000");
    for (int i = 0; i < BURST_MODEL_COUNT; i++)
        printf(" %5.2f", results[i].false_share * 1e4);
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        printf("\n  %-22s", benign_kinds[kind]);
        for (int i = 0; i < BURST_MODEL_COUNT; i++)
            printf(" %5u", results[i].false_of_kind[kind]);
    }
    printf("\n");
}

/* Clients have few failures on most days: their number falls off exponentially. */
static void days_print(struct drawer *drawer, const struct burst_model models[BURST_MODEL_COUNT])
{
    unsigned alarmed = 0;
    for (int day = 0; day < DAYS; day++) {
        double names = -DAY_FAILURES * log(1 - draw_chance(drawer));
        unsigned count = names < BURST_NAMES_MAX ? (unsigned)names : BURST_NAMES_MAX;
        alarmed += draw_day(drawer, (unsigned)day % FOLDS, count, models, SHARE_ALERT);
    }
    printf("\n%u of %d days of a client with %d benign failures a day on average alarm\n", alarmed,
           DAYS, DAY_FAILURES);
}

static void floats_write(FILE *file, const float *values, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        fprintf(file, "%s%.4ff", i ? ", " : "", (double)values[i]);
}

static void model_write(FILE *file, const struct burst_model *model)
{
    fprintf(file, "{.names = %u, .bias = %.4ff, .lines = {\n", model->names, (double)model->bias);
    for (unsigned i = 0; i < BURST_FEATURE_COUNT; i++) {
        fprintf(file, "  {{");
        floats_write(file, model->lines[i].at, BURST_KNOTS);
        fprintf(file, "},\n   {");
        floats_write(file, model->lines[i].weight, BURST_KNOTS);
        fprintf(file, "}},\n");
    }
    fprintf(file, " }, .score_at = {\n  ");
    floats_write(file, model->score_at, 9);
    fprintf(file, ",\n  ");
    floats_write(file, model->score_at + 9, BURST_STEPS - 9);
    fprintf(file, "}},\n");
}

static void size_train(struct drawer *drawer, struct stock *stock, unsigned families, unsigned size,
                       struct burst_model *model, struct result *result)
{
    stock_fill(stock, drawer, families, size);
    for (unsigned i = 0; i < families; i++)
        result->found[i] = drawer_family_names(drawer, (int16_t)i) < 2 * size ? -1 : 0;
    for (unsigned fold = 0; fold < FOLDS; fold++)
        fold_measure(stock, fold, size, result);
    model->names = size;
    fit(stock->learned, stock->learned_count, FOLDS, model);
    fit_calibrate(stock->judged, stock->judged_count, FOLDS, model);
}

int main(int argc, char **argv)
{
    static struct names names;
    static struct result results[BURST_MODEL_COUNT];
    static struct burst_model models[BURST_MODEL_COUNT];
    struct error error;
    if (argc != 3) {
        fprintf(stderr, "usage: train-burst DATA_FOLDER MODEL_FILE > FIGURES\n");
        return EXIT_FAILURE;
    }
    if (names_read(argv[1], &names, &error) < 0) {
        fprintf(stderr, "train-burst: %s\n", error.text);
        return EXIT_FAILURE;
    }
    FILE *file = fopen(argv[2], "w");
    if (!file) {
        perror(argv[2]);
        return EXIT_FAILURE;
    }
    unsigned families = names.family_count;
    synthetic_add(&names);
    struct drawer *drawer = drawer_new(&names);
    struct stock stock = stock_new(families);
    fprintf(file, "/* Made by tools/train-burst. */\n");
    for (int i = 0; i < BURST_MODEL_COUNT; i++) {
        size_train(drawer, &stock, families, sizes[i], &models[i], &results[i]);
        model_write(file, &models[i]);
    }
    result_print(&names, families, results);
    means_print(families, results);
    days_print(drawer, models);
    stock_free(&stock);
    drawer_free(drawer);
    names_done(&names);
    return fclose(file) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
