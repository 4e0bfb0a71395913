/* exchange.c - where a new snapshot of all lists is published, and shards pick it up between
 * batches
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/exchange.h"

void exchange_init(struct exchange *exchange, struct intel *intel)
{
    pthread_mutex_init(&exchange->lock, NULL);
    exchange->newest = intel;
    atomic_init(&exchange->version, 1); /* a zeroed hold is behind */
}

void exchange_done(struct exchange *exchange)
{
    intel_unref(exchange->newest);
    pthread_mutex_destroy(&exchange->lock);
}

void exchange_publish(struct exchange *exchange, struct intel *intel)
{
    pthread_mutex_lock(&exchange->lock);
    struct intel *old = exchange->newest;
    exchange->newest = intel;
    atomic_fetch_add_explicit(&exchange->version, 1, memory_order_release);
    pthread_mutex_unlock(&exchange->lock);
    intel_unref(old);
}

bool exchange_pick(struct exchange *exchange, struct exchange_hold *hold)
{
    if (atomic_load_explicit(&exchange->version, memory_order_acquire) == hold->version)
        return false;
    struct intel *old = hold->intel;
    pthread_mutex_lock(&exchange->lock);
    hold->intel = intel_ref(exchange->newest);
    hold->version = atomic_load_explicit(&exchange->version, memory_order_relaxed);
    pthread_mutex_unlock(&exchange->lock);
    intel_unref(old);
    return true;
}

void exchange_leave(struct exchange_hold *hold)
{
    intel_unref(hold->intel);
    *hold = (struct exchange_hold){0};
}
