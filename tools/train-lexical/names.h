/* names.h - the names a model is trained and measured on
 * SPDX-License-Identifier: Apache-2.0
 *
 * In the data folder, each file of benign/ that ends in .txt holds one name a line,
 * benign/known_bad_overlap.tsv the names among them to leave out, and dga/dga_train.tsv a generated
 * name and its family a line. Names are cut down to their registrable domain, of which the label
 * and the suffix are kept. */
#pragma once

#include "base/error.h"
#include "enrich/lexical_model.h"
#include "intel/suffix.h"

enum { FOLDS = 5, FAMILIES_MAX = 256, FAMILY_MAX = 32, SUFFIX_MAX = 63, BENIGN = -1 };

struct sample {
    uint8_t label[LEXICAL_LABEL_MAX];
    uint8_t len;
    uint8_t suffix[SUFFIX_MAX]; /* labels with their length bytes, without the root */
    uint8_t suffix_len;
    int16_t family; /* index into names.families, or BENIGN */
    uint8_t fold;   /* the model of this fold does not see it and judges it; FOLDS: all see it */
    uint32_t lists; /* of a benign name: the lists it is in, a bit each */
};

struct names {
    struct sample *samples; /* benign names first */
    size_t count;
    size_t room;
    size_t benign_count;
    char families[FAMILIES_MAX][FAMILY_MAX];
    unsigned family_count;
    uint32_t third_parties; /* lists of what web pages load from others, as in struct sample */
    uint8_t manifest[32];   /* SHA-256 over `file name, NUL, SHA-256 of the file` of every file read
                               and over every name as it was understood */
};

/* Reads everything. Negative errno with a message that names the file. Free with names_done(), also
 * after an error. */
int names_read(const char *data, struct names *ret_names, struct error *error);
void names_done(struct names *names);

/* Puts families that stand together in the data, as relatives do, into one fold. */
void names_fold_relatives(struct names *names, unsigned families);

/* Appends a zeroed sample. Ends the program without memory: a tool has no better way. */
struct sample *names_add(struct names *names);

/* The index of a family, made when it is new. */
int16_t names_family(struct names *names, const char *family);

static inline struct lexical_text sample_text(const struct sample *sample)
{
    return (struct lexical_text){sample->label, sample->suffix, sample->len, sample->suffix_len};
}

static inline unsigned sample_features(const struct sample *sample,
                                       struct lexical_feature features[LEXICAL_FEATURES_MAX])
{
    struct lexical_text text = sample_text(sample);
    return lexical_features(&text, features);
}

/* Several lists have it, so one list's noise does not count. */
static inline bool sample_is_sure(const struct sample *sample)
{
    return sample->family == BENIGN && (sample->lists & (sample->lists - 1));
}

/* The same, not counting lists that hold advertising and tracking networks for their own sake. */
static inline bool sample_is_visited(const struct names *names, const struct sample *sample)
{
    uint32_t lists = sample->lists & ~names->third_parties;
    return sample->family == BENIGN && (lists & (lists - 1));
}
