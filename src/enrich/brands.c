/* brands.c - the names that phishers borrow, ready to be found inside other names
 * SPDX-License-Identifier: Apache-2.0 */
#include "enrich/brands.h"

#include "enrich/skeleton.h"
#include "intel/feed.h"
#include "intel/hashset.h"
#include "intel/hostname.h"

#include <assert.h>
#include <dnsvigil/name.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    SCREEN_LOOKS = 4, /* characters in a row that are looked up … */
    SCREEN_LONG = 6,  /* … and once more where those are found */
    SCREEN_BITS = 1 << 16,
    LURE_END = 3,
    LURE_HITS_MAX = 4,
    LURE_END_BITS = 1 << 15,
};
enum { TYPO_SLOTS = 2048, EDIT_SLOTS = 32768, OWNED = 1, NONE = 0xffff };

struct word {
    const char *text;
    uint8_t len;
    uint8_t kind; /* enum word_kind */
    uint16_t index;
    uint16_t next; /* of its kind with the same first letters */
};

/* What is left of a brand without one of its letters. */
struct edit {
    uint32_t hash; /* 0: empty */
    uint16_t brand;
};

/* What names that hold a brand have in them. */
struct screen {
    uint64_t any[SCREEN_BITS / 64];    /* four looks */
    uint64_t word[SCREEN_BITS / 64];   /* that count where a word begins */
    uint64_t inside[SCREEN_BITS / 64]; /* that count anywhere */
    uint64_t longer[SCREEN_BITS / 64]; /* six looks that count anywhere */
};

struct brands {
    struct brands_heads begin; /* first: see brands_may_begin() */
    unsigned count;
    unsigned word_count;
    struct hashset domains; /* of all brands */
    struct screen screen;
    uint64_t lure_ends[LURE_END_BITS / 64];  /* the last three letters of lures */
    uint16_t heads[WORD_KINDS][BRAND_HEADS]; /* first word with these letters, or NONE */
    uint32_t typo_begins[TYPO_SLOTS];        /* bit n: a token of n letters that begins so … */
    uint32_t typo_ends[TYPO_SLOTS];          /* … or ends so may be a slip of a brand */
    struct word words[WORDS_MAX];
    uint64_t edit_homes[EDIT_SLOTS / 64]; /* bit n: some edit's hash leads to slot n */
    struct edit edits[EDIT_SLOTS];
    struct brand items[BRANDS_MAX];
};

static const struct {
    const char *text;
    uint8_t len;
} lures[] = {
#define LURE(text) {text, sizeof(text) - 1},
#define INNOCENT(text)
#include "enrich/lookalike_words.def"
#undef LURE
#undef INNOCENT
};

static const char *const innocents[] = {
#define LURE(text)
#define INNOCENT(text) text,
#include "enrich/lookalike_words.def"
#undef LURE
#undef INNOCENT
};

static const char *const match_words[] = {"any", "token", "word"};

/* data/brands/brands.tsv, made into an array by the build. */
extern const unsigned char brands_file[];
extern const unsigned long brands_file_len;

static bool word_add(struct brands *brands, const char *text, size_t len, enum word_kind kind,
                     unsigned index)
{
    if (len < BRAND_GRAM || brands->word_count == WORDS_MAX)
        return len < BRAND_GRAM;
    uint16_t *head = &brands->heads[kind][brands_gram(text)];
    brands->words[brands->word_count] = (struct word){
        .text = text,
        .len = (uint8_t)len,
        .kind = (uint8_t)kind,
        .index = (uint16_t)index,
        .next = *head,
    };
    *head = (uint16_t)brands->word_count++;
    brands->begin.kinds[brands_gram(text)] |= (uint8_t)(1 << kind);
    return true;
}

static inline bool bit_get(const uint64_t *bits, uint32_t bit)
{
    return bits[bit / 64] >> (bit % 64) & 1;
}

static void bit_set(uint64_t *bits, uint32_t bit)
{
    bits[bit / 64] |= 1ull << (bit % 64);
}

/* Where `count` looks in a row, the last of `looks`, have their bit. */
static inline uint32_t screen_bit(uint32_t looks, unsigned count)
{
    return (looks & ((1u << count * LOOK_BITS) - 1)) * 2654435761u >> 16;
}

/* Behind a brand of three letters a word must end: with the label, a hyphen, a digit. */
static bool ends_word(uint32_t look)
{
    static const char ends[] = "0123456789-_";
    bool found = look == LOOK_END;
    for (const char *at = ends; *at; at++)
        found |= skeleton_looks[(unsigned char)*at] == look;
    return found;
}

/* Adds `count` looks that a name begins with where a brand does, which may stand inside of words or
 * not. */
static void screen_set(struct screen *screen, uint64_t looks, unsigned count, bool inside)
{
    uint32_t bit =
        screen_bit((uint32_t)(looks >> (count - SCREEN_LOOKS) * LOOK_BITS), SCREEN_LOOKS);
    bit_set(screen->any, bit);
    if (!inside)
        bit_set(screen->word, bit);
    else if (count < SCREEN_LONG)
        bit_set(screen->inside, bit);
    else
        bit_set(screen->longer,
                screen_bit((uint32_t)(looks >> (count - SCREEN_LONG) * LOOK_BITS), SCREEN_LONG));
}

/* A name in disguise may have two characters for one: rn for m, vv for w. Adds the first looks of
 * every way to write folded[0..). */
static void screen_add(struct screen *screen, const char *folded, uint64_t looks, unsigned count,
                       bool inside)
{
    const uint8_t *look = skeleton_looks;
    if (count >= SCREEN_LONG || (count >= SCREEN_LOOKS && !*folded)) {
        screen_set(screen, looks, count, inside);
        return;
    }
    if (!*folded) {
        for (uint32_t next = 0; next < 1u << LOOK_BITS; next++)
            if (ends_word(next))
                screen_add(screen, folded, looks << LOOK_BITS | next, count + 1, inside);
        return;
    }
    screen_add(screen, folded + 1, looks << LOOK_BITS | look[(unsigned char)*folded], count + 1,
               inside);
    const char *pair = *folded == 'm' ? "rn" : *folded == 'w' ? "vv" : NULL;
    if (pair)
        screen_add(screen, folded + 1,
                   (looks << LOOK_BITS | look[(unsigned char)pair[0]]) << LOOK_BITS |
                       look[(unsigned char)pair[1]],
                   count + 2, inside);
}

/* The last characters' looks. */
static uint32_t lure_end_bit(const char *text, size_t len)
{
    uint32_t looks = 0;
    for (size_t i = len - LURE_END; i < len; i++)
        looks = looks << LOOK_BITS | skeleton_looks[(unsigned char)text[i]];
    return looks;
}

/* One slip in a brand of six letters or more leaves the first three or the last two as they are, in
 * one of seven or more the first or the last three. A token of eight letters comes from the latter.
 */
static inline unsigned typo_begin(const char *text)
{
    return brands_gram(text) % TYPO_SLOTS;
}

static inline unsigned typo_end(const char *text, size_t token_len)
{
    enum { LONG = 8 };
    const unsigned char *end = (const unsigned char *)text;
    unsigned gram = (unsigned)end[-1] | (unsigned)end[-2] << 8;
    gram |= token_len >= LONG ? (unsigned)end[-3] << 16 : 0;
    return gram * 2654435761u >> (32 - 11);
}

static void typo_add(struct brands *brands, const struct brand *brand)
{
    for (size_t len = brand->len - 1u; len <= brand->len + 1u; len++) {
        brands->typo_begins[typo_begin(brand->name)] |= 1u << len % 32;
        brands->typo_ends[typo_end(brand->name + brand->len, len)] |= 1u << len % 32;
    }
}

/* The polynomial hashes of a text without each of its letters in turn, all from those of its
 * beginnings. `ret_hashes` gets len + 1 of them, the last of the whole text; none is 0. */
static void edit_hashes(const char *text, size_t len, uint32_t ret_hashes[BRAND_LEN_MAX + 1])
{
    const uint32_t base = 16777619u;
    uint32_t front[BRAND_LEN_MAX + 1] = {0};
    uint32_t power = 1; /* base ^ letters behind the one left out */
    for (size_t i = 0; i < len; i++)
        front[i + 1] = front[i] * base + (unsigned char)text[i] + 1;
    ret_hashes[len] = front[len] | 1;
    for (size_t skip = len; skip-- > 0;) {
        uint32_t back = front[len] - front[skip + 1] * power;
        ret_hashes[skip] = (front[skip] * power + back) | 1;
        power *= base;
    }
}

static void edit_add(struct brands *brands, uint32_t hash, unsigned brand)
{
    size_t slot = hash % EDIT_SLOTS;
    bit_set(brands->edit_homes, (uint32_t)slot);
    while (brands->edits[slot].hash)
        slot = (slot + 1) % EDIT_SLOTS;
    brands->edits[slot] = (struct edit){hash, (uint16_t)brand};
}

/* Every text one edit away shares a text with it that has lost one letter of each, or none. */
static void edits_add(struct brands *brands, unsigned index)
{
    const struct brand *brand = &brands->items[index];
    if (brand->match == BRAND_WORD || brand->len < BRAND_TYPO_LEN ||
        index > EDIT_SLOTS / 2 / BRAND_LEN_MAX)
        return;
    uint32_t hashes[BRAND_LEN_MAX + 1];
    edit_hashes(brand->name, brand->len, hashes);
    for (size_t skip = 0; skip <= brand->len; skip++)
        edit_add(brands, hashes[skip], index);
    typo_add(brands, brand);
}

static bool brand_add(struct brands *brands, const char *text, size_t len, enum brand_match match,
                      bool own)
{
    if (len < BRAND_LEN_MIN || len > BRAND_LEN_MAX || brands->count == BRANDS_MAX)
        return false;
    unsigned index = brands->count++;
    struct brand *brand = &brands->items[index];
    memcpy(brand->name, text, len);
    brand->len = (uint8_t)len;
    brand->folded_len = (uint8_t)skeleton_fold(text, len, brand->folded, NULL);
    brand->match = (uint8_t)match;
    brand->own = own;
    edits_add(brands, index);
    screen_add(&brands->screen, brand->folded, 0, 0, match == BRAND_ANY && len >= BRAND_INSIDE_LEN);
    return word_add(brands, brand->name, brand->len, WORD_BRAND, index) &&
           word_add(brands, brand->folded, brand->folded_len, WORD_BRAND_FOLDED, index);
}

static bool domain_add(struct brands *brands, struct slice text, struct dns_name *ret_name)
{
    return hostname_read(text.at, text.len, ret_name) == HOSTNAME_OK && ret_name->labels >= 2 &&
           hashset_add(&brands->domains, ret_name->hash[0], OWNED);
}

static bool line_add(struct brands *brands, struct slice line)
{
    struct slice name = slice_cut(&line, '\t');
    struct slice match = slice_cut(&line, '\t');
    struct slice domains = slice_cut(&line, '\t');
    unsigned way = 0;
    while (way <= BRAND_WORD && !slice_equal(match, match_words[way]))
        way++;
    if (way > BRAND_WORD || !brand_add(brands, name.at, name.len, (enum brand_match)way, false))
        return false;
    while (domains.len) {
        struct dns_name ignored;
        if (!domain_add(brands, slice_cut(&domains, ','), &ignored))
            return false;
    }
    return true;
}

/* The shipped table is part of the program: a line that cannot be used is our mistake, or there is
 * no memory. */
static bool shipped_add(struct brands *brands)
{
    const char *at = (const char *)brands_file;
    const char *end = at + brands_file_len;
    struct slice line;
    while (feed_next_line(&at, end, &line))
        if (line.len && line.at[0] != '#' && !line_add(brands, line))
            return false;
    return true;
}

static bool lures_add(struct brands *brands)
{
    for (size_t i = 0; i < sizeof(lures) / sizeof(*lures); i++) {
        if (!word_add(brands, lures[i].text, lures[i].len, WORD_LURE, 0))
            return false;
        bit_set(brands->lure_ends, lure_end_bit(lures[i].text, lures[i].len));
    }
    return true;
}

static int own_domain_add(struct brands *brands, const char *text, struct error *error)
{
    struct dns_name name;
    size_t len;
    if (!domain_add(brands, (struct slice){text, strlen(text)}, &name))
        return error_set(error, -EINVAL, "lookalikes.own_domains: \"%s\" is no domain", text);
    const uint8_t *label = name_label(&name, 0, &len);
    if (len < BRAND_LEN_MIN)
        return 0; /* too short to look for, but still the user's own */
    enum brand_match match = len < BRAND_TYPO_LEN ? BRAND_TOKEN : BRAND_ANY;
    if (brand_add(brands, (const char *)label, len < BRAND_LEN_MAX ? len : BRAND_LEN_MAX, match,
                  true))
        return 0;
    return error_set(error, -ENOMEM, "no room for the brands");
}

static int configured_add(struct brands *brands, const struct config *config, struct error *error)
{
    const struct config_lookalikes *lookalikes = &config->lookalikes;
    for (uint32_t i = 0; i < lookalikes->own_domains.count; i++) {
        int r = own_domain_add(brands, lookalikes->own_domains.items[i].text, error);
        if (r < 0)
            return r;
    }
    for (uint32_t i = 0; i < lookalikes->brands.count; i++) {
        const char *text = lookalikes->brands.items[i].text;
        struct dns_name name;
        if (hostname_read(text, strlen(text), &name) != HOSTNAME_OK || name.labels != 1 ||
            !brand_add(brands, (const char *)name.wire + 1, name.wire[0],
                       name.wire[0] < BRAND_TYPO_LEN ? BRAND_TOKEN : BRAND_ANY, false))
            return error_set(error, -EINVAL,
                             "lookalikes.brands: \"%s\" is not one label of %d to %d bytes", text,
                             BRAND_LEN_MIN, BRAND_LEN_MAX);
    }
    return 0;
}

struct brands *brands_new(const struct config *config, struct error *error)
{
    struct brands *brands = calloc(1, sizeof(*brands));
    error_set(error, -ENOMEM, "no memory for the brands");
    if (!brands)
        return NULL;
    memset(brands->heads, 0xff, sizeof(brands->heads));
    if (hashset_init(&brands->domains) && shipped_add(brands) && lures_add(brands) &&
        configured_add(brands, config, error) == 0)
        return brands;
    brands_free(brands);
    return NULL;
}

void brands_free(struct brands *brands)
{
    if (!brands)
        return;
    hashset_done(&brands->domains);
    free(brands);
}

const struct brand *brands_get(const struct brands *brands, unsigned index)
{
    assert(index < brands->count);
    return &brands->items[index];
}

bool brands_owned(const struct brands *brands, const struct dns_name *name, unsigned registrable)
{
    for (unsigned i = 0; i <= registrable; i++)
        if (hashset_get(&brands->domains, name->hash[i]))
            return true;
    return false;
}

unsigned brands_words(const struct brands *brands, enum word_kind kind, const char *text,
                      size_t len, struct word_hit *hits, unsigned max)
{
    unsigned count = 0;
    if (!brands_may_begin(brands, kind, text, len))
        return 0;
    for (uint16_t at = brands->heads[kind][brands_gram(text)]; at != NONE && count < max;) {
        const struct word *word = &brands->words[at];
        if (word->len <= len && memcmp(word->text, text, word->len) == 0)
            hits[count++] = (struct word_hit){word->kind, word->len, word->index};
        at = word->next;
    }
    return count;
}

static bool is_innocent(const char *token, size_t len)
{
    for (size_t i = 0; i < sizeof(innocents) / sizeof(*innocents); i++)
        if (strlen(innocents[i]) == len && memcmp(innocents[i], token, len) == 0)
            return true;
    return false;
}

/* Whether one letter left out, put in, changed, or swapped with the next makes a into b. */
static bool is_one_edit(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t front = 0, back = 0;
    while (front < a_len && front < b_len && a[front] == b[front])
        front++;
    while (back < a_len - front && back < b_len - front &&
           a[a_len - 1 - back] == b[b_len - 1 - back])
        back++;
    size_t a_left = a_len - front - back, b_left = b_len - front - back;
    if (a_left + b_left == 1 || (a_left == 1 && b_left == 1))
        return true;
    return a_left == 2 && b_left == 2 && a[front] == b[front + 1] && a[front + 1] == b[front];
}

/* One brand can be one edit away from another. */
static bool is_brand(const struct brands *brands, const char *token, size_t len)
{
    struct word_hit hits[4];
    unsigned count = brands_words(brands, WORD_BRAND, token, len, hits, 4);
    for (unsigned i = 0; i < count; i++)
        if (hits[i].len == len)
            return true;
    return false;
}

static int edit_find(const struct brands *brands, uint32_t hash, const char *token, size_t len)
{
    if (!bit_get(brands->edit_homes, hash % EDIT_SLOTS))
        return -1;
    for (size_t slot = hash % EDIT_SLOTS; brands->edits[slot].hash;
         slot = (slot + 1) % EDIT_SLOTS) {
        const struct brand *brand = &brands->items[brands->edits[slot].brand];
        if (brands->edits[slot].hash == hash && is_one_edit(token, len, brand->name, brand->len))
            return brands->edits[slot].brand;
    }
    return -1;
}

/* Nearly every token ends here. */
static bool may_be_typo(const struct brands *brands, const char *token, size_t len)
{
    return len >= BRAND_TYPO_LEN && len <= BRAND_LEN_MAX &&
           ((brands->typo_begins[typo_begin(token)] |
             brands->typo_ends[typo_end(token + len, len)]) >>
                len &
            1);
}

int brands_typo(const struct brands *brands, const char *token, size_t len)
{
    if (!may_be_typo(brands, token, len) || is_brand(brands, token, len))
        return -1;
    int brand = -1;
    uint32_t hashes[BRAND_LEN_MAX + 1];
    edit_hashes(token, len, hashes);
    for (size_t skip = 0; brand < 0 && skip <= len; skip++)
        brand = edit_find(brands, hashes[skip], token, len);
    return brand < 0 || is_innocent(token, len) ? -1 : brand;
}

/* The longest lure that begins at text and is more than a syllable, 0 for none. */
static inline size_t lure_length(const struct brands *brands, const char *text, size_t len)
{
    struct word_hit hits[LURE_HITS_MAX];
    if (!brands_may_begin(brands, WORD_LURE, text, len))
        return 0;
    unsigned count = brands_words(brands, WORD_LURE, text, len, hits, LURE_HITS_MAX);
    size_t longest = 0;
    for (unsigned i = 0; i < count; i++)
        if (hits[i].len > longest && hits[i].len > LURE_END)
            longest = hits[i].len;
    return longest;
}

bool brands_strip_lure(const struct brands *brands, const char *token, size_t len,
                       size_t *ret_begin, size_t *ret_end)
{
    if (len < BRAND_TYPO_LEN)
        return false;
    size_t front = lure_length(brands, token, len);
    *ret_begin = front;
    *ret_end = len;
    if (front)
        return true;
    if (!bit_get(brands->lure_ends, lure_end_bit(token, len)))
        return false;
    for (size_t at = BRAND_TYPO_LEN - 1; at < len; at++) {
        *ret_end = at;
        if (at + lure_length(brands, token + at, len - at) == len)
            return true;
    }
    return false;
}

/* A slip in the token, or in what is left of it without a lure. */
static inline bool token_concerns(const struct brands *brands, const char *token, size_t len)
{
    size_t begin, end;
    if (len < BRAND_TYPO_LEN)
        return false;
    return (may_be_typo(brands, token, len) && brands_typo(brands, token, len) >= 0) ||
           (brands_strip_lure(brands, token, len, &begin, &end) &&
            brands_typo(brands, token + begin, end - begin) >= 0);
}

static bool tokens_concern(const struct brands *brands, const char *label, size_t len)
{
    const char *end = label + len, *hyphen = memchr(label, '-', len);
    if (!hyphen)
        return token_concerns(brands, label, len);
    if (token_concerns(brands, label, len))
        return true;
    for (const char *token = label; token < end; token = hyphen + 1) {
        hyphen = memchr(token, '-', (size_t)(end - token));
        hyphen = hyphen ? hyphen : end;
        if (token_concerns(brands, token, (size_t)(hyphen - token)))
            return true;
    }
    return false;
}

/* Whether a brand may begin at label[at..) whose first four looks say so. */
static bool screen_confirms(const struct screen *screen, const uint8_t *label, size_t len,
                            size_t at, uint32_t bit)
{
    bool begins = at == 0 || label[at - 1] < 'a' || label[at - 1] > 'z';
    if ((begins && bit_get(screen->word, bit)) || bit_get(screen->inside, bit))
        return true;
    uint32_t looks = 0;
    for (size_t i = at; i < at + SCREEN_LONG && i < len; i++)
        looks = looks << LOOK_BITS | skeleton_looks[label[i]];
    return at + SCREEN_LONG <= len && bit_get(screen->longer, screen_bit(looks, SCREEN_LONG));
}

/* The same wherever four looks are known, and with the last three. */
static bool looks_concern(const struct screen *screen, const uint8_t *label, size_t len)
{
    uint32_t looks = 0;
    for (size_t i = 0; i <= len; i++) {
        looks = looks << LOOK_BITS | (i < len ? skeleton_looks[label[i]] : LOOK_END);
        uint32_t bit = screen_bit(looks, SCREEN_LOOKS);
        if (i + 1 >= SCREEN_LOOKS && bit_get(screen->any, bit) &&
            screen_confirms(screen, label, len, i + 1 - SCREEN_LOOKS, bit))
            return true;
    }
    return false;
}

/* Whether some four characters in a row, or the last three, look like the beginning of a brand. The
 * label has BRAND_LEN_MIN or more. */
static bool looks_may_concern(const struct screen *screen, const uint8_t *label, size_t len)
{
    static_assert(BRAND_LEN_MIN >= SCREEN_LOOKS - 1, "the first of them are there");
    uint32_t looks = 0;
    bool found = false;
    for (size_t i = 0; i < SCREEN_LOOKS - 1; i++)
        looks = looks << LOOK_BITS | skeleton_looks[label[i]];
    for (size_t i = SCREEN_LOOKS - 1; i < len; i++) {
        looks = looks << LOOK_BITS | skeleton_looks[label[i]];
        found |= bit_get(screen->any, screen_bit(looks, SCREEN_LOOKS));
    }
    return found || bit_get(screen->any, screen_bit(looks << LOOK_BITS | LOOK_END, SCREEN_LOOKS));
}

bool brands_may_concern(const struct brands *brands, const uint8_t *label, size_t len)
{
    if (len < BRAND_LEN_MIN)
        return false;
    return (looks_may_concern(&brands->screen, label, len) &&
            looks_concern(&brands->screen, label, len)) ||
           skeleton_is_alabel(label, len) || tokens_concern(brands, (const char *)label, len);
}
