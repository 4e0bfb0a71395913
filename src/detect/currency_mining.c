/* currency_mining.c - a client asks for a mining pool or a miner's host
 * SPDX-License-Identifier: Apache-2.0
 *
 * Lists name the known ones. New pools come every week, but their names are made of few words: a
 * coin with "pool" or "mine", a stratum host, xmr. The pattern layer reads every label left of the
 * public suffix as such words. Exchanges, wallets and news are not mining and have no such words.
 */
#include "base/bytes16.h"
#include "detect/hits.h"

#include <dnsvigil/name.h>

#include <assert.h>
#include <string.h>

enum { CONFIDENCE_SURE = 80, CONFIDENCE_WORDS = 60 };

enum word_kind {
    WORD_OTHER = 0,
    WORD_MINE = 1 << 0,
    WORD_POOL = 1 << 1,
    WORD_COIN = 1 << 2,
    WORD_XMR = 1 << 3,     /* the coin of miners on other people's machines */
    WORD_STRATUM = 1 << 4, /* the protocol; but also a word of time servers and of company names */
    WORD_BRAND = 1 << 5,   /* miners and pools by name */
    WORD_TIME = 1 << 6,    /* speaks of time servers, which also have strata and pools */
};

static const struct {
    const char *text;
    uint8_t len;
    uint8_t kind;
} words[] = {
#define WORD(text, kind) {text, sizeof(text) - 1, kind},
#include "detect/mining_words.def"
#undef WORD
};

/* Whether three letters stand in the name that every match needs: of pool, mine, stratum, xmr,
 * monero or nicehash. Nearly every name ends here, so the loop has a form that compilers turn into
 * vector code. */
static bool name_may_mine(const struct dns_name *name)
{
    static_assert(BYTES16 + 2 <= NAME_PAD, "zeros follow the name, no letters");
    bytes16 seen = {0};
    for (const uint8_t *wire = name->wire; wire < name->wire + name->len; wire += BYTES16) {
        bytes16 a = bytes16_load(wire), b = bytes16_load(wire + 1), c = bytes16_load(wire + 2);
        seen |= (bytes16)((a == 'p') & (b == 'o') & (c == 'o'));
        seen |= (bytes16)((a == 'm') & (((b == 'i') | (b == 'o')) & (c == 'n')));
        seen |= (bytes16)((a == 'a') & (b == 't') & (c == 'u'));
        seen |= (bytes16)((a == 'x') & (b == 'm') & (c == 'r'));
        seen |= (bytes16)((a == 'c') & (b == 'e') & (c == 'h'));
    }
    return bytes16_any(seen);
}

/* The kinds of the words that make up `token`, or -1 when it is not made of words alone. Greedy:
 * the table has longer words first. */
static int token_kinds(const uint8_t *token, size_t len)
{
    int kinds = WORD_OTHER;
    while (len > 0) {
        size_t i = 0;
        while (i < sizeof(words) / sizeof(*words) &&
               (words[i].text[0] != token[0] || words[i].len > len ||
                memcmp(token, words[i].text, words[i].len) != 0))
            i++;
        if (i == sizeof(words) / sizeof(*words))
            return -1;
        kinds |= words[i].kind;
        token += words[i].len;
        len -= words[i].len;
    }
    return kinds;
}

static bool is_letter(uint8_t c)
{
    return c >= 'a' && c <= 'z';
}

/* Adds up the kinds of the label's tokens: runs of letters between digits, '-' and '_'. */
static int label_kinds(const uint8_t *label, size_t len)
{
    int kinds = WORD_OTHER;
    for (size_t at = 0; at < len;) {
        size_t end = at;
        while (end < len && is_letter(label[end]))
            end++;
        int token = token_kinds(label + at, end - at);
        kinds |= token > 0 ? token : 0;
        at = end + 1;
    }
    return kinds;
}

/* The same over the labels from..to of the name. */
static int labels_kinds(const struct dns_name *name, unsigned from, unsigned to)
{
    int kinds = WORD_OTHER;
    for (unsigned i = from; i < to; i++) {
        size_t len;
        const uint8_t *label = name_label(name, i, &len);
        kinds |= label_kinds(label, len);
    }
    return kinds;
}

static int pattern_confidence(const struct dns_name *name, unsigned registrable)
{
    int host = labels_kinds(name, 0, registrable);
    int all = host | labels_kinds(name, registrable, registrable + 1);
    bool works = all & (WORD_MINE | WORD_POOL);
    bool both = (all & WORD_MINE) && (all & WORD_POOL);
    if (all & WORD_TIME)
        return 0;
    if ((host & WORD_STRATUM) || (all & WORD_BRAND) || ((all & WORD_STRATUM) && works))
        return CONFIDENCE_SURE;
    return both || (works && (all & WORD_COIN)) || (host & WORD_XMR) ? CONFIDENCE_WORDS : 0;
}

DETECTOR_FUNCTION(CURRENCY_MINING, currency_mining)
{
    const struct dns_name *name = transaction->question;
    int hit = hit_find(enrichment, CATEGORY_BIT(MINING), FIELD_BIT(QNAME) | FIELD_BIT(CNAME));
    if (hit >= 0)
        return hit_report(enrichment, hit, REASON_MINING_LISTED, finding);
    if (!name || enrichment->registrable < 0 || enrichment->popular || enrichment->allowed ||
        !name_may_mine(name))
        return false;
    finding->confidence = (uint8_t)pattern_confidence(name, (unsigned)enrichment->registrable);
    finding->reason = REASON_MINING_PATTERN;
    return finding->confidence > 0;
}
