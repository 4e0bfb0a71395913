/* published.h - counters of one thread, for others to read
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <dnsvigil/metrics.h>

#include <pthread.h>

void metrics_add(struct metrics *sum, const struct metrics *metrics);

/* A copy that is a few hundred messages old at most. */
struct published {
    pthread_mutex_t lock;
    struct metrics metrics;
};

void published_init(struct published *published);
void published_done(struct published *published);

/* By the thread that counts. */
void published_set(struct published *published, const struct metrics *metrics);

/* Adds them to *sum. Any thread. */
void published_add(struct published *published, struct metrics *sum);
