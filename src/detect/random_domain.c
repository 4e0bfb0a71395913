/* random_domain.c - a client reached a new domain whose name looks drawn at random
 * SPDX-License-Identifier: Apache-2.0
 *
 * How a name looks is not enough: one in a hundred of the less visited sites has such a name, most
 * of them advertising and delivery networks. So nobody may know the domain, few clients ask for it,
 * it was not seen before, and it works: a name that does not exist is counted as one of a burst
 * (generated_domains) and says nothing alone. And chance must not explain it: for a crawler or a
 * mail gateway, which meets new domains by the hundred, a name has to look so much the odder. Below
 * a provider's suffix every customer's label is the provider's to draw, and host names are always
 * left out. */
#include "detect/random_domain.h"

#include "base/clock.h"
#include "config/config.h"
#include "meter/domains.h"

#include <dnsvigil/burst.h>
#include <dnsvigil/name.h>
#include <dnsvigil/profile.h>
#include <dnsvigil/record.h>

#include <math.h>
#include <string.h>

enum { HOUR_S = 60 * 60, HEX_LEN_MIN = 12, BASE32_LEN_MIN = 16 };

/* How few benign names may look as random, and how sure that makes us: one step for each setting
 * of the confidence knob. */
static const struct {
    float benign_share;
    uint8_t confidence;
} steps[] = {{1e-4f, 80}, {1e-3f, 60}, {1e-2f, 35}};

enum { STEPS = sizeof(steps) / sizeof(*steps), STEP_MEDIUM = 1, STEP_LOW = 2 };

/* benign_share is of names that several lists have. Of benign names on one list alone, which is
 * what strangers are like, 3.9 times as many pass for as random as one in 1,000 of the former, 5.5
 * times as many for as random as one in 10,000, and one in 1,000 is a hash in this sense. */
static const float stranger_odds = 5;
static const float hash_stranger_share = 1e-3f;

static const uint8_t CONFIDENCE_HASH = 65;

static bool is_between(uint8_t c, char first, char last)
{
    return c >= first && c <= last;
}

/* Whether the label is hex digits or base32 (RFC 4648, 6) and nothing else, with as many digits
 * among them as chance would have it, give or take. */
static bool is_hash(const uint8_t *label, size_t len)
{
    unsigned digits = 0;
    bool hex = len >= HEX_LEN_MIN, base32 = len >= BASE32_LEN_MIN;
    for (size_t i = 0; i < len; i++) {
        bool digit = is_between(label[i], '0', '9');
        digits += digit;
        hex &= digit || is_between(label[i], 'a', 'f');
        base32 &= is_between(label[i], '2', '7') || is_between(label[i], 'a', 'z');
    }
    return (hex && digits * 4 >= len && digits < len) || (base32 && digits * 12 >= len);
}

/* An address that leads anywhere: filters answer with none or with the asker's own. */
static bool leads_somewhere(const struct addr *addr)
{
    static const uint8_t none[15];
    if (addr_is_v4(addr))
        return addr->bytes[12] != 0 && addr->bytes[12] != 127;
    return addr->bytes[15] > 1 || memcmp(addr->bytes, none, sizeof(none)) != 0;
}

static bool is_resolved(const struct dns_message *response)
{
    struct addr addr;
    for (unsigned i = 0; i < response->record_count; i++)
        if (response->records[i].section == DNS_SECTION_ANSWER &&
            record_addr(response, &response->records[i], &addr) && leads_somewhere(&addr))
            return true;
    return false;
}

/* The name works, or its clients keep asking where answers are not seen. */
static bool is_used(const struct transaction *transaction, const struct prevalence *known,
                    uint64_t queries_min)
{
    const struct dns_message *response = transaction->response;
    bool told = !(transaction->lacks & (LACKS_RCODE | LACKS_ANSWERS));
    if (response && (told || transaction->rcode != 0))
        return transaction->rcode == 0 && is_resolved(response);
    return known->clients && known->queries >= queries_min * known->clients;
}

/* Whether the name is one of many of its make, which generated_domains tells of. */
static bool is_one_of_many(const struct burst_measure *burst)
{
    return burst && burst->expected <= burst->expected_limit;
}

/* Whether the domain is one of which nothing is known that would speak for it. */
static bool is_unknown(const struct enrichment *enrichment)
{
    return enrichment->domain && enrichment->history != HISTORY_SHORT &&
           enrichment->suffix_class == SUFFIX_ICANN && !enrichment->popularity &&
           !enrichment->popular && !enrichment->allowed && !is_one_of_many(enrichment->burst) &&
           !profile_exempts(enrichment, DETECTOR_RANDOM_DOMAIN);
}

static uint64_t clients_of(const struct prevalence *known)
{
    return known->clients ? known->clients : 1;
}

bool random_domain_is_stranger(const struct transaction *transaction,
                               const struct enrichment *enrichment)
{
    if (!is_unknown(enrichment))
        return false;
    const struct config_random_domains *limits = &enrichment->config->random_domains;
    const struct domain *domain = enrichment->domain;
    return clients_of(&domain->known) <= limits->clients_max &&
           domain_age_s(domain, transaction->time_ns) <= (double)limits->new_hours * HOUR_S &&
           is_used(transaction, &domain->known, limits->queries_min);
}

bool random_domain_looks_ordinary(const struct enrichment *enrichment)
{
    return !enrichment->lexical.known ||
           enrichment->lexical.benign_share > steps[STEP_LOW].benign_share;
}

/* What kind of random the name is and how sure that makes us. Returns the share of harmless
 * strangers that are so, 1 for a name that looks like any other. */
static float name_judge(const struct transaction *transaction, const struct enrichment *enrichment,
                        struct finding *finding)
{
    size_t len;
    const uint8_t *label =
        name_label(transaction->question, (unsigned)enrichment->registrable, &len);
    float share = enrichment->lexical.benign_share;
    unsigned step = 0;
    while (step < STEPS && share > steps[step].benign_share)
        step++;
    finding->reason = REASON_RANDOM_LABEL;
    finding->confidence = step < STEPS ? steps[step].confidence : 0;
    if (finding->confidence < CONFIDENCE_HASH && share <= RANDOM_SHARE_MAX && is_hash(label, len)) {
        finding->reason = REASON_RANDOM_HASH;
        finding->confidence = CONFIDENCE_HASH;
        return fminf(share * stranger_odds, hash_stranger_share);
    }
    return finding->confidence > 0 ? fminf(share * stranger_odds, 1) : 1;
}

DETECTOR_FUNCTION(RANDOM_DOMAIN, random_domain)
{
    if (!enrichment->lexical.known || enrichment->lexical.benign_share > RANDOM_SHARE_MAX ||
        !random_domain_is_stranger(transaction, enrichment))
        return false;
    float share = name_judge(transaction, enrichment, finding);
    if (finding->confidence == 0)
        return false;
    const struct config_random_domains *limits = &enrichment->config->random_domains;
    const struct domain *domain = enrichment->domain;
    double expected = (double)share * (double)enrichment->strangers;
    double expected_max = (double)limits->chance_percent / 100;
    if (expected > expected_max)
        finding->confidence = steps[STEP_LOW].confidence;
    finding->feature_count = 5;
    finding->features[0] = (struct feature){"benign_share", enrichment->lexical.benign_share,
                                            steps[STEP_MEDIUM].benign_share, ""};
    finding->features[1] = (struct feature){"expected_by_chance", expected, expected_max, ""};
    finding->features[2] =
        (struct feature){"clients", (double)clients_of(&domain->known), limits->clients_max, ""};
    finding->features[3] =
        (struct feature){"first_seen_ago", domain_age_s(domain, transaction->time_ns),
                         (double)limits->new_hours * HOUR_S, "s"};
    finding->features[4] =
        (struct feature){"queries", (double)domain->known.queries + 1, limits->queries_min, ""};
    return true;
}
