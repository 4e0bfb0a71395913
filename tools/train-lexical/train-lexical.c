/* train-lexical.c - makes data/models/lexical.bin and says how good it is
 * SPDX-License-Identifier: Apache-2.0
 *
 * Usage: train-lexical DATA_FOLDER MODEL_FILE > FIGURES
 *
 * README.md beside this file says what the folder holds and how to read the figures. */
#include "learner.h"
#include "measure.h"
#include "synthetic.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void figures_print(const char *name, const struct figures *figures)
{
    const double *sure = figures->detected, *visited = figures->detected_visited;
    printf("%-24s %6.4f %6.4f  %5.3f %5.3f %5.3f  %5.3f %5.3f %5.3f\n", name, figures->auc,
           figures->auc_sure, sure[0], sure[1], sure[2], visited[0], visited[1], visited[2]);
}

static void report(const struct names *names, const struct figures *families,
                   const struct figures *mean, unsigned measured)
{
    size_t sure = 0, visited = 0;
    for (size_t i = 0; i < names->benign_count; i++) {
        sure += sample_is_sure(&names->samples[i]);
        visited += sample_is_visited(names, &names->samples[i]);
    }
    printf("%zu benign names, %zu of them in several lists, %zu not counting third parties;\n",
           names->benign_count, sure, visited);
    printf("%zu generated names of %u families\n\n", names->count - names->benign_count,
           names->family_count);
    printf("%-24s %-6s %-6s  %-5s %-5s %-5s  %-17s\n", "unseen family", "AUC", "sure", "1e-2",
           "1e-3", "1e-4", "of visited names");
    for (unsigned i = 0; i < measured; i++)
        figures_print(names->families[i], &families[i]);
    figures_print("mean", mean);
}

/* Relatives that fall into different folds flatter: here they do not. */
static void report_relatives(struct names *names, float *scores, unsigned measured)
{
    static struct figures families[FAMILIES_MAX], mean;
    names_fold_relatives(names, measured);
    measure_scores(names, scores);
    measure_figures(names, scores, families, &mean);
    figures_print("mean, relatives together", &mean);
}

static void header_fill(const struct names *names, const struct figures *mean, unsigned measured,
                        struct lexical_model *model)
{
    memcpy(model->magic, LEXICAL_MAGIC, sizeof(model->magic));
    memcpy(model->manifest, names->manifest, sizeof(model->manifest));
    model->version = LEXICAL_VERSION;
    model->bits = LEXICAL_BITS;
    model->benign = (uint32_t)names->benign_count;
    model->generated = (uint32_t)(names->count - names->benign_count);
    model->families = measured;
    model->auc = (float)mean->auc_sure;
    for (int i = 0; i < RATES; i++)
        model->detected[i] = (float)mean->detected[i];
}

static int model_write(const struct lexical_model *model, const char *path)
{
    FILE *file = fopen(path, "wb");
    bool written = file && fwrite(model, sizeof(*model), 1, file) == 1;
    if (file && fclose(file) != 0)
        written = false;
    if (!written)
        perror(path);
    return written ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    static struct names names;
    static struct figures families[FAMILIES_MAX], mean;
    static struct lexical_model model;
    struct error error;
    if (argc != 3) {
        fprintf(stderr, "usage: train-lexical DATA_FOLDER MODEL_FILE > FIGURES\n");
        return EXIT_FAILURE;
    }
    if (names_read(argv[1], &names, &error) < 0) {
        fprintf(stderr, "train-lexical: %s\n", error.text);
        return EXIT_FAILURE;
    }
    unsigned measured = names.family_count;
    synthetic_add(&names);
    float *scores = calloc(names.count, sizeof(*scores));
    assert(scores);
    measure_scores(&names, scores);
    measure_figures(&names, scores, families, &mean);
    report(&names, families, &mean, measured);
    learner_train(&names, FOLDS, &model);
    measure_calibrate(&names, scores, &model);
    header_fill(&names, &mean, measured, &model);
    report_relatives(&names, scores, measured);
    free(scores);
    names_done(&names);
    return model_write(&model, argv[2]);
}
