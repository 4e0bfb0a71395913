/* domains.c - for every registrable domain seen lately: since when, how often, by how many clients
 * SPDX-License-Identifier: Apache-2.0 */
#include "meter/domains.h"

#include "base/clock.h"
#include "base/hash.h"

#include <assert.h>
#include <math.h>

enum {
    REGISTER_BITS = 5,
    SKETCHED = 0xff, /* client_count of a record that went over to registers */
};
static_assert(1 << REGISTER_BITS == DOMAIN_REGISTERS,
              "a register is chosen by the hash's first bits");
static_assert(sizeof(struct domain) == 64, "a record is a cache line");

bool domains_init(struct domains *domains, size_t records_max)
{
    return table_init(&domains->table, records_max, sizeof(struct domain), sizeof(struct domain));
}

void domains_done(struct domains *domains)
{
    table_done(&domains->table);
}

static void register_raise(struct domain *domain, uint32_t hash)
{
    uint8_t *reg = &domain->clients.registers[hash >> (32 - REGISTER_BITS)];
    uint32_t rest = hash << REGISTER_BITS | 1u << (REGISTER_BITS - 1);
    uint8_t rank = (uint8_t)(__builtin_clz(rest) + 1);
    if (rank > *reg)
        *reg = rank;
}

/* The exact set is full: its members move into registers. */
static void domain_sketch(struct domain *domain)
{
    uint32_t exact[DOMAIN_CLIENTS_EXACT];
    memcpy(exact, domain->clients.exact, sizeof(exact));
    memset(&domain->clients, 0, sizeof(domain->clients));
    domain->client_count = SKETCHED;
    for (unsigned i = 0; i < DOMAIN_CLIENTS_EXACT; i++)
        register_raise(domain, exact[i]);
}

static void client_add(struct domain *domain, uint32_t hash)
{
    if (domain->client_count != SKETCHED) {
        for (unsigned i = 0; i < domain->client_count; i++)
            if (domain->clients.exact[i] == hash)
                return;
        if (domain->client_count < DOMAIN_CLIENTS_EXACT) {
            domain->clients.exact[domain->client_count++] = hash;
            return;
        }
        domain_sketch(domain);
    }
    register_raise(domain, hash);
}

struct domain *domains_count(struct domains *domains, uint64_t domain_hash,
                             const struct addr *client, int64_t time_ns)
{
    bool new;
    struct domain *domain =
        table_touch(&domains->table, domain_hash, (uint32_t)(time_ns / NS_PER_S), &new);
    if (new)
        domain->first_ns = domain->last_ns = time_ns;
    if (time_ns < domain->first_ns)
        domain->first_ns = time_ns;
    if (time_ns > domain->last_ns)
        domain->last_ns = time_ns;
    domain->queries += domain->queries < UINT32_MAX;
    client_add(domain, (uint32_t)(hash_bytes(client->bytes, 16, HASH_FIXED_SEED) >> 32));
    return domain;
}

bool domain_traits(const struct domain *domain, struct enrichment *ret)
{
    if (!domain->judged)
        return false;
    ret->popularity = domain->popularity;
    ret->lexical = (struct lexical){domain->scored, domain->score, domain->benign_share};
    return true;
}

void domain_traits_keep(struct domain *domain, const struct enrichment *enrichment)
{
    domain->judged = true;
    domain->popularity = enrichment->popularity;
    domain->scored = enrichment->lexical.known;
    domain->score = enrichment->lexical.score;
    domain->benign_share = enrichment->lexical.benign_share;
}

static uint64_t registers_estimate(const uint8_t registers[DOMAIN_REGISTERS])
{
    double sum = 0;
    unsigned zeros = 0;
    for (unsigned i = 0; i < DOMAIN_REGISTERS; i++) {
        sum += ldexp(1, -registers[i]);
        zeros += registers[i] == 0;
    }
    double raw = 0.697 * DOMAIN_REGISTERS * DOMAIN_REGISTERS / sum;
    if (raw <= 2.5 * DOMAIN_REGISTERS && zeros > 0)
        raw = DOMAIN_REGISTERS * log((double)DOMAIN_REGISTERS / zeros);
    uint64_t estimate = (uint64_t)(raw + 0.5);
    return estimate > DOMAIN_CLIENTS_EXACT ? estimate : DOMAIN_CLIENTS_EXACT + 1;
}

uint64_t domain_clients(const struct domain *domain)
{
    return domain->client_count == SKETCHED ? registers_estimate(domain->clients.registers)
                                            : domain->client_count;
}

bool domains_look(const struct domains *domains, uint64_t domain_hash,
                  struct prevalence *ret_prevalence)
{
    const struct domain *domain = table_find(&domains->table, domain_hash);
    if (!domain)
        return false;
    *ret_prevalence = (struct prevalence){
        .first_ns = domain->first_ns,
        .last_ns = domain->last_ns,
        .queries = domain->queries,
        .clients = domain_clients(domain),
    };
    return true;
}
