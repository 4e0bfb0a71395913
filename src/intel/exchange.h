/* exchange.h - where a new snapshot of all lists is published, and shards pick it up between
 * batches
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * A shard holds the snapshot it works with and asks between two batches whether there is a newer
 * one: no packet waits, none is judged by half of each. The old snapshot is freed by whoever lets
 * go of it last. Any number of threads; without news asking costs one atomic read. */
#pragma once

#include "intel/intel.h"

#include <pthread.h>
#include <stdatomic.h>

struct exchange {
    pthread_mutex_t lock; /* held for the change of a pointer */
    struct intel *newest;
    atomic_uint version;
};

/* What one shard holds. */
struct exchange_hold {
    struct intel *intel;
    unsigned version;
};

/* Takes over the caller's reference to the first snapshot. */
void exchange_init(struct exchange *exchange, struct intel *intel);
void exchange_done(struct exchange *exchange);

/* Publishes a snapshot, taking over the caller's reference. */
void exchange_publish(struct exchange *exchange, struct intel *intel);

/* Starts with a zeroed hold. True when hold->intel is another one than before; the old reference is
 * given back. */
bool exchange_pick(struct exchange *exchange, struct exchange_hold *hold);

/* Gives back what is held. */
void exchange_leave(struct exchange_hold *hold);
