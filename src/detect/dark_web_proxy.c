/* dark_web_proxy.c - a client reaches an anonymity network through a web gateway
 * SPDX-License-Identifier: Apache-2.0
 *
 * A gateway takes the service's address as a label: <address>.<gateway>. Under a listed gateway
 * that is certain. Under any other domain a version 3 address proves itself by its checksum (a
 * chance of 2^-24 with the version byte), which also finds gateways that no list knows; a version 2
 * address has no checksum, so there the domain must look like a gateway's. */
#include "detect/hits.h"
#include "detect/onion.h"

#include <dnsvigil/name.h>

#include <string.h>

enum {
    CONFIDENCE_ADDRESS_AT_GATEWAY = 99,
    CONFIDENCE_CHECKSUM = 98,
    CONFIDENCE_GATEWAY_WORD = 70,
};

/* Words that gateways put into their own names. */
static const char *const gateway_words[] = {"onion",    "tor2",    "2tor",         "torgate",
                                            "torproxy", "darknet", "hiddenservice"};

static bool label_has_word(const struct dns_name *name, unsigned label)
{
    size_t len;
    const uint8_t *text = name_label(name, label, &len);
    for (size_t i = 0; i < sizeof(gateway_words) / sizeof(*gateway_words); i++)
        if (memmem(text, len, gateway_words[i], strlen(gateway_words[i])))
            return true;
    return false;
}

/* Whether some label to the right of the address speaks of a gateway. The top-level domain does not
 * count: under onion itself it is no gateway. */
static bool gateway_word_after(const struct dns_name *name, unsigned address)
{
    for (unsigned label = address + 1; label + 1 < name->labels; label++)
        if (label_has_word(name, label))
            return true;
    return false;
}

/* An onion address under a domain that no list names. */
static bool unlisted_gateway(const struct transaction *transaction,
                             const struct enrichment *enrichment, struct finding *finding)
{
    const struct dns_name *name = transaction->question;
    enum onion_kind kind;
    if (enrichment->registrable < 0 || enrichment->allowed)
        return false;
    int address = onion_find(name, &kind);
    if (address < 0 || address >= enrichment->registrable)
        return false;
    if (kind == ONION_V2 && (enrichment->popular || !gateway_word_after(name, (unsigned)address)))
        return false;
    finding->reason = kind == ONION_V3 ? REASON_ONION_LABEL : REASON_GATEWAY_ONION;
    finding->confidence = kind == ONION_V3 ? CONFIDENCE_CHECKSUM : CONFIDENCE_GATEWAY_WORD;
    return true;
}

DETECTOR_FUNCTION(DARK_WEB_PROXY, dark_web_proxy)
{
    if (!transaction->question)
        return false;
    int hit = hit_find(enrichment, CATEGORY_BIT(GATEWAY), FIELD_BIT(QNAME));
    enum onion_kind kind;
    if (hit >= 0) {
        hit_report(enrichment, hit, REASON_GATEWAY_HOST, finding);
        if (onion_find(transaction->question, &kind) >= 0) {
            finding->reason = REASON_GATEWAY_ONION;
            finding->confidence = CONFIDENCE_ADDRESS_AT_GATEWAY;
        }
        return true;
    }
    if (unlisted_gateway(transaction, enrichment, finding))
        return true;
    hit = hit_find(enrichment, CATEGORY_BIT(WEB_PROXY), FIELD_BIT(QNAME));
    return hit >= 0 && hit_report(enrichment, hit, REASON_WEB_PROXY, finding);
}
