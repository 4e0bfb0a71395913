/* lexical.c - how much a label looks drawn at random instead of thought up by people
 * SPDX-License-Identifier: Apache-2.0 */
#include "enrich/lexical.h"

#include "enrich/lexical_model.h"

#include <dnsvigil/name.h>

#include <math.h>
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

float lexical_model_score(const struct lexical_model *model, const struct lexical_feature *features,
                          unsigned count)
{
    int sum = 0;
    for (unsigned i = 0; i < count; i++)
        sum += model->weights[features[i].slot];
    return model->scale * (float)sum / sqrtf((float)count) + model->bias;
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

void lexical_score(const uint8_t *label, size_t len, const uint8_t *tld, size_t tld_len,
                   struct lexical *ret)
{
    struct lexical_feature features[LEXICAL_FEATURES_MAX];
    *ret = (struct lexical){.known = len > 0 && len <= LEXICAL_LABEL_MAX &&
                                     !lexical_is_encoded(label, len)};
    if (!ret->known)
        return;
    unsigned count = lexical_features(label, len, tld, tld_len, features);
    ret->score = lexical_model_score(lexical_model, features, count);
    ret->benign_share = lexical_model_share(lexical_model, ret->score);
}

void lexical_score_domain(const struct dns_name *name, unsigned registrable, struct lexical *ret)
{
    size_t len, tld_len;
    const uint8_t *label = name_label(name, registrable, &len);
    const uint8_t *tld = name_label(name, name->labels - 1u, &tld_len);
    lexical_score(label, len, tld, tld_len, ret);
}
