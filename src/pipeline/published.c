/* published.c - counters of one thread, for others to read
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/published.h"

void published_init(struct published *published)
{
    *published = (struct published){0};
    pthread_mutex_init(&published->lock, NULL);
}

void published_done(struct published *published)
{
    pthread_mutex_destroy(&published->lock);
}

void published_set(struct published *published, const struct metrics *metrics)
{
    pthread_mutex_lock(&published->lock);
    published->metrics = *metrics;
    pthread_mutex_unlock(&published->lock);
}

static void add(uint64_t *sum, const uint64_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sum[i] += values[i];
}

void metrics_add(struct metrics *sum, const struct metrics *metrics)
{
    add(sum->value, metrics->value, METRIC_COUNT);
    add(sum->rejected, metrics->rejected, REJECT_COUNT);
    add(sum->malformed, metrics->malformed, MALFORMED_COUNT);
}

void published_add(struct published *published, struct metrics *sum)
{
    pthread_mutex_lock(&published->lock);
    metrics_add(sum, &published->metrics);
    pthread_mutex_unlock(&published->lock);
}
