/* bursts.h - for every client: the registrable domains that it lately asked for in vain
 * SPDX-License-Identifier: Apache-2.0
 *
 * Malware that generates its meeting points asks for many that do not exist. Each client with such
 * failures has room for the latest 64 registrable domains, each once. Known, popular and exempt
 * domains, labels that a provider drew, single labels, reverse and special-use names never enter:
 * so neither a browser's probes nor names completed with a search suffix (all one registrable
 * domain) count. With every name the windows of the last minutes and of the last day are judged
 * (burst_model.h). A client that asks for very many domains, a server or a forwarder, gives chance
 * more windows, and its evidence counts for less by as much.
 *
 * A window that is worth an alert stays open for names of its make, failing or found, until none
 * has come for a while; then it is forgotten, so that what was told is not told again.
 *
 * Most clients have few such names, so these are kept in a store that all share, four at a time.
 * When it is full, or too many clients have names, the client whose turn it is (roster.h) is
 * forgotten with all its names.
 *
 * Fixed memory, one thread, event time. Figures do not depend on hash seeds, even when records run
 * out; then they depend on which clients share a shard. */
#pragma once

#include "base/roster.h"
#include "meter/burst_model.h"

#include <dnsvigil/burst.h>

struct bursts_config {
    uint32_t records_max; /* clients, and as many times four names */
    int64_t fast_ns;      /* the two windows */
    int64_t slow_ns;
    int64_t open_ns;        /* how long a told window stays open without a name */
    double expected_limit;  /* see struct burst_measure */
    double expected_report; /* up to here windows are reported at all; at least the limit */
    /* The lexical score of the label of `name` at which its domain begins. */
    void (*score)(const struct dns_name *name, unsigned label, struct lexical *ret);
};

struct bursts {
    struct bursts_config config;
    struct roster clients;
    void *blocks; /* [blocks_max]: where clients keep names */
    uint32_t blocks_max, blocks_used;
    uint32_t block_spare;  /* the first of those given back, from 1; 0: none */
    int64_t open_until_ns; /* no window is open after this */
    const void *looks_of;  /* whose window was looked at last, and in which state */
    uint32_t looks_state[3];
    struct burst_looks looks;
    struct burst_measure measure;
};

/* Some 700 bytes for each of records_max clients. The address must stay. False without memory. */
bool bursts_init(struct bursts *bursts, const struct bursts_config *config);
void bursts_done(struct bursts *bursts);

/* Appends what it knows to an image; reads it into a fresh one, false when it does not fit. */
void bursts_save(const struct bursts *bursts, struct buf *buf);
bool bursts_load(struct bursts *bursts, struct image *image);

/* Starts loading the record of a client, by its hash with this process's seed, in two steps some
 * look-ups apart (roster.h). */
static inline void bursts_prefetch(const struct bursts *bursts, uint64_t client)
{
    roster_prefetch(&bursts->clients, client);
}

static inline void bursts_prefetch_client(const struct bursts *bursts, uint64_t client)
{
    enum { HEAD_BYTES = 40 }; /* what a name that exists asks for */
    roster_prefetch_record(&bursts->clients, client, HEAD_BYTES);
}

/* Counts one transaction. Returns what is known of the window that its name belongs to once that is
 * suspicious enough to be reported, else NULL; valid until the next call. */
const struct burst_measure *bursts_count(struct bursts *bursts,
                                         const struct transaction *transaction,
                                         const struct enrichment *enrichment);
