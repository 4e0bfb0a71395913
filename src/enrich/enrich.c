/* enrich.c - adds to a transaction what the lists know of it and who really asked
 * SPDX-License-Identifier: Apache-2.0 */
#include "enrich/enrich.h"

#include "base/hash.h"

#include "enrich/lexical.h"
#include "intel/popularity.h"

#include <dnsvigil/profile.h>
#include <dnsvigil/record.h>
#include <stddef.h>
#include <string.h>

enum {
    CONFIDENCE_AGAINST_POPULAR = 80,
    CONFIDENCE_SELF = 75,
    COST_MIN = 4,   /* of one look-up, in labels */
    COST_BAD = 64,  /* of a name that led nowhere */
    COST_MAX = 512, /* of one response: 13 name servers and 100 addresses, say */
    NAMES_AHEAD = 4,
};

/* A name in an answer. */
struct target {
    uint16_t record;
    uint8_t which; /* of the record's names */
    uint8_t field; /* enum match_field */
    uint8_t known; /* how many of its last labels need not be looked up */
    struct dns_name name;
};

/* Looks up what the records of one response hold. Names wait for some others, so that the memory
 * that their look-up reads has come by then. */
struct look {
    const struct enricher *enricher;
    const struct transaction *transaction;
    struct enrichment *ret;
    unsigned waiting;
    struct target targets[NAMES_AHEAD];
};

static bool in_networks(const struct config_networks *networks, const struct addr *addr)
{
    for (uint32_t i = 0; i < networks->count; i++)
        if (prefix_contains(&networks->items[i], addr))
            return true;
    return false;
}

/* The EDNS client subnet names one address only when it is whole (RFC 7871 leaves bits out for
 * privacy). */
static bool ecs_names_client(const struct dns_edns *edns)
{
    return edns->ecs_present && edns->ecs_source_bits == (addr_is_v4(&edns->ecs) ? 32 : 128);
}

void enrich_entity(struct enrichment *enrichment, const struct addr *entity)
{
    enrichment->entity = *entity;
    enrichment->entity_hash = hash_bytes(entity->bytes, 16, hash_seed);
    enrichment->entity_fixed = hash_bytes(entity->bytes, 16, HASH_FIXED_SEED);
}

/* Who asked; sets whether that is a resolver. */
static const struct addr *entity_find(const struct config *config,
                                      const struct transaction *transaction, bool *ret_resolver)
{
    *ret_resolver = transaction->lacks & LACKS_CLIENT;
    if (!config->resolvers.count && !config->forwarders.count)
        return &transaction->client;
    bool forwarder = in_networks(&config->forwarders, &transaction->client);
    if (forwarder && transaction->query && ecs_names_client(&transaction->query->edns)) {
        *ret_resolver = false;
        return &transaction->query->edns.ecs;
    }
    *ret_resolver |= forwarder || in_networks(&config->resolvers, &transaction->client);
    return &transaction->client;
}

/* Keeps of one look-up's hits, most specific first, those that may raise an alert. An allow entry
 * ends them: it silences what is as specific as itself or less, and for the question the answers,
 * too. Popular entries are no accusation, and only the question's say something. */
static void hits_take(struct enrichment *ret, unsigned count, enum match_field field,
                      unsigned record, unsigned target)
{
    struct indicator_hit *found = ret->hits + ret->hit_count;
    for (unsigned i = 0; i < count; i++) {
        if (found[i].category == CATEGORY_ALLOW) {
            ret->allowed |= field == MATCH_QNAME;
            return;
        }
        if (found[i].category == CATEGORY_POPULAR) {
            ret->popular |= field == MATCH_QNAME;
            continue;
        }
        struct indicator_hit *kept = &ret->hits[ret->hit_count++];
        *kept = found[i];
        kept->field = (uint8_t)field;
        kept->record = (uint16_t)record;
        kept->target = (uint8_t)target;
    }
}

static void addr_match(const struct enricher *enricher, const struct addr *addr, int64_t time_ns,
                       unsigned record, struct enrichment *ret)
{
    unsigned count = intel_match_addr(enricher->intel, addr, time_ns, ret->hits + ret->hit_count,
                                      HITS_MAX - ret->hit_count);
    hits_take(ret, count, MATCH_ADDRESS, record, 0);
}

/* Looks for the rarest letter first. */
static bool has_sinkhole(const struct dns_name *name)
{
    static const char word[] = "sinkhole";
    enum { BEFORE_K = 3 };
    const uint8_t *end = name->wire + name->len;
    for (const uint8_t *k = name->wire; (k = memchr(k, word[BEFORE_K], (size_t)(end - k))); k++)
        if (k - name->wire >= BEFORE_K && memcmp(k - BEFORE_K, word, sizeof(word) - 1) == 0)
            return true;
    return false;
}

/* Whether a name of the answer calls itself a sinkhole, as those of most operators do. A domain's
 * own hosts do not count: "sinkhole" is also what people call a basin. */
static bool says_sinkhole(const struct transaction *transaction, const struct enrichment *ret,
                          const struct dns_name *target)
{
    const struct dns_name *question = transaction->question;
    if (!has_sinkhole(target))
        return false;
    if (!question || ret->registrable < 0)
        return true;
    unsigned depth = question->labels - (unsigned)ret->registrable;
    return target->labels < depth ||
           target->hash[target->labels - depth] != question->hash[ret->registrable];
}

static void self_take(struct enrichment *ret, enum category category, enum match_field field,
                      unsigned record, unsigned target)
{
    if (ret->hit_count == HITS_MAX)
        return;
    ret->hits[ret->hit_count++] = (struct indicator_hit){
        .ref = INDICATOR_SELF,
        .category = (uint8_t)category,
        .confidence = CONFIDENCE_SELF,
        .scope = SCOPE_EXACT,
        .field = (uint8_t)field,
        .target = (uint8_t)target,
        .record = (uint16_t)record,
    };
}

/* How many of the last labels of a name in the answer need not be looked up: those it shares with a
 * question of which the lists know nothing. Never all of either, for there may be entries for one
 * of them alone. */
static unsigned labels_known(const struct look *look, const struct dns_name *target)
{
    const struct dns_name *question = look->transaction->question;
    if (!question || look->ret->hit_count || look->ret->popular)
        return 0;
    unsigned most = question->labels < target->labels ? question->labels : target->labels;
    unsigned shared = 0;
    while (shared + 1 < most && target->hash[target->labels - shared - 1] ==
                                    question->hash[question->labels - shared - 1])
        shared++;
    return shared;
}

static void target_match(const struct look *look, const struct target *target)
{
    struct enrichment *ret = look->ret;
    unsigned count = intel_match_deeper(look->enricher->intel, &target->name, target->known,
                                        look->transaction->time_ns, ret->hits + ret->hit_count,
                                        HITS_MAX - ret->hit_count);
    hits_take(ret, count, (enum match_field)target->field, target->record, target->which);
    if (says_sinkhole(look->transaction, ret, &target->name))
        self_take(ret, CATEGORY_SINKHOLE, (enum match_field)target->field, target->record,
                  target->which);
}

static void targets_match(struct look *look)
{
    for (unsigned i = 0; i < look->waiting; i++)
        target_match(look, &look->targets[i]);
    look->waiting = 0;
}

/* Reads the names in one record's data, from the first to number `last`. Returns what it cost. */
static unsigned targets_read(struct look *look, unsigned record, unsigned last,
                             enum match_field field)
{
    const struct dns_message *response = look->transaction->response;
    unsigned cost = 0;
    for (unsigned which = 0; which <= last; which++) {
        if (look->waiting == NAMES_AHEAD)
            targets_match(look);
        struct target *target = &look->targets[look->waiting];
        if (!record_target(response, &response->records[record], which, &target->name))
            return cost + COST_BAD;
        target->record = (uint16_t)record;
        target->which = (uint8_t)which;
        target->field = (uint8_t)field;
        target->known = (uint8_t)labels_known(look, &target->name);
        intel_prefetch_name(look->enricher->intel, &target->name, target->known);
        look->waiting++;
        cost += COST_MIN + target->name.labels;
    }
    return cost;
}

static unsigned record_match(struct look *look, unsigned record)
{
    const struct dns_message *response = look->transaction->response;
    const struct dns_record *at = &response->records[record];
    struct addr addr;
    switch (at->type) {
    case DNS_TYPE_A:
    case DNS_TYPE_AAAA:
        if (at->section != DNS_SECTION_ANSWER || !record_addr(response, at, &addr))
            return 0;
        targets_match(look); /* hits stand in the order of the records */
        addr_match(look->enricher, &addr, look->transaction->time_ns, record, look->ret);
        return COST_MIN;
    case DNS_TYPE_CNAME:
    case DNS_TYPE_DNAME: return targets_read(look, record, 0, MATCH_CNAME);
    case DNS_TYPE_NS: return targets_read(look, record, 0, MATCH_NS);
    case DNS_TYPE_SOA: return targets_read(look, record, 1, MATCH_SOA);
    default: return 0;
    }
}

/* Looks up what the records hold, as far as the budget goes: 292 aliases of 127 labels fit into one
 * UDP message, and nobody answers like that. */
static void response_match(const struct enricher *enricher, const struct transaction *transaction,
                           struct enrichment *ret)
{
    struct look look; /* without its targets, which are large */
    look.enricher = enricher;
    look.transaction = transaction;
    look.ret = ret;
    look.waiting = 0;
    unsigned cost = 0;
    for (unsigned i = 0; i < transaction->response->record_count; i++) {
        if (cost > COST_MAX) {
            enricher->metrics->value[METRIC_RECORDS_UNREAD]++;
            continue;
        }
        cost += record_match(&look, i);
    }
    targets_match(&look);
}

/* A feed that flags a popular domain is wrong more often than right, unless it is very sure. */
static void hits_doubt(struct enrichment *ret)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < ret->hit_count; i++)
        if (ret->hits[i].confidence >= CONFIDENCE_AGAINST_POPULAR)
            ret->hits[kept++] = ret->hits[i];
    ret->hit_count = (uint8_t)kept;
}

void enrich_prefetch(const struct enricher *enricher, const struct dns_name *question)
{
    known_prefetch(&enricher->known, question);
    intel_prefetch_name(enricher->intel, question, 0);
}

struct suffix_info enrich_suffix(struct enricher *enricher, const struct dns_name *question)
{
    return known_suffix(&enricher->known, enricher->suffixes, question);
}

/* What is known of the question by itself. */
static void question_read(struct enricher *enricher, const struct transaction *transaction,
                          struct enrichment *ret)
{
    const struct dns_name *name = transaction->question;
    struct suffix_info suffix =
        name == enricher->next ? enricher->next_suffix : enrich_suffix(enricher, name);
    ret->suffix_class = suffix.suffix_class;
    ret->registrable = suffix.registrable;
    ret->lacks = (uint8_t)known_lacks(&enricher->known, name);
    if (ret->lacks & NAME_LACKS_PROFILE)
        return;
    if (!profiles_match(enricher->profiles, enricher->suffixes, transaction, ret))
        known_add(&enricher->known, name, NAME_LACKS_PROFILE);
}

void enrich(struct enricher *enricher, const struct transaction *transaction,
            struct enrichment *ret)
{
    ret->judged_ns = 0;
    ret->hit_count = 0;
    ret->popular = false;
    ret->allowed = false;
    ret->suffix_class = SUFFIX_NONE;
    ret->registrable = -1;
    ret->popularity = 0;
    ret->profile = PROFILE_NONE;
    ret->lacks = 0;
    ret->exempt = 0;
    ret->lexical.known = false;
    ret->strangers = 0;
    ret->history = HISTORY_INPUT;
    ret->tunnel = NULL;
    ret->burst = NULL;
    ret->anomaly = NULL;
    ret->lookalike = NULL;
    ret->signature = NULL;
    ret->domain = NULL;
    ret->config = enricher->config;
    enrich_entity(ret, entity_find(enricher->config, transaction, &ret->entity_is_resolver));
    if (transaction->question) {
        question_read(enricher, transaction, ret);
        unsigned count = intel_match_name(enricher->intel, transaction->question,
                                          transaction->time_ns, ret->hits, HITS_MAX);
        hits_take(ret, count, MATCH_QNAME, 0, 0);
    }
    if (ret->allowed)
        return;
    if (transaction->response)
        response_match(enricher, transaction, ret);
    if (ret->popular && ret->hit_count)
        hits_doubt(ret);
}

void enrich_domain(const struct dns_name *name, unsigned registrable, struct enrichment *ret)
{
    ret->popularity = popularity_look(name, registrable);
    lexical_score_domain(name, registrable, &ret->lexical);
}
