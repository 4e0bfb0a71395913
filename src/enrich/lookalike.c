/* lookalike.c - finds what in a name looks like a brand that it does not belong to
 * SPDX-License-Identifier: Apache-2.0 */
#include "enrich/lookalike.h"

#include "base/utf8.h"
#include "enrich/skeleton.h"

#include <dnsvigil/name.h>
#include <dnsvigil/profile.h>
#include <string.h>

enum {
    LABELS_READ_MAX = 8, /* left of the suffix: phishers have little use for more */
    HITS_HERE_MAX = 4,
    FOLDED_LEN_MIN = 5,        /* a shorter name made of digits and look-alikes is chance … */
    FOLDED_INSIDE_LEN_MIN = 7, /* … or this inside a word */
    LURE_INSIDE_LEN_MIN = 5,
    LURE_TOKEN_LEN_MAX = 3,
};

const char *const lookalike_technique_names[LOOKALIKE_TECHNIQUE_COUNT] = {
    [LOOKALIKE_HOMOGLYPH] = "homoglyph", [LOOKALIKE_SCRIPTS] = "mixed_scripts",
    [LOOKALIKE_TYPO] = "typo",           [LOOKALIKE_KEYBOARD] = "keyboard_typo",
    [LOOKALIKE_BITFLIP] = "bit_flip",    [LOOKALIKE_COMBINED] = "combined",
    [LOOKALIKE_EMBEDDED] = "embedded",   [LOOKALIKE_OTHER_TLD] = "other_tld",
};

const char *const lookalike_sign_names[LOOKALIKE_SIGN_COUNT] = {
    "lure",     "brand_domain", "abused_tld",  "open_suffix",   "whole_label",
    "own_name", "word",         "common_word", "international",
};

/* A stretch of a label. */
struct part {
    size_t begin, end;
};

struct search {
    const struct brands *brands;
    const struct dns_name *name;
    unsigned registrable; /* the label its owner chose */
    unsigned signs;       /* that hold for the whole name */
    struct skeleton skeletons[LABELS_READ_MAX];
    unsigned first; /* label of skeletons[0] */
    int strength;   /* of the best so far */
    struct lookalike *best;
};

static bool is_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_bounded(const char *text, size_t len, struct part part)
{
    return (part.begin == 0 || !is_letter(text[part.begin - 1])) &&
           (part.end == len || !is_letter(text[part.end]));
}

/* Short lures only count as words of their own, longer ones at the edge of a word, too. */
static bool lure_counts(const char *text, size_t len, struct part part)
{
    size_t bytes = part.end - part.begin;
    bool left = part.begin == 0 || !is_letter(text[part.begin - 1]);
    bool right = part.end == len || !is_letter(text[part.end]);
    if (bytes <= LURE_TOKEN_LEN_MAX)
        return left && right;
    return bytes >= LURE_INSIDE_LEN_MIN || left || right;
}

static bool has_lure_between(const struct search *search, const char *text, struct part part)
{
    size_t len = part.end - part.begin;
    for (size_t at = 0; at < len; at++) {
        struct word_hit hits[HITS_HERE_MAX];
        unsigned count = brands_words(search->brands, WORD_LURE, text + part.begin + at, len - at,
                                      hits, HITS_HERE_MAX);
        for (unsigned i = 0; i < count; i++)
            if (lure_counts(text + part.begin, len, (struct part){at, at + hits[i].len}))
                return true;
    }
    return false;
}

/* Whether a lure stands anywhere but in `part` of skeleton number `which`. */
static bool has_lure(const struct search *search, unsigned which, struct part part)
{
    for (unsigned i = 0; search->first + i <= search->registrable; i++) {
        const struct skeleton *skeleton = &search->skeletons[i];
        size_t len = skeleton->plain_len;
        if (i != which && has_lure_between(search, skeleton->plain, (struct part){0, len}))
            return true;
        if (i == which &&
            (has_lure_between(search, skeleton->plain, (struct part){0, part.begin}) ||
             has_lure_between(search, skeleton->plain, (struct part){part.end, len})))
            return true;
    }
    return false;
}

/* Whether text begins like the rest of a domain: com, and then nothing or a hyphen. */
static bool begins_with_tld(const char *text)
{
    static const char *const tlds[] = {"com", "net", "org", "gov", "co", "io", "us", "app"};
    for (size_t i = 0; i < sizeof(tlds) / sizeof(*tlds); i++) {
        size_t len = strlen(tlds[i]);
        if (strncmp(text, tlds[i], len) == 0 && (!text[len] || text[len] == '-'))
            return true;
    }
    return false;
}

/* paypal.com.example, paypal.com-login.example, paypal-com.example */
static bool spells_domain(const struct search *search, unsigned which, struct part part)
{
    const struct skeleton *skeleton = &search->skeletons[which];
    if (part.begin > 0 && is_letter(skeleton->plain[part.begin - 1]))
        return false;
    if (part.end < skeleton->plain_len)
        return skeleton->plain[part.end] == '-' && begins_with_tld(skeleton->plain + part.end + 1);
    return search->first + which < search->registrable &&
           begins_with_tld(search->skeletons[which + 1].plain);
}

/* How much a likeness says by itself; the order in which they are told. */
static int strength_of(const struct lookalike *found, const struct brand *brand)
{
    static const int by_technique[LOOKALIKE_TECHNIQUE_COUNT] = {
        [LOOKALIKE_HOMOGLYPH] = 60, [LOOKALIKE_SCRIPTS] = 20,   [LOOKALIKE_TYPO] = 50,
        [LOOKALIKE_KEYBOARD] = 50,  [LOOKALIKE_BITFLIP] = 50,   [LOOKALIKE_COMBINED] = 30,
        [LOOKALIKE_EMBEDDED] = 25,  [LOOKALIKE_OTHER_TLD] = 30,
    };
    int strength = by_technique[found->technique] + (brand ? brand->len : 0);
    if (found->signs & LOOKALIKE_SIGN_LURE)
        strength += 30;
    if (found->signs & LOOKALIKE_SIGN_DOMAIN)
        strength += 40;
    return strength - (brand && brand->match == BRAND_WORD ? 20 : 0);
}

/* Keeps the likeness of `part` of a label where it is the strongest so far. */
static void candidate(struct search *search, unsigned which, struct part part,
                      enum lookalike_technique technique, unsigned index, unsigned distance)
{
    const struct skeleton *skeleton = &search->skeletons[which];
    const struct brand *brand = brands_get(search->brands, index);
    struct lookalike found = {
        .brand = brand->name,
        .technique = (uint8_t)technique,
        .distance = (uint8_t)distance,
        .label = (uint8_t)(search->first + which),
        .signs = (uint16_t)search->signs,
    };
    if (part.begin == 0 && part.end == skeleton->plain_len)
        found.signs |= LOOKALIKE_SIGN_WHOLE;
    if (is_bounded(skeleton->plain, skeleton->plain_len, part))
        found.signs |= LOOKALIKE_SIGN_WORD;
    if (brand->match == BRAND_WORD)
        found.signs |= LOOKALIKE_SIGN_COMMON;
    if (skeleton->foreign)
        found.signs |= LOOKALIKE_SIGN_FOREIGN;
    if (brand->own)
        found.signs |= LOOKALIKE_SIGN_OWN;
    if (has_lure(search, which, part))
        found.signs |= LOOKALIKE_SIGN_LURE;
    if (spells_domain(search, which, part))
        found.signs |= LOOKALIKE_SIGN_DOMAIN;
    memcpy(found.skeleton, skeleton->plain + part.begin, part.end - part.begin);
    int strength = strength_of(&found, brand);
    if (strength > search->strength) {
        search->strength = strength;
        *search->best = found;
    }
}

/* The brand as it is, in a name that is not its own. */
static enum lookalike_technique mention_technique(const struct search *search, unsigned which,
                                                  struct part part)
{
    if (search->first + which < search->registrable)
        return LOOKALIKE_EMBEDDED;
    bool whole = part.begin == 0 && part.end == search->skeletons[which].plain_len;
    return whole ? LOOKALIKE_OTHER_TLD : LOOKALIKE_COMBINED;
}

static bool may_match(const struct brand *brand, const char *text, size_t len, struct part part)
{
    return is_bounded(text, len, part) ||
           (brand->match == BRAND_ANY && brand->len >= BRAND_INSIDE_LEN);
}

static void mentions_find(struct search *search, unsigned which)
{
    const struct skeleton *skeleton = &search->skeletons[which];
    struct word_hit hits[HITS_HERE_MAX];
    for (size_t at = 0; at < skeleton->plain_len; at++) {
        if (!brands_may_begin(search->brands, WORD_BRAND, skeleton->plain + at,
                              skeleton->plain_len - at))
            continue;
        unsigned count = brands_words(search->brands, WORD_BRAND, skeleton->plain + at,
                                      skeleton->plain_len - at, hits, HITS_HERE_MAX);
        for (unsigned i = 0; i < count; i++) {
            struct part part = {at, at + hits[i].len};
            const struct brand *brand = brands_get(search->brands, hits[i].index);
            if (!may_match(brand, skeleton->plain, skeleton->plain_len, part))
                continue;
            enum lookalike_technique technique =
                skeleton->foreign ? LOOKALIKE_HOMOGLYPH : mention_technique(search, which, part);
            candidate(search, which, part, technique, hits[i].index, 0);
        }
    }
}

/* Digits are letters in disguise here, so they are no bounds either. */
static bool may_look_like(const struct brand *brand, const struct skeleton *skeleton,
                          struct part part)
{
    const char *text = skeleton->plain;
    bool left = part.begin == 0 || text[part.begin - 1] == '-';
    bool right = part.end == skeleton->plain_len || text[part.end] == '-';
    return brand->len >= FOLDED_LEN_MIN &&
           ((left && right) || (brand->match == BRAND_ANY && brand->len >= FOLDED_INSIDE_LEN_MIN));
}

static void homoglyphs_find(struct search *search, unsigned which)
{
    const struct skeleton *skeleton = &search->skeletons[which];
    struct word_hit hits[HITS_HERE_MAX];
    for (size_t at = 0; at < skeleton->folded_len; at++) {
        if (!brands_may_begin(search->brands, WORD_BRAND_FOLDED, skeleton->folded + at,
                              skeleton->folded_len - at))
            continue;
        unsigned count = brands_words(search->brands, WORD_BRAND_FOLDED, skeleton->folded + at,
                                      skeleton->folded_len - at, hits, HITS_HERE_MAX);
        for (unsigned i = 0; i < count; i++) {
            struct part part = {skeleton->from[at], skeleton->from[at + hits[i].len]};
            const struct brand *brand = brands_get(search->brands, hits[i].index);
            bool same = part.end - part.begin == brand->len &&
                        memcmp(skeleton->plain + part.begin, brand->name, brand->len) == 0;
            if (!same && may_look_like(brand, skeleton, part))
                candidate(search, which, part, LOOKALIKE_HOMOGLYPH, hits[i].index, 0);
        }
    }
}

static bool are_neighbours(char a, char b)
{
    static const char *const rows[] = {"1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"};
    int row_a = -1, row_b = -1, at_a = 0, at_b = 0;
    for (int row = 0; row < 4; row++) {
        const char *found_a = strchr(rows[row], a), *found_b = strchr(rows[row], b);
        if (found_a) {
            row_a = row;
            at_a = (int)(found_a - rows[row]);
        }
        if (found_b) {
            row_b = row;
            at_b = (int)(found_b - rows[row]);
        }
    }
    int down = row_b - row_a, right = at_b - at_a;
    return row_a >= 0 && row_b >= 0 &&
           ((down == 0 && (right == 1 || right == -1)) ||
            (down == 1 && (right == 0 || right == -1)) ||
            (down == -1 && (right == 0 || right == 1)));
}

/* What kind of slip makes the brand into the token. */
static enum lookalike_technique typo_technique(const struct brand *brand, const char *token,
                                               size_t len)
{
    if (len != brand->len)
        return LOOKALIKE_TYPO;
    size_t at = 0;
    while (token[at] == brand->name[at])
        at++;
    if (memcmp(token + at + 1, brand->name + at + 1, len - at - 1) != 0)
        return LOOKALIKE_TYPO;
    if (are_neighbours(token[at], brand->name[at]))
        return LOOKALIKE_KEYBOARD;
    unsigned difference = (unsigned char)token[at] ^ (unsigned char)brand->name[at];
    return (difference & (difference - 1)) ? LOOKALIKE_TYPO : LOOKALIKE_BITFLIP;
}

static bool typo_find(struct search *search, unsigned which, struct part part)
{
    const char *token = search->skeletons[which].plain + part.begin;
    int brand = brands_typo(search->brands, token, part.end - part.begin);
    if (brand < 0)
        return false;
    candidate(
        search, which, part,
        typo_technique(brands_get(search->brands, (unsigned)brand), token, part.end - part.begin),
        (unsigned)brand, 1);
    return true;
}

static void typos_find(struct search *search, unsigned which)
{
    const struct skeleton *skeleton = &search->skeletons[which];
    if (memchr(skeleton->plain, '-', skeleton->plain_len))
        typo_find(search, which, (struct part){0, skeleton->plain_len});
    for (size_t at = 0; at < skeleton->plain_len;) {
        struct part part = {at, at};
        while (part.end < skeleton->plain_len && skeleton->plain[part.end] != '-')
            part.end++;
        if (!typo_find(search, which, part)) {
            size_t begin, end;
            if (brands_strip_lure(search->brands, skeleton->plain + part.begin,
                                  part.end - part.begin, &begin, &end))
                typo_find(search, which, (struct part){part.begin + begin, part.begin + end});
        }
        at = part.end + 1;
    }
}

/* Mixed scripts are a likeness to somebody, whether we know whom or not. */
static void scripts_find(struct search *search, unsigned which)
{
    const struct skeleton *skeleton = &search->skeletons[which];
    if (!skeleton->mixed || search->strength > 0)
        return;
    *search->best = (struct lookalike){
        .brand = "",
        .technique = LOOKALIKE_SCRIPTS,
        .label = (uint8_t)(search->first + which),
        .signs = (uint16_t)(search->signs | LOOKALIKE_SIGN_WHOLE | LOOKALIKE_SIGN_FOREIGN),
    };
    memcpy(search->best->skeleton, skeleton->plain, skeleton->plain_len);
    search->strength = strength_of(search->best, NULL);
}

static bool is_abused_tld(const struct dns_name *name)
{
    static const char *const tlds[] = {
#define TLD(name) name,
#include "enrich/lookalike_tlds.def"
#undef TLD
    };
    size_t len;
    const uint8_t *label = name_label(name, name->labels - 1u, &len);
    for (size_t i = 0; i < sizeof(tlds) / sizeof(*tlds); i++)
        if (strlen(tlds[i]) == len && memcmp(tlds[i], label, len) == 0)
            return true;
    return false;
}

/* The label its owner chose: the registrable one or, where a provider's suffix is on no public
 * list, the one before it. */
static unsigned chosen_label(const struct enrichment *enrichment)
{
    unsigned registrable = (unsigned)enrichment->registrable;
    bool provider = profile_is_open(enrichment) && enrichment->profile_label <= registrable;
    return provider && enrichment->profile_label > 0 ? enrichment->profile_label - 1u : registrable;
}

/* Which of the labels first..last may look like a brand, as bits. For most names none does. */
static unsigned suspects_of(const struct brands *brands, const struct dns_name *name,
                            unsigned first, unsigned last)
{
    unsigned suspects = 0;
    for (unsigned i = first; i <= last; i++) {
        size_t len;
        const uint8_t *label = name_label(name, i, &len);
        suspects |= (unsigned)brands_may_concern(brands, label, len) << (i - first);
    }
    return suspects;
}

/* Names of people are text: ASCII, or UTF-8 where a program forgot to encode them. Other bytes are
 * data, and what reads like a brand in them is chance. */
static bool label_is_text(const uint8_t *label, size_t len)
{
    for (size_t at = 0; at < len;) {
        uint32_t code;
        size_t step = utf8_decode(label + at, len - at, &code);
        if (step == 0 || code < ' ' || code == 0x7f)
            return false;
        at += step;
    }
    return true;
}

static bool labels_are_text(const struct dns_name *name, unsigned first, unsigned last)
{
    for (unsigned i = first; i <= last; i++) {
        size_t len;
        const uint8_t *label = name_label(name, i, &len);
        if (!label_is_text(label, len))
            return false;
    }
    return true;
}

bool lookalike_find(const struct brands *brands, const struct dns_name *name,
                    const struct enrichment *enrichment, struct lookalike *ret)
{
    struct search search; /* without its skeletons, which are large and filled below */
    search.brands = brands;
    search.name = name;
    search.best = ret;
    search.signs = 0;
    search.strength = 0;
    search.registrable = chosen_label(enrichment);
    search.first =
        search.registrable >= LABELS_READ_MAX ? search.registrable - LABELS_READ_MAX + 1 : 0;
    unsigned suspects = suspects_of(brands, name, search.first, search.registrable);
    if (!suspects || brands_owned(brands, name, search.registrable))
        return false;
    search.signs |= profile_is_open(enrichment) ? LOOKALIKE_SIGN_OPEN : 0;
    unsigned count = search.registrable - search.first + 1;
    for (unsigned i = 0; i < count; i++) {
        size_t len;
        const uint8_t *label = name_label(name, search.first + i, &len);
        skeleton_read(label, len, &search.skeletons[i]);
    }
    for (unsigned left = suspects; left; left &= left - 1) {
        unsigned i = (unsigned)__builtin_ctz(left);
        mentions_find(&search, i);
        homoglyphs_find(&search, i);
        typos_find(&search, i);
        scripts_find(&search, i);
    }
    if (search.strength == 0 || !labels_are_text(name, search.first, search.registrable))
        return false;
    if (is_abused_tld(name))
        ret->signs |= LOOKALIKE_SIGN_TLD;
    return true;
}

static bool concerns(const struct enrichment *enrichment)
{
    bool provider = profile_is_open(enrichment) &&
                    enrichment->profile_label <= (unsigned)enrichment->registrable;
    return enrichment->registrable >= 0 && !enrichment->allowed &&
           (provider || (!enrichment->popular && !enrichment->popularity)) &&
           !profile_exempts(enrichment, DETECTOR_PHISHING_DOMAIN);
}

const struct lookalike *lookalike_look(struct known_names *known, const struct brands *brands,
                                       const struct dns_name *name,
                                       const struct enrichment *enrichment, struct lookalike *room)
{
    if ((enrichment->lacks & NAME_LACKS_LIKENESS) || !concerns(enrichment))
        return NULL;
    if (lookalike_find(brands, name, enrichment, room))
        return room;
    known_add(known, name, NAME_LACKS_LIKENESS);
    return NULL;
}
