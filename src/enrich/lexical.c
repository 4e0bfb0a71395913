/* lexical.c - how much a label looks drawn at random instead of thought up by people
 * SPDX-License-Identifier: Apache-2.0 */
#include "enrich/lexical.h"

#include "enrich/lexical_model.h"

#include <dnsvigil/name.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the model's numbers are little-endian");

/* data/models/lexical.bin, made into an array by the build. */
extern const unsigned char lexical_file[];

const struct lexical_model *const lexical_model = (const struct lexical_model *)lexical_file;

bool lexical_model_fits(const struct lexical_model *model, size_t bytes)
{
    return bytes == sizeof(*model) &&
           memcmp(model->magic, LEXICAL_MAGIC, sizeof(model->magic)) == 0 &&
           model->version == LEXICAL_VERSION && model->bits == LEXICAL_BITS;
}

/* Between two steps of the table the logarithm of the share falls in a straight line. */
float lexical_model_share(const struct lexical_model *model, float score)
{
    const float *at = model->score_at;
    if (score <= at[0])
        return 1;
    unsigned i = 1;
    while (i < LEXICAL_STEPS && score > at[i])
        i++;
    float step = (float)i;
    if (i < LEXICAL_STEPS)
        step -= (at[i] - score) / (at[i] - at[i - 1]);
    else
        step = LEXICAL_STEPS - 1;
    return exp2f(step * LEXICAL_LOG2_STEP);
}

struct sum {
    int weights;
    unsigned count;
};

static inline void sum_add(void *arg, uint32_t slot, unsigned from, unsigned len)
{
    struct sum *sum = arg;
    (void)from, (void)len;
    sum->weights += lexical_model->weights[slot];
    sum->count++;
}

static struct lexical_text lexical_text_of(const struct dns_name *name, unsigned registrable)
{
    struct lexical_text text = {.suffix = name->wire + name->offset[registrable + 1]};
    text.label = name_label(name, registrable, &text.len);
    text.suffix_len = (size_t)(name->wire + name->len - 1 - text.suffix);
    return text;
}

static float sum_score(const struct lexical_model *model, int weights, unsigned count)
{
    return model->scale * (float)weights / sqrtf((float)count) + model->bias;
}

float lexical_model_score(const struct lexical_model *model, const struct lexical_feature *features,
                          unsigned count)
{
    int weights = 0;
    for (unsigned i = 0; i < count; i++)
        weights += model->weights[features[i].slot];
    return sum_score(model, weights, count);
}

void lexical_score(const struct lexical_text *text, struct lexical *ret)
{
    *ret = (struct lexical){.known = text->len > 0 && text->len <= LEXICAL_LABEL_MAX &&
                                     !lexical_is_encoded(text->label, text->len)};
    if (!ret->known)
        return;
    struct sum sum = {0, 0};
    lexical_walk(text, sum_add, &sum);
    ret->score = sum_score(lexical_model, sum.weights, sum.count);
    ret->benign_share = lexical_model_share(lexical_model, ret->score);
}

void lexical_score_domain(const struct dns_name *name, unsigned registrable, struct lexical *ret)
{
    struct lexical_text text = lexical_text_of(name, registrable);
    lexical_score(&text, ret);
}

/* Bytes that are no letter, digit or hyphen are one symbol to the model and '?' here. */
static char symbol_text(uint8_t c)
{
    return lexical_symbol(c) == lexical_symbol('?') ? '?' : (char)c;
}

/* The last labels of a suffix, each with a dot before it. */
static void suffix_text(const uint8_t *from, const uint8_t *end, char ret[static LEXICAL_PIECE_MAX])
{
    size_t used = 0;
    unsigned label_left = 0;
    for (; from < end && used < LEXICAL_PIECE_MAX - 1; from++) {
        ret[used++] = label_left ? symbol_text(*from) : '.';
        label_left = label_left ? label_left - 1 : *from;
    }
    ret[used] = 0;
}

static void piece_text(const struct lexical_feature *feature, const struct lexical_text *text,
                       struct lexical_piece *ret)
{
    if (!feature->len) {
        size_t len;
        const uint8_t *tld = lexical_tld(text, &len);
        suffix_text(feature->from == LEXICAL_SUFFIX ? text->suffix : tld - 1,
                    text->suffix + text->suffix_len, ret->text);
        return;
    }
    for (unsigned i = 0; i < feature->len; i++) {
        unsigned at = feature->from + i;
        ret->text[i] = at == 0 ? '^' : at == text->len + 1 ? '$' : symbol_text(text->label[at - 1]);
    }
    ret->text[feature->len] = 0;
}

/* Single letters and kinds of label say little to a reader. */
static bool is_readable(const struct lexical_feature *feature)
{
    return feature->len ? feature->len > 1 : feature->from != LEXICAL_KIND;
}

/* The feature that follows `last` when they are sorted by falling weight, as far as they add to the
 * score and can be read; the first for NULL. NULL at the end. */
static const struct lexical_feature *feature_next(const struct lexical_feature *features,
                                                  unsigned count,
                                                  const struct lexical_feature *last)
{
    const int8_t *weights = lexical_model->weights;
    const struct lexical_feature *best = NULL;
    for (const struct lexical_feature *at = features; at < features + count; at++) {
        int weight = weights[at->slot], limit = last ? weights[last->slot] : INT8_MAX + 1;
        bool is_later = weight < limit || (weight == limit && at > last);
        if (weight > 0 && is_readable(at) && is_later && (!best || weight > weights[best->slot]))
            best = at;
    }
    return best;
}

unsigned lexical_pieces(const struct dns_name *name, unsigned registrable,
                        struct lexical_piece *pieces, unsigned max)
{
    struct lexical_feature features[LEXICAL_FEATURES_MAX];
    struct lexical_text text = lexical_text_of(name, registrable);
    unsigned count = lexical_features(&text, features), found = 0;
    float unit = lexical_model->scale / sqrtf((float)count);
    const struct lexical_feature *feature = NULL;
    while (found < max && (feature = feature_next(features, count, feature))) {
        piece_text(feature, &text, &pieces[found]);
        pieces[found++].weight = (float)lexical_model->weights[feature->slot] * unit;
    }
    return found;
}
