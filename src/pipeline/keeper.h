/* keeper.h - the hooks of an outbox that keep alerts and history in a store
 * SPDX-License-Identifier: Apache-2.0
 *
 * Alerts gather and are stored in one transaction, at the latest when nothing else waits. Open ones
 * are stored, too, and take over what is known of them each time they come. Once the store has
 * failed nothing more is taken: the first failure stays. */
#pragma once

#include "config/config.h"
#include "pipeline/lists.h"
#include "pipeline/outbox.h"
#include "store/store.h"

#include <pthread.h>
#include <stdatomic.h>

enum { KEEPER_ALERTS = 64 };

struct keeper {
    pthread_mutex_t lock;
    const struct config *config; /* under the lock: how much history is kept */
    struct inventory *inventory; /* under the lock: who is behind an address */
    struct store *store;
    atomic_int failure; /* the first negative errno */
    struct error error; /* why; read it only once failure is set */
    struct store_put_result stored;
    unsigned count;
    struct alert pending[KEEPER_ALERTS];
};

/* Configuration and lists must outlive the keeper, or the next keeper_change(). */
void keeper_init(struct keeper *keeper, struct store *store, const struct config *config,
                 const struct lists *lists);
void keeper_done(struct keeper *keeper);

/* Any thread: when it returns the old ones are no longer used. */
void keeper_change(struct keeper *keeper, const struct config *config, const struct lists *lists);

/* Hooks with the keeper as their argument; the store is used by the outbox's thread alone. */
struct outbox_hooks keeper_hooks(struct keeper *keeper);
