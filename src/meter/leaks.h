/* leaks.h - domains under which many clients together carry out what no single one of them shows
 * SPDX-License-Identifier: Apache-2.0
 *
 * Whoever has many machines can let each of them say so little that no pair (pairs.h) becomes a
 * tunnel. So names that brought their pair something new are noted by each shard, too. At the edge
 * of an epoch the notes of all shards are put in one order and added up by registrable domain: what
 * is new to the domain counts, whoever said it, so that a thousand clients of one site bring no
 * more than one. Sums fade with a time constant of a day. The LEAKS_MAX largest are kept, by the
 * space-saving algorithm (Metwally, Agrawal, El Abbadi 2005); what a sum may owe to the one it
 * displaced does not count for an alert.
 *
 * Fixed memory, event time. Sums do not depend on shards or on hash seeds. */
#pragma once

#include "base/image.h"
#include "meter/carried.h"
#include "meter/crowds.h"
#include "meter/domains.h"

#include <dnsvigil/tunnel.h>

enum { LEAKS_MAX = 1024 };

struct leaks_config {
    double bytes;         /* that make a leak, at the setting "medium" */
    unsigned clients_min; /* one machine alone is a pair */
    struct carried_hooks hooks;
};

/* One name that one client asked for. */
struct leak_note {
    uint64_t key;         /* of the domain, with the fixed seed */
    uint64_t domain_hash; /* as in struct dns_name */
    int64_t time_ns;
    struct addr client;
    struct addr server;
    uint16_t qtype;
    uint16_t server_port;
    uint8_t transport;
    uint8_t name_len;
    struct place place;
    uint8_t name[NAME_WIRE_MAX];
};

struct leak_notes {
    struct leak_note *items; /* [max] */
    uint32_t count;
    uint32_t max;
    uint64_t lost; /* notes that found no room */
};

struct leak;

struct leaks {
    struct leaks_config config;
    unsigned count;
    int64_t faded_ns;   /* up to when the sums have faded */
    uint64_t *keys;     /* [LEAKS_MAX] */
    double *sums;       /* [LEAKS_MAX] */
    struct leak *leaks; /* [LEAKS_MAX] */
    uint64_t services;  /* leaks not told because many clients have used the domain for long */
    const struct leak_note **order;
    uint32_t order_max;
};

/* Takes a leak with the latest query that added to it, whoever asked it, and the client the leak is
 * told of: the one that made it one. All is valid during the call. */
typedef void (*leak_fn)(void *arg, const struct transaction *transaction, const struct addr *entity,
                        const struct tunnel_measure *measure);

/* Room for the notes of all shards, `notes_max` together. False without memory. */
bool leaks_init(struct leaks *leaks, const struct leaks_config *config, uint32_t notes_max);
void leaks_done(struct leaks *leaks);

/* Appends what it knows to an image; reads it into a fresh one, false when it does not fit. */
void leaks_save(const struct leaks *leaks, struct buf *buf);
bool leaks_load(struct leaks *leaks, struct image *image);

/* Room for `notes_max` names an epoch, some 350 bytes each. False without memory. */
bool leak_notes_init(struct leak_notes *notes, uint32_t notes_max);
void leak_notes_done(struct leak_notes *notes);

/* Notes a name of `client` that has a registrable domain. */
void leaks_note(struct leak_notes *notes, const struct transaction *transaction,
                const struct addr *client, const struct place *place);

/* Adds the shards' notes, empties them and tells the leaks that grew and are worth an alert at the
 * most eager setting, largest domain key last. `domains` and `crowds` say what is a service. */
void leaks_merge(struct leaks *leaks, struct leak_notes *const notes[], unsigned count,
                 int64_t edge_ns, const struct domains *domains, const struct crowds *crowds,
                 leak_fn tell, void *arg);
