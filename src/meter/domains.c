/* domains.c - for every registrable domain seen lately: since when, how often, by how many clients
 * SPDX-License-Identifier: Apache-2.0 */
#include "meter/domains.h"

#include "base/clock.h"
#include "base/lines.h"

#include <assert.h>
#include <stddef.h>

static_assert(sizeof(struct domain) + sizeof(uint64_t) <= 2 * LINE_BYTES &&
                  offsetof(struct domain, known) == LINE_BYTES - sizeof(uint64_t),
              "with its key two cache lines: what is counted, and what is known");

struct known_domain {
    struct tally tally;
    struct domain_traits traits;
    uint64_t clients; /* of the tally: an estimate takes longer than a look at it */
};

bool domains_init(struct domains *domains, size_t records_max)
{
    return table_init(&domains->table, records_max, sizeof(struct known_domain));
}

void domains_done(struct domains *domains)
{
    table_done(&domains->table);
}

bool domain_counts_init(struct domain_counts *counts, uint32_t domains_max)
{
    *counts = (struct domain_counts){0};
    return gather_init(&counts->gather, domains_max, sizeof(struct domain));
}

void domain_counts_done(struct domain_counts *counts)
{
    gather_done(&counts->gather);
}

static struct prevalence prevalence_of(const struct known_domain *known)
{
    return (struct prevalence){
        .first_ns = known->tally.first_ns,
        .last_ns = known->tally.last_ns,
        .queries = known->tally.queries,
        .clients = known->clients,
    };
}

/* Brings what is known into a record of this epoch: the snapshot does not change until its edge. */
static void domain_recall(struct domain *domain, const struct domains *domains,
                          uint64_t domain_hash)
{
    const struct known_domain *known = table_find(&domains->table, domain_hash);
    if (!known)
        return;
    domain->known = prevalence_of(known);
    domain->traits = known->traits;
}

struct domain *domains_count(struct domain_counts *counts, const struct domains *domains,
                             uint64_t domain_hash, uint32_t client, int64_t time_ns)
{
    bool new;
    struct domain *domain = gather_touch(&counts->gather, domain_hash, &new);
    if (!domain) {
        counts->lost++;
        counts->spare = (struct domain){0};
        domain = &counts->spare;
    }
    if (new)
        domain_recall(domain, domains, domain_hash);
    tally_add(&domain->since, client, time_ns);
    return domain;
}

/* Asks for what will be merged some steps later; `all` is the end. */
static void merge_prefetch(const struct domains *domains, const struct gathered *order, size_t at,
                           size_t all)
{
    enum { NEAR = 12, FAR = 32 };
    if (at + FAR < all) {
        const struct domain *domain = order[at + FAR].entry;
        table_prefetch(&domains->table, order[at + FAR].key);
        line_prefetch(domain);
        line_prefetch(&domain->traits);
    }
    if (at + NEAR < all)
        table_prefetch_touch(&domains->table, order[at + NEAR].key, domains->table.entry_bytes);
}

/* Adds one domain's counts of all shards at once: for the table it was seen again once an epoch. */
static void domain_merge(struct domains *domains, uint64_t domain_hash, const struct tally *tally,
                         const struct domain_traits *traits)
{
    bool new;
    struct known_domain *known =
        table_touch(&domains->table, domain_hash, (uint32_t)(tally->last_ns / NS_PER_S), &new);
    if (tally_merge(&known->tally, tally))
        known->clients = tally_clients(&known->tally);
    if (traits->judged)
        known->traits = *traits;
}

/* The same for a domain that the shards of order[0..count) have, more than one. */
static void domain_merge_shards(struct domains *domains, const struct gathered *order, size_t count)
{
    struct tally tally = {0};
    struct domain_traits traits = {0};
    for (size_t i = 0; i < count; i++) {
        const struct domain *domain = order[i].entry;
        tally_merge(&tally, &domain->since);
        if (domain->traits.judged)
            traits = domain->traits;
    }
    domain_merge(domains, order->key, &tally, &traits);
}

void domains_merge(struct domains *domains, struct domain_counts *const counts[], unsigned count,
                   struct gathered *order)
{
    struct gather *gathers[GATHERS_MAX] = {0};
    for (unsigned i = 0; i < count; i++)
        gathers[i] = &counts[i]->gather;
    size_t all = gather_sorted(gathers, count, order);
    for (size_t i = 0, end; i < all; i = end) {
        const struct domain *domain = order[i].entry;
        merge_prefetch(domains, order, i, all);
        for (end = i + 1; end < all && order[end].key == order[i].key;)
            end++;
        if (end == i + 1)
            domain_merge(domains, order[i].key, &domain->since, &domain->traits);
        else
            domain_merge_shards(domains, order + i, end - i);
    }
    for (unsigned i = 0; i < count; i++)
        gather_clear(gathers[i]);
}

bool domain_traits_give(const struct domain *domain, struct enrichment *ret)
{
    const struct domain_traits *traits = &domain->traits;
    if (!traits->judged)
        return false;
    ret->popularity = traits->popularity;
    ret->lexical = (struct lexical){traits->scored, traits->score, traits->benign_share};
    return true;
}

void domain_traits_keep(struct domain *domain, const struct enrichment *enrichment)
{
    domain->traits = (struct domain_traits){
        .judged = true,
        .popularity = enrichment->popularity,
        .scored = enrichment->lexical.known,
        .score = enrichment->lexical.score,
        .benign_share = enrichment->lexical.benign_share,
    };
}

bool domains_look(const struct domains *domains, uint64_t domain_hash,
                  struct prevalence *ret_prevalence)
{
    const struct known_domain *known = table_find(&domains->table, domain_hash);
    if (!known)
        return false;
    *ret_prevalence = prevalence_of(known);
    return true;
}

void domains_save(const struct domains *domains, struct buf *buf)
{
    table_save(&domains->table, "domains", buf);
}

bool domains_load(struct domains *domains, struct image *image)
{
    return table_load(&domains->table, "domains", image);
}
