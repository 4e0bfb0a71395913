/* ring.h - a bounded queue of batches from one thread to another
 * SPDX-License-Identifier: Apache-2.0
 *
 * One thread fills, one drains. Batches are filled and read in place; a lock is held for a moment
 * when one is handed on, which is once in some hundred messages. A full ring makes the filling
 * thread wait, so nothing is lost. Rings may share a bell, so that a thread can wait for any of
 * them. */
#pragma once

#include "pipeline/batch.h"

#include <pthread.h>

/* What wakes the threads at both ends. */
struct bell {
    pthread_mutex_t lock;
    pthread_cond_t rung;
};

void bell_init(struct bell *bell);
void bell_done(struct bell *bell);
void bell_ring(struct bell *bell);

enum { RING_BATCHES = 16 };

struct ring {
    struct bell *bell;
    struct batch *batches; /* [RING_BATCHES] */
    uint64_t filled;       /* under the bell's lock */
    uint64_t drained;
};

/* Room for RING_BATCHES batches, 1.4 MiB. False without memory. */
bool ring_init(struct ring *ring, struct bell *bell);
void ring_done(struct ring *ring);

/* The batch to fill next; waits for one that is free. The same until ring_push(). */
struct batch *ring_next(struct ring *ring);
void ring_push(struct ring *ring);

/* The batch to read next. ring_wait() waits for it, ring_look() gives NULL where there is none. The
 * same until ring_pop(). */
struct batch *ring_wait(struct ring *ring);
struct batch *ring_look(struct ring *ring);
void ring_pop(struct ring *ring);

/* How many batches wait in it, and whether it is more than half full. Any thread. */
unsigned ring_depth(const struct ring *ring);
bool ring_is_pressed(const struct ring *ring);
