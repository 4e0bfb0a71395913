/* dark_web.c - a client asks for names of an anonymity network itself
 * SPDX-License-Identifier: Apache-2.0
 *
 * Anonymity networks keep their own name spaces (onion: RFC 7686; i2p and others by custom), which
 * should never reach DNS: a query means that some program does not know, or does not care. Their
 * software also starts from a few well-known hosts (directories, reseeds, brokers). Web sites about
 * the networks are read by many people, and names kept on a blockchain are used by many more than
 * those who hide behind them: both are Informational. */
#include "detect/hits.h"
#include "detect/onion.h"

enum {
    CONFIDENCE_CHECKSUM = 99,
    NETWORKS = CATEGORY_BIT(ANONYMITY) | CATEGORY_BIT(ANONYMITY_WEB) | CATEGORY_BIT(ALT_NAMES),
};

/* A hit on the top-level label stands for a whole name space; the alert is about the one service
 * below it. The bare label is a word that somebody typed. */
static bool namespace_report(const struct dns_name *name, const struct enrichment *enrichment,
                             int hit, struct finding *finding)
{
    if (name->labels < 2)
        return false;
    hit_report(enrichment, hit, REASON_ANONYMITY_NAMESPACE, finding);
    finding->label = (int16_t)(name->labels - 2);
    if (onion_label(name, name->labels - 2u) == ONION_V3) {
        finding->reason = REASON_ONION_ADDRESS;
        finding->confidence = CONFIDENCE_CHECKSUM;
    }
    if (enrichment->hits[hit].category == CATEGORY_ALT_NAMES) {
        finding->reason = REASON_ALT_NAMESPACE;
        finding->severity = SEVERITY_INFORMATIONAL;
    }
    return true;
}

DETECTOR_FUNCTION(DARK_WEB, dark_web)
{
    int hit = hit_find(enrichment, NETWORKS, FIELD_BIT(QNAME));
    if (hit < 0)
        return false;
    const struct indicator_hit *found = &enrichment->hits[hit];
    if (found->category == CATEGORY_ANONYMITY_WEB) {
        finding->severity = SEVERITY_INFORMATIONAL;
        return hit_report(enrichment, hit, REASON_ANONYMITY_SITE, finding);
    }
    if (found->label + 1 == transaction->question->labels)
        return namespace_report(transaction->question, enrichment, hit, finding);
    return hit_report(enrichment, hit, REASON_ANONYMITY_HOST, finding);
}
