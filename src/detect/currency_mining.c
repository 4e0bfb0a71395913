/* currency_mining.c - a client asks for a mining pool or a miner's host
 * SPDX-License-Identifier: Apache-2.0
 *
 * Lists name the known ones. New pools come every week, but their names are made of few words: a
 * coin with "pool" or "mine", a stratum host, xmr. The pattern layer looks for such words in every
 * label left of the public suffix. Words next to each other say more than words apart, and a word
 * inside a longer one says nothing alone: "carpool", "determine". Exchanges, wallets and news are
 * not mining and have no such words. */
#include "detect/currency_mining.h"

#include "base/bytes16.h"
#include "detect/hits.h"

#include <dnsvigil/name.h>

#include <assert.h>
#include <string.h>

enum {
    CONFIDENCE_SURE = 80,
    CONFIDENCE_WORDS = 60,
    POPULARITY_TRUSTED = 13, /* log2 of rank 10,000: words prove nothing about such domains */
};

enum word_kind {
    WORD_OTHER = 0,
    WORD_MINE = 1 << 0,
    WORD_POOL = 1 << 1,
    WORD_COIN = 1 << 2,    /* coins, and the algorithms they are mined with */
    WORD_XMR = 1 << 3,     /* the coin of miners on other people's machines */
    WORD_STRATUM = 1 << 4, /* the protocol; but also a word of time servers and of company names */
    WORD_BRAND = 1 << 5,   /* miners and pools by name */
    WORD_TIME = 1 << 6,    /* speaks of time servers, which also have strata and pools */
    WORD_HASH = 1 << 7,
    WORD_MINER = 1 << 8, /* the program rather than the trade */
    WORD_PAGE = 1 << 9,  /* what web pages that mine with their visitors' machines are made of */
    WORD_LOOT = 1 << 10, /* what their makers call it */
    WORD_PROXY = 1 << 11,
    WORD_TICKER = 1 << 12, /* wallets and news prefer a coin's full name */
    WORD_WORKS = WORD_MINE | WORD_POOL,
};

static const struct {
    const char *text;
    uint8_t len;
    uint16_t kind; /* enum word_kind */
} words[] = {
#define WORD(text, kind) {text, sizeof(text) - 1, kind},
#include "detect/mining_words.def"
#undef WORD
};

/* What the words of one or more labels say. */
struct reading {
    int words;  /* kinds of tokens made of words alone ("eth", "minexmr") */
    int begins; /* kinds of words that others tokens begin with ("poolto") */
    int ends;   /* or end with ("nanopool") */
    int tail;  /* kind of the word that a longer label ends with, whatever comes before ("zpool") */
    bool made; /* it is made as pools like to be called ("f2pool", "2miners", "myxmr") */
    bool tells; /* words next to each other speak of mining ("titcoinpool") */
};

/* Every finding needs three letters: of pool or loot, mine, stratum, xmr, monero, hash or hive.
 * Nearly every name ends here, so the loop has a form that compilers turn into vector code. */
bool currency_mining_may_be(const struct dns_name *name, unsigned registrable)
{
    static_assert(BYTES16 + 2 <= NAME_PAD, "zeros follow the name, no letters");
    const uint8_t *end = name->wire + name->offset[registrable + 1];
    bytes16 seen = {0};
    for (const uint8_t *wire = name->wire; wire < end; wire += BYTES16) {
        bytes16 a = bytes16_load(wire), b = bytes16_load(wire + 1), c = bytes16_load(wire + 2);
        seen |= (bytes16)(((a == 'p') | (a == 'l')) & (b == 'o') & (c == 'o'));
        seen |= (bytes16)((a == 'm') & ((b == 'i') | (b == 'o')) & (c == 'n'));
        seen |= (bytes16)((a == 'a') & (b == 't') & (c == 'u'));
        seen |= (bytes16)((a == 'x') & (b == 'm') & (c == 'r'));
        seen |= (bytes16)((a == 'h') & (((b == 'a') & (c == 's')) | ((b == 'i') & (c == 'v'))));
    }
    return bytes16_any(seen);
}

/* Whether words of these kinds next to each other speak of mining. */
static bool kinds_tell(int kinds)
{
    static const int pairs[] = {
        WORD_MINE | WORD_POOL, WORD_MINE | WORD_COIN, WORD_MINE | WORD_HASH, WORD_MINE | WORD_PROXY,
        WORD_POOL | WORD_COIN, WORD_POOL | WORD_HASH, WORD_XMR | WORD_HASH,  WORD_MINER | WORD_PAGE,
        WORD_COIN | WORD_LOOT, WORD_XMR | WORD_PROXY,
    };
    bool tell = kinds & WORD_BRAND;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
        tell |= (kinds & pairs[i]) == pairs[i];
    return tell;
}

/* The number of the longest word that the text begins with, or -1. */
static int word_at(const uint8_t *text, size_t len)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (words[i].text[0] == text[0] && words[i].len <= len &&
            memcmp(text, words[i].text, words[i].len) == 0)
            return (int)i;
    return -1;
}

/* Whether letters that come before a word are one themselves, or one's beginning. */
static bool has_vowel(const uint8_t *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (memchr("aeiouy", text[i], 6))
            return true;
    return false;
}

/* Reads a token as words, where it can, and letters between them. Brands count where they begin it,
 * and web pages are made of so many things that they count only as a token or label of their own.
 */
static void token_read(const uint8_t *token, size_t len, struct reading *reading)
{
    enum { RUN_CHARS_MIN = 7 };
    int run = WORD_OTHER;
    size_t run_from = 0;
    for (size_t at = 0; at < len;) {
        int found = word_at(token + at, len - at);
        if (found < 0) {
            reading->begins |= run_from == 0 ? run : WORD_OTHER;
            run = WORD_OTHER;
            run_from = ++at;
            continue;
        }
        run |= words[found].kind;
        at += words[found].len;
        int tell = run & ~(run_from == 0 ? WORD_PAGE : WORD_PAGE | WORD_BRAND);
        reading->tells |= at - run_from >= RUN_CHARS_MIN && kinds_tell(tell);
    }
    if (run_from == 0)
        reading->words |= run;
    else if (has_vowel(token, run_from))
        reading->ends |= run;
}

static bool is_letter(uint8_t c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* Reads the word that a longer label ends with. */
static void tail_read(const uint8_t *label, size_t len, struct reading *reading)
{
    enum { SIGN_CHARS_MIN = 2, SIGN_CHARS_MAX = 3 };
    size_t i = 0, count = sizeof(words) / sizeof(*words);
    while (i < count && (words[i].len >= len ||
                         memcmp(label + len - words[i].len, words[i].text, words[i].len) != 0))
        i++;
    if (i == count)
        return;
    size_t before = len - words[i].len;
    bool sign = before >= SIGN_CHARS_MIN && before <= SIGN_CHARS_MAX && is_letter(label[0]);
    reading->tail |= words[i].kind;
    reading->made |= words[i].kind & WORD_TICKER && before >= SIGN_CHARS_MIN;
    reading->made |= words[i].kind & WORD_WORKS && is_digit(label[before - 1]) &&
                     (sign || words[i].kind & WORD_MINER);
}

/* Reads the label's tokens: runs of letters between digits, '-' and '_'. */
static void label_read(const uint8_t *label, size_t len, struct reading *reading)
{
    struct reading own = {0};
    for (size_t at = 0; at < len;) {
        size_t end = at;
        while (end < len && is_letter(label[end]))
            end++;
        token_read(label + at, end - at, &own);
        at = end + 1;
    }
    reading->words |= own.words;
    reading->begins |= own.begins;
    reading->ends |= own.ends;
    reading->tells |= own.tells || kinds_tell(own.words);
}

/* The same for the labels from..to of the name. */
static struct reading labels_read(const struct dns_name *name, unsigned from, unsigned to)
{
    struct reading reading = {0};
    for (unsigned i = from; i < to; i++) {
        size_t len;
        const uint8_t *label = name_label(name, i, &len);
        label_read(label, len, &reading);
    }
    return reading;
}

static int pattern_confidence(const struct dns_name *name, unsigned registrable)
{
    struct reading host = labels_read(name, 0, registrable);
    struct reading domain = labels_read(name, registrable, registrable + 1);
    size_t len;
    const uint8_t *label = name_label(name, registrable, &len);
    tail_read(label, len, &domain);
    int all = host.words | domain.words;
    bool pooled = (domain.begins | domain.ends | domain.tail) & (WORD_WORKS | WORD_HASH | WORD_XMR);
    if (all & WORD_TIME)
        return 0;
    if ((host.words & WORD_STRATUM) || (all & WORD_BRAND) ||
        ((all & WORD_STRATUM) && (all & WORD_WORKS)))
        return CONFIDENCE_SURE;
    bool apart = (all & WORD_WORKS) == WORD_WORKS || ((all & WORD_WORKS) && (all & WORD_COIN)) ||
                 (pooled && (host.words & (WORD_WORKS | WORD_COIN)));
    bool xmr = (host.words | domain.ends) & WORD_XMR;
    return apart || xmr || host.tells || domain.tells || domain.made ? CONFIDENCE_WORDS : 0;
}

DETECTOR_FUNCTION(CURRENCY_MINING, currency_mining)
{
    const struct dns_name *name = transaction->question;
    int hit = hit_find(enrichment, CATEGORY_BIT(MINING), FIELD_BIT(QNAME) | FIELD_BIT(CNAME));
    if (hit >= 0)
        return hit_report(enrichment, hit, REASON_MINING_LISTED, finding);
    bool trusted = enrichment->popular ||
                   (enrichment->popularity && enrichment->popularity <= POPULARITY_TRUSTED);
    if (!name || enrichment->registrable < 0 || trusted || enrichment->allowed ||
        (enrichment->lacks & NAME_LACKS_MINING) ||
        !currency_mining_may_be(name, (unsigned)enrichment->registrable))
        return false;
    finding->confidence = (uint8_t)pattern_confidence(name, (unsigned)enrichment->registrable);
    finding->reason = REASON_MINING_PATTERN;
    return finding->confidence > 0;
}
