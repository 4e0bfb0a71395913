/* epoch.h - what decides about one client and comes from others: counted apart, merged at edges
 * SPDX-License-Identifier: Apache-2.0
 *
 * Event time is cut into epochs of some seconds. Within one, each shard counts what its own clients
 * do (struct counts) and reads what was known when the epoch began (struct knowledge), which nobody
 * writes. At the edge all shards stop, one of them merges all counts into the knowledge, and they
 * go on. Merging does not depend on how clients are spread over shards, so neither do alerts:
 *
 *     for each message:
 *         while (epochs_due(&epochs, message time, &edge_ns))
 *             deliver what is due by edge_ns; [barrier;] knowledge_merge(…); [barrier]
 *         judge it with knowledge, count it in counts
 *
 * Fixed memory; edges cost as much as the epoch had domains. */
#pragma once

#include "meter/crowds.h"
#include "meter/domains.h"
#include "meter/leaks.h"
#include "meter/resolvers.h"

/* Where the edges are: at whole multiples of the length. All shards that see the same times see the
 * same edges. */
struct epochs {
    int64_t length_ns;
    int64_t reach_ns; /* so long after a message something of it may still become due */
    int64_t next_ns;
    int64_t until_ns; /* after it edges find nothing to merge */
    bool started;
};

struct epochs epochs_of(int64_t length_ns, int64_t reach_ns);

/* Whether an edge lies at or before `now_ns`, and which is next; call until it says no. Edges of a
 * long silence are left out. Time that jumps back an hour or more is an edge, too, and starts anew
 * from there. */
bool epochs_due(struct epochs *epochs, int64_t now_ns, int64_t *ret_edge_ns);

struct knowledge_config {
    size_t domains_max;         /* remembered */
    uint32_t epoch_domains_max; /* in one epoch and shard */
    unsigned shards;            /* at most GATHERS_MAX */
    struct leaks_config leaks;
};

/* Transactions, and those with an answer: is the sensor shown both sides? */
struct answer_counts {
    uint64_t asked;
    uint64_t answered;
};

/* Written by knowledge_merge() alone, while no shard runs. */
struct knowledge {
    struct domains domains;
    struct crowds crowds;
    struct resolvers resolvers;
    struct leaks leaks;
    struct answer_counts answers;
    int64_t since_ns; /* what was seen first; INT64_MAX for nothing yet */
    struct gathered *order;
};

/* One shard's, since the last edge. */
struct counts {
    struct domain_counts domains;
    struct crowd_notes crowds;
    struct resolver_counts resolvers;
    struct leak_notes leaks;
    struct answer_counts answers;
};

/* False without memory. */
bool knowledge_init(struct knowledge *knowledge, const struct knowledge_config *config);
void knowledge_done(struct knowledge *knowledge);

/* Appends it all to an image; reads it into a fresh one, false when it does not fit. What was
 * counted since the last edge is in no image: save right after one. */
void knowledge_save(const struct knowledge *knowledge, struct buf *buf);
bool knowledge_load(struct knowledge *knowledge, struct image *image);

bool counts_init(struct counts *counts, const struct knowledge_config *config);
void counts_done(struct counts *counts);

/* Adds the counts of all shards and empties them. Leaks that are worth an alert are given to `tell`
 * (leaks.h). */
void knowledge_merge(struct knowledge *knowledge, struct counts *const counts[], unsigned count,
                     int64_t edge_ns, leak_fn tell, void *arg);

/* What found no room in the counts so far. */
uint64_t counts_lost(const struct counts *counts);
