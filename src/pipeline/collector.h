/* collector.h - gathers who asks for which name, and hands it on in batches for the history
 * SPDX-License-Identifier: Apache-2.0
 *
 * A row for each client and name of a stretch of event time. When the stretch ends, or a row or its
 * bytes would find no room, all rows are handed on in the order of names and it starts over, so
 * nothing is lost here. Under one domain a client has at most COLLECTOR_NAMES_MAX rows in a
 * stretch; further names are counted on the row of the domain itself: a tunnel asks for thousands.
 * Names of one label and reverse look-ups are left out.
 *
 * Owned by one shard; 11 MiB, reserved at start. A repeat costs one cache line. What is handed on
 * does not depend on the hash seed or on batches. */
#pragma once

#include "store/history.h"

#include <dnsvigil/detector.h>
#include <dnsvigil/metrics.h>

enum { COLLECTOR_NAMES_MAX = 64, COLLECTOR_STRETCH_S = 900 };

/* Takes the rows; they are valid during the call. */
typedef void (*collector_fn)(void *arg, const struct history_row *const rows[], size_t count);

struct collected;

struct collector {
    struct collected *slots;          /* open addressing; NULL: not in use */
    const struct history_row **order; /* rows in use */
    uint8_t *bytes;                   /* names and answers */
    unsigned used;
    size_t bytes_used;
    int64_t stretch; /* number of the stretch of event time */
    collector_fn sink;
    void *arg;
    struct metrics *metrics;
};

/* False without memory. */
bool collector_init(struct collector *collector, collector_fn sink, void *arg,
                    struct metrics *metrics);
void collector_done(struct collector *collector);

/* Counts a transaction that has a question. */
void collector_count(struct collector *collector, const struct transaction *transaction,
                     const struct enrichment *enrichment);

/* Event time has come to `now_ns`. */
void collector_time(struct collector *collector, int64_t now_ns);

/* Hands on what there is. */
void collector_flush(struct collector *collector);

/* Starts loading the slot of this client and name. */
void collector_prefetch(const struct collector *collector, const struct addr *client,
                        const struct dns_name *name);
