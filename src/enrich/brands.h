/* brands.h - the names that phishers borrow, ready to be found inside other names
 * SPDX-License-Identifier: Apache-2.0
 *
 * The shipped table (data/brands/brands.tsv says what its columns mean) and what the configuration
 * adds. Lifetime: snapshot. Read-only once made; any thread. */
#pragma once

#include "config/config.h"

#include <dnsvigil/dns.h>

enum { BRANDS_MAX = 2048, BRAND_LEN_MIN = 3, BRAND_LEN_MAX = 31, WORDS_MAX = 4096 };
enum { BRAND_INSIDE_LEN = 6 }; /* a shorter name inside a longer word is chance */

enum brand_match {
    BRAND_ANY,   /* also inside longer words */
    BRAND_TOKEN, /* only between hyphens, digits or dots */
    BRAND_WORD,  /* a token that is also an ordinary word */
};

struct brand {
    char name[BRAND_LEN_MAX + 1];
    char folded[BRAND_LEN_MAX + 1]; /* skeleton.h */
    uint8_t len;
    uint8_t folded_len;
    uint8_t match; /* enum brand_match */
    bool own;      /* one of the user's */
};

enum word_kind { WORD_BRAND, WORD_BRAND_FOLDED, WORD_LURE, WORD_KINDS };

/* A word that stands in a text. */
struct word_hit {
    uint8_t kind; /* enum word_kind */
    uint8_t len;
    uint16_t index; /* of the brand */
};

struct brands;

enum { BRAND_GRAM = 3, BRAND_HEADS = 4096 };

/* The part of struct brands that is looked at for every letter of a name: it begins with this. */
struct brands_heads {
    uint8_t kinds[BRAND_HEADS]; /* bit n: a word of kind n begins with letters of this hash */
};

static inline unsigned brands_gram(const char *text)
{
    unsigned gram = (unsigned char)text[0] | (unsigned)(unsigned char)text[1] << 8 |
                    (unsigned)(unsigned char)text[2] << 16;
    return gram * 2654435761u >> 20;
}

/* Whether a word of `kind` may begin at text, which has `len` bytes left. Mostly it does not. */
static inline bool brands_may_begin(const struct brands *brands, enum word_kind kind,
                                    const char *text, size_t len)
{
    const struct brands_heads *heads = (const void *)brands;
    return len >= BRAND_GRAM && (heads->kinds[brands_gram(text)] >> kind & 1);
}

/* The shipped table and config->lookalikes. NULL with a message without memory or when a configured
 * name is none. */
struct brands *brands_new(const struct config *config, struct error *error);
void brands_free(struct brands *brands);

const struct brand *brands_get(const struct brands *brands, unsigned index);

/* Whether the name, or what it stands under down to its registrable domain, is a brand's own. */
bool brands_owned(const struct brands *brands, const struct dns_name *name, unsigned registrable);

/* The words of `kind` that begin at text, which has `len` bytes left: fills hits[0..max) and
 * returns how many. */
unsigned brands_words(const struct brands *brands, enum word_kind kind, const char *text,
                      size_t len, struct word_hit *hits, unsigned max);

/* Takes a lure off the front or the end of a token, once: loginpaypall, paypallwallet. False when
 * there is none. */
bool brands_strip_lure(const struct brands *brands, const char *token, size_t len,
                       size_t *ret_begin, size_t *ret_end);

/* Whether a brand may be found in a label, as it is, in disguise or with a slip, or part of one be
 * an A-label. False for most labels, and for a small part of what a search costs. */
bool brands_may_concern(const struct brands *brands, const uint8_t *label, size_t len);

/* The brand of at least BRAND_TYPO_LEN letters that `token` becomes by one edit
 * (Damerau-Levenshtein), -1 for none. Innocent words (lookalike_words.def) are none. */
enum { BRAND_TYPO_LEN = 6 };
int brands_typo(const struct brands *brands, const char *token, size_t len);
