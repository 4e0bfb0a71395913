/* domains.h - for every registrable domain seen lately: since when, how often, by how many clients
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each shard counts for itself (struct domain_counts); at the edge of an epoch all their counts are
 * merged into what all of them read until the next one (struct domains). Fixed memory, event time.
 * See epoch.h. Where more domains come than are remembered, which of them are forgotten depends on
 * the hash seed, and so may whether a domain counts as new. */
#pragma once

#include "base/clock.h"
#include "base/image.h"
#include "base/table.h"
#include "meter/gather.h"
#include "meter/tally.h"

#include <dnsvigil/detector.h>

/* What is known of a domain as of the last edge. All zero for one that was not known then. */
struct prevalence {
    int64_t first_ns;
    int64_t last_ns;
    uint64_t queries;
    uint64_t clients;
};

/* What a name itself says: it does not change, so it is worked out once and kept. */
struct domain_traits {
    float score; /* struct lexical of the domain's label … */
    float benign_share;
    bool scored;        /* … where it has one */
    bool judged;        /* score and popularity are there */
    uint8_t popularity; /* as in struct enrichment */
};

/* One domain in one shard and epoch: with its key two cache lines. Detectors may read what is
 * known.
 */
struct domain {
    struct tally since; /* this shard's transactions since the last edge: nobody decides by them */
    struct prevalence known;
    struct domain_traits traits;
};

struct domains {
    struct table table;
};

struct domain_counts {
    struct gather gather;
    struct domain spare; /* for a domain that finds no room: counted nowhere */
    uint64_t lost;       /* transactions that found no room */
};

/* Room for `records_max` domains of 72 bytes and 12 of index each. False without memory. */
bool domains_init(struct domains *domains, size_t records_max);
void domains_done(struct domains *domains);

/* Appends what it knows to an image; reads it into a fresh one, false when it does not fit. */
void domains_save(const struct domains *domains, struct buf *buf);
bool domains_load(struct domains *domains, struct image *image);

/* Room for `domains_max` domains an epoch, some 150 bytes each. False without memory. */
bool domain_counts_init(struct domain_counts *counts, uint32_t domains_max);
void domain_counts_done(struct domain_counts *counts);

/* Counts one transaction of a client, given by its tally_client(), for the domain with this name
 * hash. Returns its record with
 * what `domains` knows of it, valid until the next call or edge. */
struct domain *domains_count(struct domain_counts *counts, const struct domains *domains,
                             uint64_t domain_hash, uint32_t client, int64_t time_ns);

/* Adds what the shards have counted and empties their counts; `order` is as
 * gather_sorted() wants it. */
void domains_merge(struct domains *domains, struct domain_counts *const counts[], unsigned count,
                   struct gathered *order);

/* Gives what was kept of a name to its next transaction; false while it has not been kept. */
bool domain_traits_give(const struct domain *domain, struct enrichment *ret);
void domain_traits_keep(struct domain *domain, const struct enrichment *enrichment);

/* What is known of a domain; false when nothing is. */
bool domains_look(const struct domains *domains, uint64_t domain_hash,
                  struct prevalence *ret_prevalence);

/* Time since a domain was first seen, 0 for one that was not known. */
static inline double domain_age_s(const struct domain *domain, int64_t now_ns)
{
    return domain->known.clients ? (double)(now_ns - domain->known.first_ns) / NS_PER_S : 0;
}

/* The two steps ahead of domains_count(): see gather.h and table.h. The second returns false for a
 * domain that was not counted since the last edge. */
static inline void domains_prefetch(const struct domain_counts *counts,
                                    const struct domains *domains, uint64_t domain_hash)
{
    gather_prefetch(&counts->gather, domain_hash);
    table_prefetch(&domains->table, domain_hash);
}

static inline bool domains_prefetch_record(const struct domain_counts *counts,
                                           const struct domains *domains, uint64_t domain_hash)
{
    bool counted = gather_prefetch_entry(&counts->gather, domain_hash);
    if (!counted)
        table_prefetch_entry(&domains->table, domain_hash, domains->table.entry_bytes);
    return counted;
}
