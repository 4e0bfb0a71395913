/* sinkholed_domain.c - a client asks for a domain that defenders have taken over
 * SPDX-License-Identifier: Apache-2.0
 *
 * The answer gives the sinkhole away: its address, an alias into it, its name servers, its SOA or,
 * where the operator says so, a text.
 * Some operators' addresses are shared with ordinary cloud services; those count only together with
 * a second sign. Block pages of filtering resolvers look alike but mean "already blocked by
 * policy", so they are Informational. */
#include "detect/hits.h"

#include <string.h>
#include <strings.h>

enum {
    CONFIDENCE_SHARED_SUPPORTED = 70,
    CONFIDENCE_TEXT = 70,
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

/* `words` begin with a small letter. */
static bool text_has(const uint8_t *text, size_t len, const char *words)
{
    size_t words_len = strlen(words);
    for (size_t at = 0; at + words_len <= len; at++)
        if ((text[at] | 0x20) == words[0] &&
            strncasecmp((const char *)text + at, words, words_len) == 0)
            return true;
    return false;
}

/* Policies and proofs of ownership (v=spf1, verification=…) name hosts; operators write prose. */
static bool text_tells(const uint8_t *text, size_t len)
{
    static const char *const words[] = {"sinkhole", "domain has been seized", "domain was seized"};
    if (memchr(text, '=', len))
        return false;
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (text_has(text, len, words[i]))
            return true;
    return false;
}

/* Whether a text about the domain that was asked for says so. Notes to readers are short. */
static bool answer_tells(const struct transaction *transaction)
{
    const struct dns_message *response = transaction->response;
    if (!response || transaction->qtype != DNS_TYPE_TXT)
        return false;
    enum { READ_MAX = 2048 };
    size_t read = 0;
    for (unsigned i = 0; i < response->record_count && read < READ_MAX; i++) {
        const struct dns_record *record = &response->records[i];
        if (record->type != DNS_TYPE_TXT || record->section != DNS_SECTION_ANSWER)
            continue;
        size_t len = record->rdata_len < READ_MAX - read ? record->rdata_len : READ_MAX - read;
        if (text_tells(response->data + record->rdata, len))
            return true;
        read += len;
    }
    return false;
}

DETECTOR_FUNCTION(SINKHOLED_DOMAIN, sinkholed_domain)
{
    for (unsigned i = 0; enrichment->hit_count && i < sizeof(signs) / sizeof(*signs); i++) {
        int hit = hit_find(enrichment, CATEGORY_BIT(SINKHOLE), signs[i].field);
        if (hit >= 0)
            return hit_report(enrichment, hit, signs[i].reason, finding);
    }
    if (answer_tells(transaction) && !enrichment->popular && !enrichment->allowed) {
        finding->confidence = CONFIDENCE_TEXT;
        finding->reason = REASON_SINKHOLE_TEXT;
        return true;
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
