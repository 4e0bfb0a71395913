/* enrich.c - adds to a transaction what the lists know of it and who really asked
 * SPDX-License-Identifier: Apache-2.0 */
#include "enrich/enrich.h"

#include "base/hash.h"

#include "enrich/lexical.h"
#include "intel/popularity.h"

#include <dnsvigil/name.h>
#include <dnsvigil/profile.h>
#include <dnsvigil/record.h>
#include <stddef.h>
#include <string.h>

enum {
    CONFIDENCE_AGAINST_POPULAR = 80,
    CONFIDENCE_SELF = 75,
};

static bool in_networks(const struct config_networks *networks, const struct addr *addr)
{
    for (uint32_t i = 0; i < networks->count; i++)
        if (prefix_contains(&networks->items[i], addr))
            return true;
    return false;
}

/* The EDNS client subnet names one address only when it is whole (RFC 7871 leaves bits out for
 * privacy). An IPv4 address may be told as one of IPv6. */
static bool ecs_names_client(const struct dns_edns *edns)
{
    bool whole =
        edns->ecs_source_bits == 128 || (edns->ecs_source_bits == 32 && addr_is_v4(&edns->ecs));
    return edns->ecs_present && whole;
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
    const struct addr *client = &transaction->client;
    bool forwarder = in_networks(&config->forwarders, client);
    if (forwarder && transaction->query && ecs_names_client(&transaction->query->edns)) {
        client = &transaction->query->edns.ecs;
        forwarder = in_networks(&config->forwarders, client); /* that asked this one */
        *ret_resolver = false;
    }
    *ret_resolver |= forwarder || in_networks(&config->resolvers, client);
    return client;
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

static void addr_match(const struct enricher *enricher, const struct transaction *transaction,
                       unsigned record, struct enrichment *ret)
{
    const struct dns_message *response = transaction->response;
    struct addr addr;
    if (!record_addr(response, &response->records[record], &addr))
        return;
    unsigned count = intel_match_addr(enricher->intel, &addr, transaction->time_ns,
                                      ret->hits + ret->hit_count, HITS_MAX - ret->hit_count);
    hits_take(ret, count, MATCH_ADDRESS, record, 0);
}

/* Whether a name of the answer that says "sinkhole" is one's, as those of most operators are. A
 * domain's own hosts do not count: it is also what people call a basin. */
static bool says_sinkhole(const struct transaction *transaction, const struct enrichment *ret,
                          const struct dns_name *target)
{
    const struct dns_name *question = transaction->question;
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

/* Looks up a name in the response that a list may know, or that says what it is. Labels that it
 * shares with a question of which the lists know nothing need no look. */
static void target_match(const struct enricher *enricher, const struct transaction *transaction,
                         const struct lookup *lookup, struct enrichment *ret)
{
    const struct dns_message *response = transaction->response;
    const struct dns_name *question = transaction->question;
    enum match_field field = (enum match_field)lookup->field;
    struct dns_name target;
    if (!record_target(response, &response->records[lookup->record], lookup->which, &target))
        return;
    bool clean = question && !ret->hit_count && !ret->popular;
    unsigned known = clean ? labels_shared(&target, question) : 0;
    unsigned count = intel_match_deeper(enricher->intel, &target, known, transaction->time_ns,
                                        ret->hits + ret->hit_count, HITS_MAX - ret->hit_count);
    hits_take(ret, count, field, lookup->record, lookup->which);
    if (lookup->sinkhole && says_sinkhole(transaction, ret, &target))
        self_take(ret, CATEGORY_SINKHOLE, field, lookup->record, lookup->which);
}

static void response_match(struct enricher *enricher, const struct ahead *ahead,
                           const struct transaction *transaction, struct enrichment *ret)
{
    const struct dns_message *response = transaction->response;
    const struct lookups *lookups = ahead ? ahead->lookups : &enricher->lookups;
    const bool suspect = ret->hit_count || ret->popular; /* shared labels count, too */
    if (!ahead)
        lookups_read(enricher->intel, transaction->question, response, &enricher->lookups);
    if (lookups->unread)
        enricher->metrics->value[METRIC_RECORDS_UNREAD] += lookups->unread;
    for (const struct lookup *at = lookups_first(lookups); at < lookups_end(lookups);
         at = lookup_next(at)) {
        if (at->field == MATCH_ADDRESS)
            addr_match(enricher, transaction, at->record, ret);
        else if (suspect || at->sinkhole ||
                 intel_may_know(enricher->intel, at->keys, at->key_count))
            target_match(enricher, transaction, at, ret);
    }
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
    suffix_prefetch(enricher->suffixes, question);
}

static uint64_t domain_hash_fixed(const struct dns_name *name, int registrable)
{
    return registrable < 0 ? 0 : name_hash_fixed(name, (unsigned)registrable);
}

void enrich_ahead(struct enricher *enricher, const struct dns_message *response,
                  const struct addr *client, struct ahead *ret_ahead, struct lookups *ret_lookups)
{
    const struct dns_name *question = &response->question;
    struct known_facts facts = known_look(&enricher->known, enricher->suffixes, question);
    if (!(facts.lacks & NAME_LACKS_ENTRY))
        intel_prefetch_name(enricher->intel, question, 0);
    lookups_read(enricher->intel, question, response, ret_lookups);
    *ret_ahead = (struct ahead){
        .question = question,
        .lookups = ret_lookups,
        .facts = facts,
        .client_hash = hash_bytes(client->bytes, 16, hash_seed),
        .client_fixed = hash_bytes(client->bytes, 16, HASH_FIXED_SEED),
        .domain_fixed = domain_hash_fixed(question, facts.registrable),
    };
}

/* What was read ahead of this transaction; NULL: nothing, for it is not that of the response that
 * is up next. */
static const struct ahead *ahead_of(const struct enricher *enricher,
                                    const struct transaction *transaction)
{
    const struct ahead *next = enricher->next;
    bool same = next && next->question && next->question == transaction->question;
    return same ? next : NULL;
}

static void client_read(const struct ahead *ahead, const struct transaction *transaction,
                        const struct addr *entity, struct enrichment *ret)
{
    if (!ahead || entity != &transaction->client) {
        enrich_entity(ret, entity);
        return;
    }
    ret->entity = *entity;
    ret->entity_hash = ahead->client_hash;
    ret->entity_fixed = ahead->client_fixed;
}

/* What is known of the question by itself. */
static void question_read(struct enricher *enricher, const struct ahead *ahead,
                          const struct transaction *transaction, struct enrichment *ret)
{
    const struct dns_name *name = transaction->question;
    struct known_facts facts =
        ahead ? ahead->facts : known_look(&enricher->known, enricher->suffixes, name);
    ret->suffix_class = facts.suffix_class;
    ret->registrable = facts.registrable;
    ret->lacks = facts.lacks;
    ret->domain_fixed = ahead ? ahead->domain_fixed : domain_hash_fixed(name, facts.registrable);
    if (ret->lacks & NAME_LACKS_PROFILE)
        return;
    if (!profiles_match(enricher->profiles, enricher->suffixes, transaction, ret))
        known_add(&enricher->known, name, NAME_LACKS_PROFILE);
}

/* Looks the question up in the lists. Hardly any name may have an entry, and one that may not is
 * looked up once. */
static void question_match(struct enricher *enricher, const struct transaction *transaction,
                           struct enrichment *ret)
{
    const struct intel *intel = enricher->intel;
    const struct dns_name *name = transaction->question;
    if (ret->lacks & NAME_LACKS_ENTRY)
        return;
    if (!intel_may_know_name(intel, name)) {
        known_add(&enricher->known, name, NAME_LACKS_ENTRY);
        return;
    }
    unsigned count = intel_match_name(intel, name, transaction->time_ns, ret->hits, HITS_MAX);
    hits_take(ret, count, MATCH_QNAME, 0, 0);
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
    ret->domain_fixed = 0;
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
    const struct ahead *ahead = ahead_of(enricher, transaction);
    client_read(ahead, transaction,
                entity_find(enricher->config, transaction, &ret->entity_is_resolver), ret);
    if (transaction->question) {
        question_read(enricher, ahead, transaction, ret);
        question_match(enricher, transaction, ret);
    }
    if (ret->allowed)
        return;
    if (transaction->response)
        response_match(enricher, ahead, transaction, ret);
    if (ret->popular && ret->hit_count)
        hits_doubt(ret);
}

void enrich_domain(const struct dns_name *name, unsigned registrable, struct enrichment *ret)
{
    ret->popularity = popularity_look(name, registrable);
    lexical_score_domain(name, registrable, &ret->lexical);
}
