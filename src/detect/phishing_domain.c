/* phishing_domain.c - a client asks for a domain on a phishing list, or for one that looks like a
 * brand's
 * SPDX-License-Identifier: Apache-2.0
 *
 * A likeness alone accuses nobody: one in a hundred of the less visited sites borrows a name, for
 * fans, repairs or reviews. So the domain has to be new and known to nobody, the name must not fail
 * to resolve, and further signs decide how sure we are. The brand's own domains never come here. */
#include "base/clock.h"
#include "config/config.h"
#include "detect/hits.h"
#include "meter/domains.h"

#include <dnsvigil/lookalike.h>
#include <dnsvigil/name.h>
#include <dnsvigil/profile.h>
#include <string.h>

enum { HOUR_S = 60 * 60, LONG_BRAND = 7, INSIDE_BRAND = 6 };

/* With which confidence what is told: the middle setting of the knob asks for 50. */
enum {
    SURE_DOMAIN = 80, /* the brand's own domain is spelled out, and more */
    SURE_OWN = 70,    /* one of the user's own names */
    SURE_LURE = 70,
    SURE_STRONG = 60,
    SURE_FAIR = 55,
    SURE_WEAK = 40,
    SURE_NOT = 0,
    SURE_IF_NEW = 10, /* what newness adds, where it cannot be told yet */
};

static const enum reason reasons[LOOKALIKE_TECHNIQUE_COUNT] = {
    [LOOKALIKE_HOMOGLYPH] = REASON_LOOKALIKE_HOMOGLYPH,
    [LOOKALIKE_SCRIPTS] = REASON_LOOKALIKE_SCRIPTS,
    [LOOKALIKE_TYPO] = REASON_LOOKALIKE_TYPO,
    [LOOKALIKE_KEYBOARD] = REASON_LOOKALIKE_TYPO,
    [LOOKALIKE_BITFLIP] = REASON_LOOKALIKE_TYPO,
    [LOOKALIKE_COMBINED] = REASON_LOOKALIKE_COMBINED,
    [LOOKALIKE_EMBEDDED] = REASON_LOOKALIKE_EMBEDDED,
    [LOOKALIKE_OTHER_TLD] = REASON_LOOKALIKE_OTHER_TLD,
};

static bool has(const struct lookalike *found, unsigned signs)
{
    return (found->signs & signs) == signs;
}

static bool is_typo(const struct lookalike *found)
{
    return reasons[found->technique] == REASON_LOOKALIKE_TYPO;
}

/* Where anybody may put up pages, most that borrow a name want to be taken for its owner. */
static int sure_of_open(const struct lookalike *found)
{
    if (has(found, LOOKALIKE_SIGN_LURE))
        return SURE_LURE;
    bool clear =
        has(found, LOOKALIKE_SIGN_WORD) || is_typo(found) || strlen(found->brand) >= INSIDE_BRAND;
    return clear ? SURE_FAIR : SURE_WEAK;
}

/* Other people's domains carry a brand's name left of their own for many a good reason. */
static int sure_of_embedded(const struct lookalike *found)
{
    bool common = has(found, LOOKALIKE_SIGN_COMMON);
    if (has(found, LOOKALIKE_SIGN_DOMAIN) || has(found, LOOKALIKE_SIGN_LURE))
        return SURE_STRONG;
    if (common)
        return SURE_NOT;
    return has(found, LOOKALIKE_SIGN_TLD) ? SURE_FAIR : SURE_WEAK;
}

static int sure_of_typo(const struct lookalike *found)
{
    bool signs =
        has(found, LOOKALIKE_SIGN_TLD) || has(found, LOOKALIKE_SIGN_LURE | LOOKALIKE_SIGN_WORD);
    return signs && strlen(found->brand) >= LONG_BRAND ? SURE_FAIR : SURE_WEAK;
}

static int sure_of_combined(const struct lookalike *found)
{
    bool lure = has(found, LOOKALIKE_SIGN_LURE), word = has(found, LOOKALIKE_SIGN_WORD);
    if (has(found, LOOKALIKE_SIGN_TLD) && lure)
        return SURE_STRONG;
    if (has(found, LOOKALIKE_SIGN_COMMON))
        return lure && word ? SURE_WEAK : SURE_NOT;
    if (has(found, LOOKALIKE_SIGN_TLD))
        return word ? SURE_FAIR : SURE_WEAK;
    return lure ? SURE_WEAK : SURE_NOT;
}

static int sure_of_homoglyph(const struct lookalike *found)
{
    bool sign = has(found, LOOKALIKE_SIGN_TLD) || has(found, LOOKALIKE_SIGN_FOREIGN);
    return has(found, LOOKALIKE_SIGN_LURE) || (sign && !has(found, LOOKALIKE_SIGN_COMMON))
               ? SURE_STRONG
               : SURE_WEAK;
}

/* How sure a likeness makes us, by what was measured on names of phishers and of everybody else. */
static int sure_of(const struct lookalike *found)
{
    const unsigned further = LOOKALIKE_SIGN_LURE | LOOKALIKE_SIGN_TLD | LOOKALIKE_SIGN_OPEN;
    if (found->technique == LOOKALIKE_SCRIPTS)
        return SURE_STRONG;
    if (has(found, LOOKALIKE_SIGN_DOMAIN) && (found->signs & further))
        return SURE_DOMAIN;
    if (has(found, LOOKALIKE_SIGN_OWN) && found->technique != LOOKALIKE_EMBEDDED)
        return SURE_OWN;
    if (has(found, LOOKALIKE_SIGN_OPEN))
        return sure_of_open(found);
    if (is_typo(found))
        return sure_of_typo(found);
    switch (found->technique) {
    case LOOKALIKE_HOMOGLYPH: return sure_of_homoglyph(found);
    case LOOKALIKE_EMBEDDED: return sure_of_embedded(found);
    case LOOKALIKE_COMBINED: return sure_of_combined(found);
    default: return has(found, LOOKALIKE_SIGN_TLD) ? SURE_WEAK : SURE_NOT;
    }
}

static bool lookalike_judge(const struct transaction *transaction,
                            const struct enrichment *enrichment, struct finding *finding)
{
    const struct lookalike *found = enrichment->lookalike;
    int sure = sure_of(found);
    double limit_s = (double)enrichment->config->lookalikes.new_hours * HOUR_S;
    double age_s = enrichment->domain ? domain_age_s(enrichment->domain, transaction->time_ns) : 0;
    bool fails = transaction->response && transaction->rcode != 0;
    if (sure == SURE_NOT || age_s > limit_s || fails)
        return false;
    if (enrichment->history == HISTORY_SHORT)
        sure -= SURE_IF_NEW;
    finding->confidence = (uint8_t)sure;
    finding->reason = (uint8_t)reasons[found->technique];
    finding->features[0] = (struct feature){"edits", found->distance, 1, ""};
    finding->features[1] = (struct feature){"signs", __builtin_popcount(found->signs), 1, ""};
    finding->features[2] = (struct feature){"first_seen_ago", age_s, limit_s, "s"};
    finding->feature_count = 3;
    if (found->label < enrichment->registrable && profile_is_open(enrichment))
        finding->label = found->label;
    return true;
}

DETECTOR_FUNCTION(PHISHING_DOMAIN, phishing_domain)
{
    int hit = hit_find(enrichment, CATEGORY_BIT(PHISHING), FIELD_BIT(QNAME) | FIELD_BIT(CNAME));
    if (hit >= 0)
        return hit_report(enrichment, hit, REASON_PHISHING_LISTED, finding);
    return enrichment->lookalike && lookalike_judge(transaction, enrichment, finding);
}
