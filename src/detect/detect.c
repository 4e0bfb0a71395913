/* detect.c - runs the detectors over one transaction
 * SPDX-License-Identifier: Apache-2.0 */
#include "detect/detect.h"

#include "detect/onion.h"
#include "detect/random_domain.h"

#include <assert.h>
#include <string.h>

/* What of a transaction may give a detector something to say. Most transactions have nothing. */
enum sign {
    SIGN_NAME = 1 << 0, /* of a registrable domain, and it may speak of mining */
    SIGN_HIT = 1 << 1,
    SIGN_LOOKALIKE = 1 << 2,
    SIGN_BURST = 1 << 3,
    SIGN_ANOMALY = 1 << 4,
    SIGN_TUNNEL = 1 << 5,
    SIGN_SIGNATURE = 1 << 6,
    SIGN_TEXT = 1 << 7,   /* asked for */
    SIGN_ROOM = 1 << 8,   /* left of the domain, for an onion address or a file */
    SIGN_RANDOM = 1 << 9, /* is what the domain looks */
};
static_assert(SIGN_RANDOM < 1 << DETECT_SIGNS, "each sign has its detectors");
static_assert(DETECTOR_COUNT <= 16, "a set of detectors is 16 bits");

/* Without all of its signs a detector need not be asked. */
static const uint16_t signs_of[DETECTOR_COUNT] = {
    [DETECTOR_PROTOCOL_ANOMALY] = SIGN_ANOMALY,
    [DETECTOR_DARK_WEB] = SIGN_HIT,
    [DETECTOR_DARK_WEB_PROXY] = SIGN_HIT | SIGN_ROOM,
    [DETECTOR_SINKHOLED_DOMAIN] = SIGN_HIT | SIGN_TEXT,
    [DETECTOR_PHISHING_DOMAIN] = SIGN_HIT | SIGN_LOOKALIKE,
    [DETECTOR_GENERATED_DOMAINS] = SIGN_BURST,
    [DETECTOR_THREAT_INTEL] = SIGN_HIT,
    [DETECTOR_RANDOM_DOMAIN] = SIGN_RANDOM,
    [DETECTOR_CURRENCY_MINING] = SIGN_HIT | SIGN_NAME,
    [DETECTOR_SIGNATURE] = SIGN_SIGNATURE,
    [DETECTOR_DATA_INFILTRATION] = SIGN_TUNNEL,
    [DETECTOR_DATA_EXFILTRATION] = SIGN_TUNNEL | SIGN_ROOM,
    [DETECTOR_DATA_OBFUSCATION] = SIGN_TUNNEL,
};

static unsigned name_signs(const struct dns_name *name, const struct enrichment *enrichment)
{
    bool domain = enrichment->registrable >= 0;
    unsigned left = domain ? (unsigned)enrichment->registrable : name->labels;
    bool random = enrichment->lexical.known && enrichment->lexical.benign_share <= RANDOM_SHARE_MAX;
    bool mining = domain && !(enrichment->lacks & NAME_LACKS_MINING);
    return (mining ? SIGN_NAME : 0) | (name->offset[left] > ONION_CHARS_MIN ? SIGN_ROOM : 0) |
           (random ? SIGN_RANDOM : 0);
}

static unsigned signs_seen(const struct transaction *transaction,
                           const struct enrichment *enrichment)
{
    const struct dns_name *name = transaction->question;
    return (name ? name_signs(name, enrichment) : 0) | (enrichment->hit_count ? SIGN_HIT : 0) |
           (enrichment->lookalike ? SIGN_LOOKALIKE : 0) | (enrichment->burst ? SIGN_BURST : 0) |
           (enrichment->anomaly ? SIGN_ANOMALY : 0) | (enrichment->tunnel ? SIGN_TUNNEL : 0) |
           (enrichment->signature ? SIGN_SIGNATURE : 0) |
           (transaction->qtype == DNS_TYPE_TXT ? SIGN_TEXT : 0);
}

void detect_enable(struct detect_settings *settings, enum detector detector, bool enabled)
{
    settings->enabled[detector] = enabled;
    for (unsigned sign = 0; sign < DETECT_SIGNS; sign++) {
        uint16_t bit = (uint16_t)(1u << detector);
        settings->woken_by[sign] &= (uint16_t)~bit;
        if (enabled && signs_of[detector] >> sign & 1)
            settings->woken_by[sign] |= bit;
    }
}

void detect_settings_from(const struct config *config, struct detect_settings *ret_settings)
{
    memset(ret_settings, 0, sizeof(*ret_settings));
    bool strict = config->severity_profile == CONFIG_PROFILE_STRICT;
    for (int i = 0; i < DETECTOR_COUNT; i++) {
        const struct config_detector *chosen = &config->detectors.of[i];
        const struct detector_row *row = &detector_rows[i];
        detect_enable(ret_settings, (enum detector)i, chosen->enabled && row->detect);
        ret_settings->floor[i] = confidence_floor[chosen->confidence];
        ret_settings->severity[i] = strict ? row->severity_strict : row->severity;
        if (chosen->severity != CONFIG_SEVERITY_PROFILE)
            ret_settings->severity[i] = (uint8_t)chosen->severity;
    }
}

bool detect_one(enum detector detector, const struct transaction *transaction,
                const struct enrichment *enrichment, struct finding *ret_finding)
{
    /* Field by field: zeroing the features, too, would cost more than most detectors do. */
    ret_finding->detector = (uint8_t)detector;
    ret_finding->severity = -1;
    ret_finding->hit = -1;
    ret_finding->label = -1;
    ret_finding->story = 0;
    ret_finding->more = 0;
    ret_finding->feature_count = 0;
    return detector_rows[detector].detect &&
           detector_rows[detector].detect(transaction, enrichment, ret_finding);
}

unsigned detect_run(const struct detect_settings *settings, const struct transaction *transaction,
                    const struct enrichment *enrichment, struct finding findings[DETECTOR_COUNT],
                    unsigned *ret_below)
{
    unsigned count = 0, woken = 0;
    *ret_below = 0;
    for (unsigned seen = signs_seen(transaction, enrichment); seen; seen &= seen - 1)
        woken |= settings->woken_by[__builtin_ctz(seen)];
    for (; woken; woken &= woken - 1) {
        unsigned i = (unsigned)__builtin_ctz(woken);
        struct finding *finding = &findings[count];
        if (!detect_one((enum detector)i, transaction, enrichment, finding))
            continue;
        if (finding->confidence < settings->floor[i]) {
            ++*ret_below;
            continue;
        }
        if (finding->severity < 0)
            finding->severity = (int8_t)settings->severity[i];
        if (finding->feature_count < FEATURES_MAX)
            finding->features[finding->feature_count++] =
                (struct feature){"confidence", finding->confidence, settings->floor[i], "%"};
        count++;
    }
    return count;
}
