/* domains.h - for every registrable domain seen lately: since when, how often, by how many clients
 * SPDX-License-Identifier: Apache-2.0
 *
 * Fixed memory, one thread. The number of clients is exact up to 8 and a 32-register HyperLogLog
 * estimate (Flajolet et al. 2007, standard error about 18 %) above; it depends only on the set of
 * clients, not on their order or on the run. */
#pragma once

#include "base/addr.h"
#include "base/table.h"

#include <dnsvigil/detector.h>

enum { DOMAIN_CLIENTS_EXACT = 8, DOMAIN_REGISTERS = 32 };

struct domains {
    struct table table;
};

/* What is remembered of one domain: a cache line. Detectors may read it. */
struct domain {
    int64_t first_ns;
    int64_t last_ns;
    uint32_t queries;
    float score; /* struct lexical of the domain's label … */
    float benign_share;
    bool scored;          /* … where it has one */
    bool judged;          /* score and popularity are there */
    uint8_t popularity;   /* as in struct enrichment */
    uint8_t client_count; /* how many of exact[] are in use, or that registers are */
    union {
        uint32_t exact[DOMAIN_CLIENTS_EXACT];
        uint8_t registers[DOMAIN_REGISTERS];
    } clients;
};

struct prevalence {
    int64_t first_ns;
    int64_t last_ns;
    uint64_t queries;
    uint64_t clients;
};

/* Room for `records_max` domains of 64 bytes and 12 of index each. False without memory. */
bool domains_init(struct domains *domains, size_t records_max);
void domains_done(struct domains *domains);

/* Counts one transaction of `client` for the domain with this name hash. Returns its record, valid
 * until the next call. */
struct domain *domains_count(struct domains *domains, uint64_t domain_hash,
                             const struct addr *client, int64_t time_ns);

/* Distinct clients so far. */
uint64_t domain_clients(const struct domain *domain);

/* What the name itself says does not change: it is worked out once and kept with the record. Gives
 * it back to the next transaction; false while it has not been kept. */
bool domain_traits(const struct domain *domain, struct enrichment *ret);
void domain_traits_keep(struct domain *domain, const struct enrichment *enrichment);

/* What is known of a domain; false when nothing is. */
bool domains_look(const struct domains *domains, uint64_t domain_hash,
                  struct prevalence *ret_prevalence);

/* The two steps ahead of domains_count(): see table.h. */
static inline void domains_prefetch(const struct domains *domains, uint64_t domain_hash)
{
    table_prefetch(&domains->table, domain_hash);
}

static inline void domains_prefetch_record(const struct domains *domains, uint64_t domain_hash)
{
    table_prefetch_entry(&domains->table, domain_hash);
}
