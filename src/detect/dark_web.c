/* dark_web.c - a client asks for names of an anonymity network itself
 * SPDX-License-Identifier: Apache-2.0
 *
 * Anonymity networks keep their own name spaces (onion: RFC 7686; i2p and others by custom), which
 * should never reach DNS: a query means that some program does not know, or does not care. Their
 * software also starts from a few well-known hosts (directories, reseeds, brokers). Web sites about
 * the networks are read by many people, so they are Informational. */
#include "detect/hits.h"
#include "detect/onion.h"

enum { CONFIDENCE_CHECKSUM = 99 };

/* A hit on the top-level label stands for a whole name space; the alert is about the one service
 * below it. */
static bool namespace_report(const struct transaction *transaction,
                             const struct enrichment *enrichment, int hit, struct finding *finding)
{
    const struct dns_name *name = transaction->question;
    hit_report(enrichment, hit, REASON_ANONYMITY_NAMESPACE, finding);
    finding->label = name->labels >= 2 ? (int16_t)(name->labels - 2) : 0;
    if (name->labels >= 2 && onion_label(name, name->labels - 2u) == ONION_V3) {
        finding->reason = REASON_ONION_ADDRESS;
        finding->confidence = CONFIDENCE_CHECKSUM;
    }
    return true;
}

DETECTOR_FUNCTION(DARK_WEB, dark_web)
{
    int hit = hit_find(enrichment, CATEGORY_BIT(ANONYMITY) | CATEGORY_BIT(ANONYMITY_WEB),
                       FIELD_BIT(QNAME));
    if (hit < 0)
        return false;
    const struct indicator_hit *found = &enrichment->hits[hit];
    if (found->category == CATEGORY_ANONYMITY_WEB) {
        finding->severity = SEVERITY_INFORMATIONAL;
        return hit_report(enrichment, hit, REASON_ANONYMITY_SITE, finding);
    }
    if (found->label + 1 == transaction->question->labels)
        return namespace_report(transaction, enrichment, hit, finding);
    return hit_report(enrichment, hit, REASON_ANONYMITY_HOST, finding);
}
