/* synthetic.c - generated names of our own making, beside those of known families
 * SPDX-License-Identifier: Apache-2.0 */
#include "synthetic.h"

#include "prng.h"

#include <string.h>

enum { NAMES_EACH = 3000, SEED = 7, LETTERS = 26, SUBSET_MIN = 8, SUBSET_MAX = 15 };

struct maker {
    struct names *names;
    struct prng prng;
    int16_t family;
    uint32_t follows[LETTERS + 1][LETTERS]; /* how often a letter follows another, or begins */
};

static const struct alphabet {
    const char *family;
    const char *symbols;
    unsigned len_min, len_max;
} alphabets[] = {
    {"+letters 6-9", "abcdefghijklmnopqrstuvwxyz", 6, 9},
    {"+letters 10-15", "abcdefghijklmnopqrstuvwxyz", 10, 15},
    {"+letters 16-32", "abcdefghijklmnopqrstuvwxyz", 16, 32},
    {"+alphanumeric 7-12", "abcdefghijklmnopqrstuvwxyz0123456789", 7, 12},
    {"+alphanumeric 12-30", "abcdefghijklmnopqrstuvwxyz0123456789", 12, 30},
    {"+hex 8-14", "0123456789abcdef", 8, 14},
    {"+hex 16-40", "0123456789abcdef", 16, 40},
    {"+base32", "abcdefghijklmnopqrstuvwxyz234567", 10, 32},
    {"+digits", "0123456789", 9, 16},
};

static const char vowels[] = "aeiou", consonants[] = "bcdfghjklmnpqrstvwxyz";

static unsigned between(struct maker *maker, unsigned low, unsigned high)
{
    return low + prng_below(&maker->prng, high - low + 1);
}

static uint8_t one_of(struct maker *maker, const char *symbols)
{
    return (uint8_t)symbols[prng_below(&maker->prng, (unsigned)strlen(symbols))];
}

/* A real name of a length within limits. Valid until the next sample is added. */
static const struct sample *real_name(struct maker *maker, unsigned len_min, unsigned len_max)
{
    const struct sample *sample;
    do
        sample =
            &maker->names->samples[prng_below(&maker->prng, (unsigned)maker->names->benign_count)];
    while (sample->len < len_min || sample->len > len_max);
    return sample;
}

/* A new sample without a label, under the suffix of some real name. */
static struct sample *sample_make(struct maker *maker)
{
    struct sample *sample = names_add(maker->names);
    const struct sample *real = real_name(maker, 1, LEXICAL_LABEL_MAX);
    sample->family = maker->family;
    sample->fold = FOLDS;
    sample->suffix_len = real->suffix_len;
    memcpy(sample->suffix, real->suffix, real->suffix_len);
    return sample;
}

static void symbols_make(struct maker *maker, const char *symbols, unsigned len_min,
                         unsigned len_max)
{
    struct sample *sample = sample_make(maker);
    sample->len = (uint8_t)between(maker, len_min, len_max);
    for (unsigned i = 0; i < sample->len; i++)
        sample->label[i] = one_of(maker, symbols);
}

/* A family of its own alphabet would be one name here: each name draws its letters anew. */
static void subset_make(struct maker *maker)
{
    char symbols[SUBSET_MAX + 1] = {0};
    unsigned count = between(maker, SUBSET_MIN, SUBSET_MAX);
    for (unsigned i = 0; i < count; i++)
        symbols[i] = (char)one_of(maker, alphabets[0].symbols);
    symbols_make(maker, symbols, 7, 18);
}

static void alternating_make(struct maker *maker)
{
    struct sample *sample = sample_make(maker);
    sample->len = (uint8_t)between(maker, 6, 14);
    bool vowel = prng_below(&maker->prng, 2);
    for (unsigned i = 0; i < sample->len; i++, vowel = !vowel)
        sample->label[i] = one_of(maker, vowel ? vowels : consonants);
}

static void syllables_make(struct maker *maker)
{
    struct sample *sample = sample_make(maker);
    unsigned len = between(maker, 7, 16);
    while (sample->len < len) {
        sample->label[sample->len++] = one_of(maker, consonants);
        sample->label[sample->len++] = one_of(maker, vowels);
        if (prng_below(&maker->prng, 2))
            sample->label[sample->len++] = one_of(maker, consonants);
    }
}

static void shuffled_make(struct maker *maker)
{
    struct sample *sample = sample_make(maker);
    const struct sample *real = real_name(maker, 8, LEXICAL_LABEL_MAX);
    sample->len = real->len;
    memcpy(sample->label, real->label, real->len);
    for (unsigned i = sample->len - 1u; i > 0; i--) {
        unsigned j = prng_below(&maker->prng, i + 1);
        uint8_t symbol = sample->label[i];
        sample->label[i] = sample->label[j];
        sample->label[j] = symbol;
    }
}

static void joined_make(struct maker *maker)
{
    struct sample *sample = sample_make(maker);
    for (unsigned parts = between(maker, 2, 3); parts > 0; parts--) {
        const struct sample *real = real_name(maker, 4, 8);
        memcpy(sample->label + sample->len, real->label, real->len);
        sample->len = (uint8_t)(sample->len + real->len);
    }
}

static void follows_count(struct maker *maker)
{
    for (size_t i = 0; i < maker->names->benign_count; i++) {
        const struct sample *sample = &maker->names->samples[i];
        unsigned last = LETTERS;
        for (unsigned j = 0; j < sample->len; j++) {
            unsigned letter = sample->label[j] - 'a';
            if (letter < LETTERS)
                maker->follows[last][letter]++;
            last = letter < LETTERS ? letter : LETTERS;
        }
    }
}

static void chained_make(struct maker *maker)
{
    struct sample *sample = sample_make(maker);
    sample->len = (uint8_t)between(maker, 7, 16);
    unsigned last = LETTERS;
    for (unsigned i = 0; i < sample->len; i++) {
        const uint32_t *weights = maker->follows[last];
        uint32_t total = 0;
        for (unsigned j = 0; j < LETTERS; j++)
            total += weights[j];
        uint32_t drawn = prng_below(&maker->prng, total);
        for (last = 0; drawn >= weights[last]; last++)
            drawn -= weights[last];
        sample->label[i] = (uint8_t)('a' + last);
    }
}

static void family_make(struct maker *maker, const char *family, void (*make)(struct maker *))
{
    maker->family = names_family(maker->names, family);
    for (int i = 0; i < NAMES_EACH; i++)
        make(maker);
}

void synthetic_add(struct names *names)
{
    static struct maker maker;
    maker = (struct maker){.names = names, .prng = {SEED}};
    follows_count(&maker);
    for (size_t i = 0; i < sizeof(alphabets) / sizeof(*alphabets); i++) {
        const struct alphabet *alphabet = &alphabets[i];
        maker.family = names_family(names, alphabet->family);
        for (int j = 0; j < NAMES_EACH; j++)
            symbols_make(&maker, alphabet->symbols, alphabet->len_min, alphabet->len_max);
    }
    family_make(&maker, "+subset", subset_make);
    family_make(&maker, "+alternating", alternating_make);
    family_make(&maker, "+syllables", syllables_make);
    family_make(&maker, "+shuffled", shuffled_make);
    family_make(&maker, "+joined", joined_make);
    family_make(&maker, "+chained", chained_make);
}
