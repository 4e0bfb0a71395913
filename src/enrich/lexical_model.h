/* lexical_model.h - the lexical model as it lies in its file, and the features it weighs
 * SPDX-License-Identifier: Apache-2.0
 *
 * Shared by the program, which reads models, and by tools/train-lexical, which makes them: both see
 * a label through lexical_features(), so they cannot disagree. Little-endian. */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define LEXICAL_MAGIC     "dnsvlex"
#define LEXICAL_LOG2_STEP (-0.4152410f) /* log2 of 10^(-1/8) */

enum {
    LEXICAL_VERSION = 2,
    LEXICAL_BITS = 18,
    LEXICAL_SLOTS = 1 << LEXICAL_BITS,
    LEXICAL_GRAM_MAX = 5,
    LEXICAL_STEPS = 38, /* calibration: eight steps a decade from 1 down to 2.4e-5 */
    LEXICAL_LABEL_MAX = 63,
    LEXICAL_SHAPE_RUN = 6,
    LEXICAL_BEHIND_MAX = 3,
    LEXICAL_FEATURES_MAX = (LEXICAL_GRAM_MAX + 1) * (LEXICAL_LABEL_MAX + 2) + LEXICAL_BEHIND_MAX,
};

struct lexical_model {
    char magic[8];
    uint32_t version;
    uint32_t bits;
    float scale; /* of one unit of a weight */
    float bias;
    float score_at[LEXICAL_STEPS]; /* the score that a share 10^(-i/8) of benign names reaches */
    uint8_t manifest[32];          /* SHA-256 over the names and SHA-256 of the input files */
    uint32_t benign;               /* names trained on */
    uint32_t generated;
    uint32_t families;
    /* Of families the model had not seen, five folds, each family counting the same. */
    float auc;
    float detected[3]; /* share found at false-positive rates of 1e-2, 1e-3 and 1e-4 */
    int8_t weights[LEXICAL_SLOTS];
};
static_assert(offsetof(struct lexical_model, weights) == 236, "the file has no padding");

/* A label and the suffix it stands under: labels with their length bytes, without the root; of 0
 * bytes where it is to play no part. */
struct lexical_text {
    const uint8_t *label;
    const uint8_t *suffix;
    size_t len;
    size_t suffix_len;
};

/* One thing a label is made of: `len` symbols from symbol `from` of the label between its boundary
 * marks; or, where len is 0, what stands behind it, enum lexical_behind in `from`. */
struct lexical_feature {
    uint32_t slot;
    uint8_t from;
    uint8_t len;
};

enum lexical_behind {
    LEXICAL_TLD,    /* the top-level domain */
    LEXICAL_KIND,   /* the whole suffix with the kind of label */
    LEXICAL_SUFFIX, /* the whole suffix where it has several labels */
};

/* Whether `model`, of `bytes` bytes, is one that this program reads. */
bool lexical_model_fits(const struct lexical_model *model, size_t bytes);

/* The log-odds of what has these features, and the share of benign names that score as high. */
float lexical_model_score(const struct lexical_model *model, const struct lexical_feature *features,
                          unsigned count);
float lexical_model_share(const struct lexical_model *model, float score);

/* The ASCII form of a label in another script (RFC 5890): its letters are a code, no spelling. */
static inline bool lexical_is_encoded(const uint8_t *label, size_t len)
{
    return len >= 4 && memcmp(label, "xn--", 4) == 0;
}

/* 6-bit symbols: 1 boundary, 2-27 letters, 28-37 digits, 38 '-', 39 everything else. */
enum { LEXICAL_BOUNDARY = 1, LEXICAL_SYMBOLS = 40 };

static inline uint32_t lexical_symbol(uint8_t c)
{
    uint32_t letter = (uint32_t)c - 'a', digit = (uint32_t)c - '0';
    uint32_t other = c == '-' ? 38 : 39;
    return letter < 26 ? 2 + letter : digit < 10 ? 28 + digit : other;
}

static inline uint32_t lexical_slot(uint64_t key)
{
    return (uint32_t)((key + 1) * 0x9e3779b97f4a7c15ull >> (64 - LEXICAL_BITS));
}

/* Of the last n symbols. */
static inline uint32_t lexical_gram_slot(uint32_t symbols, unsigned n)
{
    return lexical_slot((symbols & ((1u << 6 * n) - 1)) | (uint64_t)n << 32);
}

static inline uint64_t lexical_key(const uint8_t *text, size_t len)
{
    uint64_t key = 1;
    for (size_t i = 0; i < len; i++)
        key = (key ^ text[i]) * 0x100000001b3ull;
    return key;
}

/* 3-bit shapes of symbols: 1 boundary, 2 vowel, 3 y, 4 consonant, 5 a consonant rare in most
 * languages, 6 digit, 7 everything else. */
static inline uint32_t lexical_shape(uint32_t symbol)
{
    static const char shapes[] = "0124442444255444245444255535666666666677";
    static_assert(sizeof(shapes) == 40 + 1, "a shape for each symbol");
    return (uint32_t)shapes[symbol] - '0';
}

/* How many symbols of a label are letters, among these hexadecimal digits and vowels, digits and
 * hyphens: six bits each, so that one addition counts them all and 63 of each have room. */
static inline uint32_t lexical_counts(uint32_t symbol)
{
    enum { L = 1, X = L | 1 << 6, V = L | 1 << 12, VX = V | X, D = 1 << 18, H = 1 << 24 };
    static const uint32_t counts[LEXICAL_SYMBOLS] = {
        0, 0, VX, X, X, X, VX, X, L, L, V, L, L, L, L, L, V, L, L, L,
        L, L, V,  L, L, L, L,  L, D, D, D, D, D, D, D, D, D, D, H, 0,
    };
    return counts[symbol];
}

/* Coarsely, what a label is made of: with hyphens without and with digits (0, 1), letters with few,
 * some and many vowels (2 to 4), digits (5), hexadecimal digits (6), letters with few and with many
 * digits (7, 8). `counts` is the sum over its symbols. */
static inline unsigned lexical_kind(uint32_t counts, size_t len)
{
    enum { FIELD = 63 };
    unsigned letters = counts & FIELD, low = counts >> 6 & FIELD, vowels = counts >> 12 & FIELD;
    unsigned digits = counts >> 18 & FIELD, hyphens = counts >> 24;
    if (hyphens)
        return digits > 0;
    if (!digits)
        return vowels * 4 < letters ? 2 : vowels * 20 > letters * 7 ? 4 : 3;
    if (!letters)
        return 5;
    return digits + low == len ? 6 : digits * 4 < len ? 7 : 8;
}

/* The last label of the suffix. */
static inline const uint8_t *lexical_tld(const struct lexical_text *text, size_t *ret_len)
{
    size_t at = 0;
    while (at + 1 + text->suffix[at] < text->suffix_len)
        at += 1u + text->suffix[at];
    *ret_len = text->suffix_len - at - 1;
    return text->suffix + at + 1;
}

/* Takes one feature of a label. */
typedef void (*lexical_feature_fn)(void *arg, uint32_t slot, unsigned from, unsigned len);

/* What stands behind the label. Providers give labels out at random below their suffixes, and some
 * kinds of label are common under some suffixes alone. */
static inline __attribute__((always_inline)) void
lexical_walk_behind(const struct lexical_text *text, uint32_t counts, lexical_feature_fn take,
                    void *arg)
{
    size_t tld_len;
    const uint8_t *tld = lexical_tld(text, &tld_len);
    uint64_t key = lexical_key(tld, tld_len), kind = lexical_kind(counts, text->len);
    uint64_t whole = lexical_key(text->suffix, text->suffix_len);
    take(arg, lexical_slot(key | 1ull << 63), LEXICAL_TLD, 0);
    take(arg, lexical_slot((whole * 47 + kind) * 0x100000001b7ull | 1ull << 62), LEXICAL_KIND, 0);
    if (tld_len + 1 < text->suffix_len)
        take(arg, lexical_slot(whole | 1ull << 61), LEXICAL_SUFFIX, 0);
}

/* Where a walk is. */
struct lexical_walk {
    uint32_t symbols;
    uint32_t shapes;
    uint32_t counts;
};

/* Takes the features that end with symbol number `at`. Of those before it at least `before` are
 * known to be there, so that the compiler need not ask for each. */
static inline __attribute__((always_inline)) void
lexical_walk_symbol(struct lexical_walk *walk, uint32_t symbol, unsigned at, unsigned before,
                    lexical_feature_fn take, void *arg)
{
    uint32_t symbols = walk->symbols = walk->symbols << 6 | symbol;
    walk->shapes = walk->shapes << 3 | lexical_shape(symbol);
    walk->counts += lexical_counts(symbol);
    if (symbol != LEXICAL_BOUNDARY)
        take(arg, lexical_gram_slot(symbols, 1), at, 1);
    for (unsigned n = 2; n <= LEXICAL_GRAM_MAX; n++)
        if (before + 1 >= n)
            take(arg, lexical_gram_slot(symbols, n), at + 1 - n, n);
    if (before + 1 < LEXICAL_SHAPE_RUN)
        return;
    uint64_t run = walk->shapes & ((1u << 3 * LEXICAL_SHAPE_RUN) - 1);
    take(arg, lexical_slot(run | 1ull << 40), at + 1 - LEXICAL_SHAPE_RUN, LEXICAL_SHAPE_RUN);
}

/* Walks the features of a label of at most LEXICAL_LABEL_MAX bytes: every run of 1 to 5 symbols,
 * every run of 6 shapes, which says how letters follow each other whichever they are, and what
 * stands behind. Boundaries count as symbols but are no run of their own. Inlined together with
 * what it gives them to. */
static inline __attribute__((always_inline)) void lexical_walk(const struct lexical_text *text,
                                                               lexical_feature_fn take, void *arg)
{
    enum { ALL = LEXICAL_SHAPE_RUN - 1 };
    const uint8_t *label = text->label;
    unsigned at = 1, len = (unsigned)text->len;
    struct lexical_walk walk = {LEXICAL_BOUNDARY, lexical_shape(LEXICAL_BOUNDARY), 0};
    for (; at <= len && at < ALL; at++)
        lexical_walk_symbol(&walk, lexical_symbol(label[at - 1]), at, at, take, arg);
    for (; at <= len; at++)
        lexical_walk_symbol(&walk, lexical_symbol(label[at - 1]), at, ALL, take, arg);
    lexical_walk_symbol(&walk, LEXICAL_BOUNDARY, at, at, take, arg);
    if (text->suffix_len)
        lexical_walk_behind(text, walk.counts, take, arg);
}

struct lexical_list {
    struct lexical_feature *features;
    unsigned count;
};

static inline void lexical_list_add(void *arg, uint32_t slot, unsigned from, unsigned len)
{
    struct lexical_list *list = arg;
    list->features[list->count++] = (struct lexical_feature){slot, (uint8_t)from, (uint8_t)len};
}

/* Lists the features that lexical_walk() gives. Returns how many. */
static inline unsigned lexical_features(const struct lexical_text *text,
                                        struct lexical_feature ret[LEXICAL_FEATURES_MAX])
{
    struct lexical_list list = {ret, 0};
    lexical_walk(text, lexical_list_add, &list);
    return list.count;
}
