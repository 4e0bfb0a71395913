/* resolvers.h - which servers the clients of this network resolve names with
 * SPDX-License-Identifier: Apache-2.0
 *
 * A server that RESOLVER_CLIENTS clients got recursive answers from is one of the network's
 * resolvers. Each shard counts for itself (struct resolver_counts); at the edge of an epoch that is
 * merged into what all of them read (struct resolvers, see epoch.h). Fixed memory, event time. */
#pragma once

#include "base/image.h"
#include "base/table.h"
#include "meter/gather.h"

#include <dnsvigil/transaction.h>

enum { RESOLVER_CLIENTS = 5, RESOLVER_COUNTS_MAX = 1024, RESOLVERS_RECENT = 16 };

enum {
#define PUBLIC_RESOLVER(text) +1
    PUBLIC_RESOLVERS = 0
#include "meter/public_resolvers.def"
#undef PUBLIC_RESOLVER
};

struct resolvers {
    struct table table;
    uint64_t edition; /* another one whenever something was merged; never 0 */
    bool some;        /* at least one is known */
    struct prefix offered[PUBLIC_RESOLVERS];
};

/* Nearly all traffic goes to a few servers: the answers of resolvers_clients() for the latest of
 * them, good for one edition. Belongs to one thread; empty when zeroed. */
struct resolvers_recent {
    struct {
        struct addr server;
        uint64_t edition;
        uint64_t clients;
    } of[RESOLVERS_RECENT];
};

struct resolver_counts {
    struct gather gather;
    struct {
        struct addr server;
        struct tally *tally;
    } recent[RESOLVERS_RECENT]; /* where the latest servers are counted */
    uint64_t lost;              /* answers of servers that found no room */
};

/* False without memory. */
bool resolvers_init(struct resolvers *resolvers);
void resolvers_done(struct resolvers *resolvers);

/* Appends what it knows to an image; reads it into a fresh one, false when it does not fit. */
void resolvers_save(const struct resolvers *resolvers, struct buf *buf);
bool resolvers_load(struct resolvers *resolvers, struct image *image);
bool resolver_counts_init(struct resolver_counts *counts);
void resolver_counts_done(struct resolver_counts *counts);

/* Counts a transaction that a resolver has answered for this client, given by its tally_client();
 * others say nothing. */
void resolvers_count(struct resolver_counts *counts, const struct transaction *transaction,
                     uint32_t client);

/* Adds what the shards have counted and empties their counts; `order` is as
 * gather_sorted() wants it. */
void resolvers_merge(struct resolvers *resolvers, struct resolver_counts *const counts[],
                     unsigned count, struct gathered *order);

/* Distinct clients that this server has resolved names for. */
uint64_t resolvers_clients(const struct resolvers *resolvers, const struct addr *server);

/* The same, found in `recent` or kept there. */
uint64_t resolvers_clients_recent(const struct resolvers *resolvers,
                                  struct resolvers_recent *recent, const struct addr *server);

/* Whether it is a resolver that the Internet at large is offered, of which a program or a user may
 * make use anywhere. */
bool resolvers_are_public(const struct resolvers *resolvers, const struct addr *server);
