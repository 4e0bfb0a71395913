/* resolvers.c - which servers the clients of this network resolve names with
 * SPDX-License-Identifier: Apache-2.0 */
#include "meter/resolvers.h"

#include "base/clock.h"
#include "base/hash.h"
#include "meter/tally.h"

#include <assert.h>
#include <string.h>

enum { RESOLVERS_MAX = 4096 };

struct resolver {
    struct tally tally;
    uint64_t clients; /* of the tally: it changes at edges only */
};

static const char *const offered[] = {
#define PUBLIC_RESOLVER(text) text,
#include "meter/public_resolvers.def"
#undef PUBLIC_RESOLVER
};

bool resolvers_init(struct resolvers *resolvers)
{
    *resolvers = (struct resolvers){.edition = 1};
    for (size_t i = 0; i < PUBLIC_RESOLVERS; i++) {
        bool read = prefix_parse(offered[i], strlen(offered[i]), &resolvers->offered[i]);
        assert(read);
    }
    return table_init(&resolvers->table, RESOLVERS_MAX, sizeof(struct resolver));
}

void resolvers_done(struct resolvers *resolvers)
{
    table_done(&resolvers->table);
}

bool resolver_counts_init(struct resolver_counts *counts)
{
    *counts = (struct resolver_counts){0};
    return gather_init(&counts->gather, RESOLVER_COUNTS_MAX, sizeof(struct tally));
}

void resolver_counts_done(struct resolver_counts *counts)
{
    gather_done(&counts->gather);
}

static uint64_t server_hash(const struct addr *server)
{
    return hash_bytes(server->bytes, 16, hash_seed);
}

/* Among the latest servers. No hash that an attacker could not foresee, since all that is to gain
 * is a look-up. */
static unsigned recent_place(const struct addr *server)
{
    uint64_t halves[2];
    memcpy(halves, server->bytes, sizeof(halves));
    return (unsigned)((halves[0] ^ halves[1]) * HASH_FIXED_SEED >> 56) % RESOLVERS_RECENT;
}

static struct tally *server_tally(struct resolver_counts *counts, const struct addr *server)
{
    bool new;
    unsigned at = recent_place(server);
    if (counts->recent[at].tally && addr_equal(&counts->recent[at].server, server))
        return counts->recent[at].tally;
    counts->recent[at].server = *server;
    counts->recent[at].tally = gather_touch(&counts->gather, server_hash(server), &new);
    return counts->recent[at].tally;
}

void resolvers_count(struct resolver_counts *counts, const struct transaction *transaction,
                     uint32_t client)
{
    const struct dns_message *response = transaction->response;
    if (!transaction->query || !response || !(response->flags & DNS_FLAG_RA))
        return;
    struct tally *tally = server_tally(counts, &transaction->server);
    if (tally)
        tally_add(tally, client, transaction->time_ns);
    else
        counts->lost++;
}

void resolvers_merge(struct resolvers *resolvers, struct resolver_counts *const counts[],
                     unsigned count, struct gathered *order)
{
    struct gather *gathers[GATHERS_MAX] = {0};
    for (unsigned i = 0; i < count; i++)
        gathers[i] = &counts[i]->gather;
    size_t all = gather_sorted(gathers, count, order);
    for (size_t i = 0; i < all;) {
        bool new;
        uint64_t key = order[i].key;
        struct tally sum = {0};
        for (; i < all && order[i].key == key; i++)
            tally_merge(&sum, order[i].entry);
        struct resolver *known =
            table_touch(&resolvers->table, key, (uint32_t)(sum.last_ns / NS_PER_S), &new);
        if (tally_merge(&known->tally, &sum))
            known->clients = tally_clients(&known->tally);
        resolvers->some |= known->clients >= RESOLVER_CLIENTS;
    }
    for (unsigned i = 0; i < count; i++) {
        memset(counts[i]->recent, 0, sizeof(counts[i]->recent));
        gather_clear(gathers[i]);
    }
    resolvers->edition++;
}

uint64_t resolvers_clients(const struct resolvers *resolvers, const struct addr *server)
{
    const struct resolver *known = table_find(&resolvers->table, server_hash(server));
    return known ? known->clients : 0;
}

uint64_t resolvers_clients_recent(const struct resolvers *resolvers,
                                  struct resolvers_recent *recent, const struct addr *server)
{
    unsigned at = recent_place(server);
    if (recent->of[at].edition != resolvers->edition ||
        !addr_equal(&recent->of[at].server, server)) {
        recent->of[at].server = *server;
        recent->of[at].edition = resolvers->edition;
        recent->of[at].clients = resolvers_clients(resolvers, server);
    }
    return recent->of[at].clients;
}

bool resolvers_are_public(const struct resolvers *resolvers, const struct addr *server)
{
    for (size_t i = 0; i < PUBLIC_RESOLVERS; i++)
        if (prefix_contains(&resolvers->offered[i], server))
            return true;
    return false;
}

void resolvers_save(const struct resolvers *resolvers, struct buf *buf)
{
    table_save(&resolvers->table, "resolver", buf);
    image_put(buf, "some", &resolvers->some, sizeof(resolvers->some));
}

bool resolvers_load(struct resolvers *resolvers, struct image *image)
{
    return table_load(&resolvers->table, "resolver", image) &&
           image_get(image, "some", &resolvers->some, sizeof(resolvers->some));
}
