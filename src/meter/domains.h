/* domains.h - for every registrable domain seen lately: since when, how often, by how many clients
 * SPDX-License-Identifier: Apache-2.0
 *
 * Fixed memory, one thread. The number of clients is exact up to 8 and a 32-register HyperLogLog
 * estimate (Flajolet et al. 2007, standard error about 18 %) above; it depends only on the set of
 * clients, not on their order or on the run. */
#pragma once

#include "base/addr.h"
#include "base/table.h"

struct domains {
    struct table table;
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

/* Counts one transaction of `client` for the domain with this name hash. */
void domains_count(struct domains *domains, uint64_t domain_hash, const struct addr *client,
                   int64_t time_ns);

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
