/* burst_model.c - how much several domains that one client asked for look made by one generator
 * SPDX-License-Identifier: Apache-2.0 */
#include "meter/burst_model.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

enum {
    LABEL_MAX = 63,
    SYMBOLS = 38, /* a-z, 0-9, '-', all others */
    SYMBOL_DIGIT = 26,
    SYMBOL_DASH = 36,
    SYMBOL_OTHER = 37,
    EDGE = 5,          /* characters that two labels must have in common to share a word */
    GRAM_SLOTS = 4096, /* more than a window has runs of characters */
};
#define SCORE_CLIP 8.0f

/* Parts in 10,000 that each symbol has of benign registrable labels. */
static const uint16_t benign_symbols[SYMBOLS] = {
    857, 224, 400, 325, 914, 172, 234, 226, 700, 55, 184, 464, 333, 608, 716, 300, 27, 594, 627,
    590, 293, 147, 246, 87,  171, 73,  30,  50,  39, 26,  24,  20,  19,  30,  23,  17, 154, 1,
};

const struct burst_model burst_models[BURST_MODEL_COUNT] = {
#include "../../data/models/burst.inc"
};

const struct burst_model *burst_model_for(unsigned names)
{
    const struct burst_model *found = NULL;
    for (unsigned i = 0; i < BURST_MODEL_COUNT && burst_models[i].names <= names; i++)
        found = &burst_models[i];
    return found;
}

static unsigned symbol_of(uint8_t c)
{
    if (c >= 'a' && c <= 'z')
        return c - 'a';
    if (c >= '0' && c <= '9')
        return SYMBOL_DIGIT + c - '0';
    return c == '-' ? SYMBOL_DASH : SYMBOL_OTHER;
}

static bool is_vowel(unsigned symbol)
{
    const uint32_t vowels = 1u << 0 | 1u << ('e' - 'a') | 1u << ('i' - 'a') | 1u << ('o' - 'a') |
                            1u << ('u' - 'a') | 1u << ('y' - 'a');
    return symbol < SYMBOL_DIGIT && vowels >> symbol & 1;
}

static float mean_of(const float *values, unsigned count)
{
    float sum = 0;
    for (unsigned i = 0; i < count; i++)
        sum += values[i];
    return sum / (float)count;
}

static float deviation_of(const float *values, unsigned count)
{
    float mean = mean_of(values, count), sum = 0;
    for (unsigned i = 0; i < count; i++)
        sum += (values[i] - mean) * (values[i] - mean);
    return sqrtf(sum / (float)count);
}

static void sort(float *values, unsigned count)
{
    for (unsigned i = 1; i < count; i++) {
        float value = values[i];
        unsigned at = i;
        for (; at && values[at - 1] > value; at--)
            values[at] = values[at - 1];
        values[at] = value;
    }
}

static void measure_scores(const struct burst_label *labels, unsigned count, float *ret)
{
    float scores[BURST_NAMES_MAX];
    for (unsigned i = 0; i < count; i++)
        scores[i] = fmaxf(-SCORE_CLIP, fminf(SCORE_CLIP, labels[i].score));
    sort(scores, count);
    ret[BURST_FEATURE_SCORE_MEAN] = mean_of(scores, count);
    ret[BURST_FEATURE_SCORE_SPREAD] = deviation_of(scores, count);
    ret[BURST_FEATURE_SCORE_LOW] = scores[count / 4];
    ret[BURST_FEATURE_SCORE_MEDIAN] = scores[count / 2];
    ret[BURST_FEATURE_SCORE_HIGH] = scores[count - 1 - count / 4];
}

static void measure_lengths(const struct burst_label *labels, unsigned count, float *ret)
{
    float lengths[BURST_NAMES_MAX];
    uint8_t of_length[LABEL_MAX + 1] = {0};
    unsigned mode = 0;
    for (unsigned i = 0; i < count; i++) {
        lengths[i] = labels[i].len;
        if (++of_length[labels[i].len] > mode)
            mode = of_length[labels[i].len];
    }
    ret[BURST_FEATURE_LENGTH_MEAN] = mean_of(lengths, count);
    ret[BURST_FEATURE_LENGTH_SPREAD] = log1pf(deviation_of(lengths, count));
    ret[BURST_FEATURE_LENGTH_MODE] = (float)mode / (float)count;
}

static bool same_tld(const struct burst_label *a, const struct burst_label *b)
{
    return a->tld_len == b->tld_len && a->tld[0] == b->tld[0] &&
           memcmp(a->tld, b->tld, a->tld_len) == 0;
}

static void measure_tlds(const struct burst_label *labels, unsigned count, float *ret)
{
    const struct burst_label *tlds[BURST_NAMES_MAX];
    unsigned of_tld[BURST_NAMES_MAX] = {0}, distinct = 0, mode = 0;
    for (unsigned i = 0; i < count; i++) {
        unsigned at = 0;
        while (at < distinct && !same_tld(tlds[at], &labels[i]))
            at++;
        if (at == distinct)
            tlds[distinct++] = &labels[i];
        if (++of_tld[at] > mode)
            mode = of_tld[at];
    }
    ret[BURST_FEATURE_TLDS] = (float)distinct / (float)count;
    ret[BURST_FEATURE_TLD_MODE] = (float)mode / (float)count;
}

/* The characters of all labels as one heap. */
static void measure_heap(const unsigned of_symbol[SYMBOLS], unsigned total, float *ret)
{
    float entropy = 0, divergence = 0;
    unsigned used = 0;
    for (unsigned i = 0; i < SYMBOLS; i++) {
        if (!of_symbol[i])
            continue;
        float share = (float)of_symbol[i] / (float)total;
        used++;
        entropy -= share * log2f(share);
        divergence += share * log2f(share * 10000 / benign_symbols[i]);
    }
    ret[BURST_FEATURE_ENTROPY] = entropy;
    ret[BURST_FEATURE_CHARACTERS] = (float)used;
    ret[BURST_FEATURE_DIVERGENCE] = divergence;
}

struct spelling {
    unsigned letters, vowels, digits, dashes, run_max;
};

static struct spelling spelling_of(const struct burst_label *label, unsigned of_symbol[SYMBOLS])
{
    struct spelling spelling = {0};
    unsigned run = 0;
    for (unsigned i = 0; i < label->len; i++) {
        unsigned symbol = symbol_of(label->label[i]);
        bool letter = symbol < SYMBOL_DIGIT, vowel = is_vowel(symbol);
        of_symbol[symbol]++;
        spelling.letters += letter;
        spelling.vowels += vowel;
        spelling.digits += symbol >= SYMBOL_DIGIT && symbol < SYMBOL_DASH;
        spelling.dashes += symbol == SYMBOL_DASH;
        run = letter && !vowel ? run + 1 : 0;
        if (run > spelling.run_max)
            spelling.run_max = run;
    }
    return spelling;
}

static void measure_characters(const struct burst_label *labels, unsigned count, float *ret)
{
    unsigned of_symbol[SYMBOLS] = {0}, total = 0, hyphened = 0;
    struct spelling sum = {0};
    float vowels[BURST_NAMES_MAX];
    for (unsigned i = 0; i < count; i++) {
        struct spelling one = spelling_of(&labels[i], of_symbol);
        vowels[i] = one.letters ? (float)one.vowels / (float)one.letters : 0;
        total += labels[i].len;
        sum.letters += one.letters;
        sum.vowels += one.vowels;
        sum.digits += one.digits;
        sum.run_max += one.run_max;
        hyphened += one.dashes > 0;
    }
    measure_heap(of_symbol, total, ret);
    ret[BURST_FEATURE_VOWELS] = sum.letters ? (float)sum.vowels / (float)sum.letters : 0;
    ret[BURST_FEATURE_VOWELS_SPREAD] = deviation_of(vowels, count);
    ret[BURST_FEATURE_DIGITS] = (float)sum.digits / (float)total;
    ret[BURST_FEATURE_HYPHENS] = (float)hyphened / (float)count;
    ret[BURST_FEATURE_RUNS] = (float)sum.run_max / (float)count;
}

/* Runs of characters and the first label that has each: an open hash table. */
struct grams {
    uint64_t slots[GRAM_SLOTS]; /* the run's bytes, above the label's number plus 1 */
    unsigned mask;
};

/* Makes it empty, with room for so many runs. */
static void grams_clear(struct grams *grams, unsigned runs)
{
    for (grams->mask = 63; grams->mask < 2 * runs && grams->mask < GRAM_SLOTS - 1;)
        grams->mask = grams->mask * 2 + 1;
    memset(grams->slots, 0, (grams->mask + 1) * sizeof(*grams->slots));
}

/* Whether an earlier label than number `owner` has this run. */
static bool gram_is_shared(struct grams *grams, uint64_t gram, unsigned owner)
{
    unsigned at = (unsigned)(gram * 0x9e3779b97f4a7c15ull >> 40) & grams->mask;
    while (grams->slots[at] && grams->slots[at] >> 8 != gram)
        at = (at + 1) & grams->mask;
    if (!grams->slots[at])
        grams->slots[at] = gram << 8 | (owner + 1);
    return (grams->slots[at] & 0xff) != owner + 1;
}

struct sharing {
    float runs;   /* share of runs that an earlier label has, too */
    float labels; /* share of labels that have such a run */
};

static struct sharing measure_sharing(const struct burst_label *labels, unsigned count, unsigned n)
{
    struct grams grams;
    unsigned runs = 0, shared = 0, sharing = 0;
    for (unsigned i = 0; i < count; i++)
        runs += labels[i].len >= n ? labels[i].len - n + 1 : 0;
    grams_clear(&grams, runs);
    for (unsigned i = 0; i < count; i++) {
        unsigned before = shared;
        uint64_t gram = 0;
        for (unsigned at = 0; at < labels[i].len; at++) {
            gram = (gram << 8 | labels[i].label[at]) & ((1ull << 8 * n) - 1);
            if (at + 1 >= n)
                shared += gram_is_shared(&grams, gram, i);
        }
        sharing += shared > before;
    }
    return (struct sharing){runs ? (float)shared / (float)runs : 0, (float)sharing / (float)count};
}

/* How many labels start, or end, like an earlier one: with its first or last EDGE characters. */
static unsigned edges_alike(const struct burst_label *labels, unsigned count, bool end)
{
    struct grams grams;
    unsigned alike = 0;
    grams_clear(&grams, count);
    for (unsigned i = 0; i < count; i++) {
        uint64_t edge = 0;
        if (labels[i].len < EDGE)
            continue;
        memcpy(&edge, labels[i].label + (end ? labels[i].len - EDGE : 0), EDGE);
        alike += gram_is_shared(&grams, edge, i);
    }
    return alike;
}

/* Words joined start and end alike again and again. */
static void measure_edges(const struct burst_label *labels, unsigned count, float *ret)
{
    ret[BURST_FEATURE_STARTS] = (float)edges_alike(labels, count, false) / (float)count;
    ret[BURST_FEATURE_ENDS] = (float)edges_alike(labels, count, true) / (float)count;
}

static void measure_parts(const struct burst_label *labels, unsigned count, float *ret)
{
    struct sharing fives = measure_sharing(labels, count, EDGE);
    ret[BURST_FEATURE_SHARED_3] = measure_sharing(labels, count, 3).runs;
    ret[BURST_FEATURE_SHARED_5] = fives.runs;
    ret[BURST_FEATURE_SHARING] = fives.labels;
}

/* What is measured in one go, the cheapest first. */
static const struct group {
    void (*measure)(const struct burst_label *labels, unsigned count, float *ret);
    enum burst_feature first, last;
} groups[] = {
    {measure_scores, BURST_FEATURE_SCORE_MEAN, BURST_FEATURE_SCORE_SPREAD},
    {measure_lengths, BURST_FEATURE_LENGTH_MEAN, BURST_FEATURE_LENGTH_MODE},
    {measure_tlds, BURST_FEATURE_TLDS, BURST_FEATURE_TLD_MODE},
    {measure_edges, BURST_FEATURE_STARTS, BURST_FEATURE_ENDS},
    {measure_characters, BURST_FEATURE_ENTROPY, BURST_FEATURE_RUNS},
    {measure_parts, BURST_FEATURE_SHARED_3, BURST_FEATURE_SHARING},
};
enum { GROUPS = sizeof(groups) / sizeof(*groups) };

void burst_features(const struct burst_label *labels, unsigned count,
                    float ret[BURST_FEATURE_COUNT])
{
    assert(count > 0 && count <= BURST_NAMES_MAX);
    for (unsigned i = 0; i < GROUPS; i++)
        groups[i].measure(labels, count, ret);
}

/* Joined words share their parts and do not look random one by one. */
static bool is_of_words(const struct burst_label *labels, unsigned count, float score_median)
{
    return score_median < 0 && measure_sharing(labels, count, EDGE).labels > 0;
}

void burst_looks(const struct burst_label *labels, unsigned count, struct burst_looks *ret)
{
    float features[BURST_FEATURE_COUNT];
    measure_scores(labels, count, features);
    measure_lengths(labels, count, features);
    measure_tlds(labels, count, features);
    *ret = (struct burst_looks){
        .mean_score = (double)features[BURST_FEATURE_SCORE_MEAN],
        .length_stddev = expm1((double)features[BURST_FEATURE_LENGTH_SPREAD]),
        .tlds = (unsigned)lrintf(features[BURST_FEATURE_TLDS] * (float)count),
        .of_words = is_of_words(labels, count, features[BURST_FEATURE_SCORE_MEDIAN]),
    };
}

static float line_weight(const struct burst_line *line, float value)
{
    if (value <= line->at[0])
        return line->weight[0];
    for (unsigned i = 1; i < BURST_KNOTS; i++) {
        if (value >= line->at[i])
            continue;
        float part = (value - line->at[i - 1]) / (line->at[i] - line->at[i - 1]);
        return line->weight[i - 1] + part * (line->weight[i] - line->weight[i - 1]);
    }
    return line->weight[BURST_KNOTS - 1];
}

float burst_model_score(const struct burst_model *model, const float features[BURST_FEATURE_COUNT])
{
    float sum = model->bias;
    for (unsigned i = 0; i < BURST_FEATURE_COUNT; i++)
        sum += line_weight(&model->lines[i], features[i]);
    return sum;
}

/* The most a line gives, whatever the feature. */
static float line_most(const struct burst_line *line)
{
    float most = line->weight[0];
    for (unsigned i = 1; i < BURST_KNOTS; i++)
        most = fmaxf(most, line->weight[i]);
    return most;
}

/* How many decades below 1 the share of windows that score as high is. */
static double model_decades(const struct burst_model *model, float score)
{
    const float *at = model->score_at;
    unsigned i = 1;
    if (score <= at[0])
        return 0;
    while (i < BURST_STEPS - 1 && score > at[i])
        i++;
    double decades = (double)i / BURST_STEPS_A_DECADE;
    if (score <= at[i])
        decades -= (at[i] - score) / (at[i] - at[i - 1]) / BURST_STEPS_A_DECADE;
    else
        decades += (score - at[i]) / (at[i] - at[i - BURST_STEPS_A_DECADE]);
    return fmin(decades, BURST_DECADES_MAX);
}

double burst_model_share(const struct burst_model *model, float score)
{
    return pow(10, -model_decades(model, score));
}

bool burst_model_measure(const struct burst_model *model, const struct burst_label *labels,
                         double share, float ret[BURST_FEATURE_COUNT])
{
    const float slack = 0.001f; /* for what rounding makes of sums in another order */
    const double decades = -log10(share);
    float most = model->bias + slack;
    for (unsigned i = 0; i < BURST_FEATURE_COUNT; i++)
        most += line_most(&model->lines[i]);
    for (unsigned g = 0; g < GROUPS; g++) {
        groups[g].measure(labels, model->names, ret);
        for (unsigned i = groups[g].first; i <= groups[g].last; i++)
            most += line_weight(&model->lines[i], ret[i]) - line_most(&model->lines[i]);
        if (model_decades(model, most) < decades)
            return false;
    }
    return true;
}
