/* sinkholed_domain.c - a client asks for a domain that defenders have taken over
 * SPDX-License-Identifier: Apache-2.0
 *
 * The answer gives the sinkhole away: its address, an alias into it, its name servers or its SOA.
 * Some operators' addresses are shared with ordinary cloud services; those count only together with
 * a second sign. Block pages of filtering resolvers look alike but mean "already blocked by
 * policy", so they are Informational. */
#include "detect/hits.h"

enum {
    CONFIDENCE_SHARED_SUPPORTED = 70,
    THREATS = CATEGORY_BIT(C2) | CATEGORY_BIT(MALWARE) | CATEGORY_BIT(PHISHING) |
              CATEGORY_BIT(SUSPICIOUS),
};

/* Which part of the transaction speaks, strongest first. */
static const struct {
    unsigned field;
    enum reason reason;
} signs[] = {
    {FIELD_BIT(ADDRESS), REASON_SINKHOLE_ADDRESS},
    {FIELD_BIT(CNAME), REASON_SINKHOLE_CNAME},
    {FIELD_BIT(NS) | FIELD_BIT(SOA), REASON_SINKHOLE_DELEGATION},
    {FIELD_BIT(QNAME), REASON_SINKHOLE_NAME},
};

DETECTOR_FUNCTION(SINKHOLED_DOMAIN, sinkholed_domain)
{
    (void)transaction;
    for (unsigned i = 0; enrichment->hit_count && i < sizeof(signs) / sizeof(*signs); i++) {
        int hit = hit_find(enrichment, CATEGORY_BIT(SINKHOLE), signs[i].field);
        if (hit >= 0)
            return hit_report(enrichment, hit, signs[i].reason, finding);
    }
    int hit = hit_find(enrichment, CATEGORY_BIT(SINKHOLE_SHARED), FIELD_BIT(ADDRESS));
    if (hit >= 0 && hit_find(enrichment, THREATS, FIELD_BIT(QNAME)) >= 0) {
        hit_report(enrichment, hit, REASON_SINKHOLE_SHARED, finding);
        finding->confidence = CONFIDENCE_SHARED_SUPPORTED;
        return true;
    }
    hit = hit_find(enrichment, CATEGORY_BIT(BLOCK_PAGE), FIELD_BIT(ADDRESS) | FIELD_BIT(CNAME));
    finding->severity = hit >= 0 ? SEVERITY_INFORMATIONAL : -1;
    return hit >= 0 && hit_report(enrichment, hit, REASON_BLOCK_PAGE, finding);
}
