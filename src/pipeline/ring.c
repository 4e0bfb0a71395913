/* ring.c - a bounded queue of batches from one thread to another
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/ring.h"

#include "base/pulse.h"

#include <stdlib.h>

void bell_init(struct bell *bell)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&bell->lock, NULL);
    pthread_cond_init(&bell->rung, &attributes);
    pthread_condattr_destroy(&attributes);
}

void bell_done(struct bell *bell)
{
    pthread_mutex_destroy(&bell->lock);
    pthread_cond_destroy(&bell->rung);
}

void bell_ring(struct bell *bell)
{
    pthread_mutex_lock(&bell->lock);
    pthread_cond_broadcast(&bell->rung);
    pthread_mutex_unlock(&bell->lock);
}

bool ring_init(struct ring *ring, struct bell *bell)
{
    *ring = (struct ring){.bell = bell, .batches = malloc(RING_BATCHES * sizeof(struct batch))};
    return ring->batches;
}

void ring_done(struct ring *ring)
{
    free(ring->batches);
}

struct batch *ring_next(struct ring *ring)
{
    pthread_mutex_lock(&ring->bell->lock);
    while (ring->filled - ring->drained == RING_BATCHES)
        pulse_wait(&ring->bell->rung, &ring->bell->lock);
    struct batch *batch = &ring->batches[ring->filled % RING_BATCHES];
    pthread_mutex_unlock(&ring->bell->lock);
    return batch;
}

void ring_push(struct ring *ring)
{
    pthread_mutex_lock(&ring->bell->lock);
    ring->filled++;
    pthread_cond_broadcast(&ring->bell->rung);
    pthread_mutex_unlock(&ring->bell->lock);
}

struct batch *ring_wait(struct ring *ring)
{
    pthread_mutex_lock(&ring->bell->lock);
    while (ring->filled == ring->drained)
        pulse_wait(&ring->bell->rung, &ring->bell->lock);
    struct batch *batch = &ring->batches[ring->drained % RING_BATCHES];
    pthread_mutex_unlock(&ring->bell->lock);
    return batch;
}

struct batch *ring_look(struct ring *ring)
{
    pthread_mutex_lock(&ring->bell->lock);
    bool empty = ring->filled == ring->drained;
    struct batch *batch = &ring->batches[ring->drained % RING_BATCHES];
    pthread_mutex_unlock(&ring->bell->lock);
    return empty ? NULL : batch;
}

void ring_pop(struct ring *ring)
{
    pthread_mutex_lock(&ring->bell->lock);
    ring->drained++;
    pthread_cond_broadcast(&ring->bell->rung);
    pthread_mutex_unlock(&ring->bell->lock);
}

unsigned ring_depth(const struct ring *ring)
{
    pthread_mutex_lock(&ring->bell->lock);
    uint64_t depth = ring->filled - ring->drained;
    pthread_mutex_unlock(&ring->bell->lock);
    return (unsigned)depth;
}

bool ring_is_pressed(const struct ring *ring)
{
    return ring_depth(ring) > RING_BATCHES / 2;
}
