/* enrich.h - adds to a transaction what the lists know of it and who really asked
 * SPDX-License-Identifier: Apache-2.0
 *
 * One enricher belongs to one shard (it keeps what it finds out); the snapshots it reads are
 * shared.
 */
#pragma once

#include "config/config.h"
#include "enrich/known.h"
#include "enrich/lookups.h"
#include "intel/intel.h"
#include "intel/profiles.h"
#include "intel/suffix.h"

#include <dnsvigil/detector.h>
#include <dnsvigil/metrics.h>

/* What was read of a response ahead of its judgement. Hashes are those of struct enrichment. */
struct ahead {
    const struct dns_name *question; /* whose this is; NULL: nothing was read */
    const struct lookups *lookups;
    struct known_facts facts;
    uint64_t client_hash;
    uint64_t client_fixed;
    uint64_t domain_fixed;
};

struct enricher {
    const struct intel *intel;
    const struct profiles *profiles;
    struct suffix_cache *suffixes;
    const struct config *config; /* resolvers and forwarders */
    struct metrics *metrics;
    /* What enrich_ahead() found for the response that is up next; NULL: nothing. The caller sets it
     * for each message, for names come and go at the same address. */
    const struct ahead *next;
    struct lookups lookups;   /* of a response that was not read ahead */
    struct known_names known; /* empty it when the lists change */
};

/* Starts loading what enrich_ahead() and enrich() will read for this question. */
void enrich_prefetch(const struct enricher *enricher, const struct dns_name *question);

/* Reads what is known of the question of a response to `client`, which there must be, and what has
 * to be looked up of its answers, and starts loading what enrich() will read of that. *ret_ahead
 * points to the message and to *ret_lookups. */
void enrich_ahead(struct enricher *enricher, const struct dns_message *response,
                  const struct addr *client, struct ahead *ret_ahead, struct lookups *ret_lookups);

/* Names who asked. */
void enrich_entity(struct enrichment *enrichment, const struct addr *entity);

/* Fills *ret for the transaction. Its hits are what detectors may use: an allow entry takes away
 * what it covers, and a question under a popular domain whatever is not sure. */
void enrich(struct enricher *enricher, const struct transaction *transaction,
            struct enrichment *ret);

/* Fills in what the registrable domain's name itself says: popularity and lexical score. Some 0.3
 * us: the answer never changes, so keep it. */
void enrich_domain(const struct dns_name *name, unsigned registrable, struct enrichment *ret);
