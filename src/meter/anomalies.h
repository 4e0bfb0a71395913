/* anomalies.h - how much of each anomaly each client has shown a server lately
 * SPDX-License-Identifier: Apache-2.0
 *
 * One leaky bucket for each client, server and anomaly, in fixed memory, one thread. An event fills
 * in its weight, a whole bucket leaks away in the configured time, in ten steps, and while a bucket
 * holds the threshold or more its events are worth an alert. */
#pragma once

#include "base/image.h"
#include "base/table.h"
#include "config/config.h"
#include "meter/resolvers.h"

#include <dnsvigil/anomaly.h>

enum { ANOMALY_FILTER_WORDS = 1024 };

/* Few clients and servers ever show what is counted over several transactions. One that may have
 * has its bit here, so that the others need no look-up. */
struct anomaly_filter {
    uint64_t words[ANOMALY_FILTER_WORDS];
};

struct anomalies {
    struct table buckets;
    int64_t step_ns; /* a tenth of the window */
    uint32_t weights[ANOMALY_WEIGHT_COUNT];
    /* Those between whom some response was unsolicited or truncated: what speaks against it counts,
     * too. */
    struct anomaly_filter unsettled;
    /* Clients that asked an unexpected server: what else they ask counts, too. */
    struct anomaly_filter bypassing;
    const struct config *config;
    const struct resolvers *resolvers;
    struct resolvers_recent recent;
    struct anomaly_measure measure;
};

/* Configuration and resolvers must outlive it. False without memory. */
bool anomalies_init(struct anomalies *anomalies, const struct config *config,
                    const struct resolvers *resolvers);

/* Changes to another configuration; records_max stays. */
void anomalies_settle(struct anomalies *anomalies, const struct config *config);
void anomalies_done(struct anomalies *anomalies);

/* Appends what it knows to an image; reads it into a fresh one, false when it does not fit. */
void anomalies_save(const struct anomalies *anomalies, struct buf *buf);
bool anomalies_load(struct anomalies *anomalies, struct image *image);

/* Judges a transaction and counts what it shows. NULL when that is nothing; the measure is valid
 * until the next call. */
const struct anomaly_measure *anomalies_count(struct anomalies *anomalies,
                                              const struct transaction *transaction,
                                              const struct enrichment *enrichment);
