/* phishing_domain.c - a client asks for a domain on a phishing list
 * SPDX-License-Identifier: Apache-2.0 */
#include "detect/hits.h"

DETECTOR_FUNCTION(PHISHING_DOMAIN, phishing_domain)
{
    (void)transaction;
    int hit = hit_find(enrichment, CATEGORY_BIT(PHISHING), FIELD_BIT(QNAME) | FIELD_BIT(CNAME));
    return hit >= 0 && hit_report(enrichment, hit, REASON_PHISHING_LISTED, finding);
}
