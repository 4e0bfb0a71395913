/* threat_intel.c - a name, alias or answered address is on a threat list
 * SPDX-License-Identifier: Apache-2.0 */
#include "detect/hits.h"

enum { THREATS = CATEGORY_BIT(C2) | CATEGORY_BIT(MALWARE) | CATEGORY_BIT(SUSPICIOUS) };

DETECTOR_FUNCTION(THREAT_INTEL, threat_intel)
{
    (void)transaction;
    static const enum reason reasons[MATCH_FIELD_COUNT] = {
        [MATCH_QNAME] = REASON_THREAT_NAME,
        [MATCH_CNAME] = REASON_THREAT_CNAME,
        [MATCH_ADDRESS] = REASON_THREAT_ADDRESS,
    };
    int hit =
        hit_find(enrichment, THREATS, FIELD_BIT(QNAME) | FIELD_BIT(CNAME) | FIELD_BIT(ADDRESS));
    return hit >= 0 && hit_report(enrichment, hit, reasons[enrichment->hits[hit].field], finding);
}
