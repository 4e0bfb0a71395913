/* keeper.h - the hooks of an outbox that keep alerts and history in a store
 * SPDX-License-Identifier: Apache-2.0
 *
 * Alerts gather and are stored in one transaction, at the latest when nothing else waits. Open ones
 * are stored, too, and take over what is known of them each time they come. While the disk is full
 * what has gathered is kept, tried again, and holds up what comes after it; history that finds no
 * room is let go. After any other failure nothing more is taken: the first one stays, and whoever
 * runs the keeper has to end. */
#pragma once

#include "config/config.h"
#include "pipeline/canary.h"
#include "pipeline/latency.h"
#include "pipeline/lists.h"
#include "pipeline/outbox.h"
#include "store/store.h"

#include <pthread.h>
#include <stdatomic.h>

enum { KEEPER_ALERTS = 64, KEEPER_PATIENCE_S = 10 };

struct keeper {
    pthread_mutex_t lock;
    const struct config *config; /* under the lock: how much history is kept */
    struct inventory *inventory; /* under the lock: who is behind an address */
    struct store *store;
    struct outbox *outbox;
    struct canary *canary; /* whose alerts are not stored; or NULL */
    struct latency *latency;
    atomic_int failure; /* the first negative errno */
    struct error error; /* why; read it only once failure is set */
    void (*failed)(void *arg);
    void *failed_arg;
    atomic_bool full;           /* the disk has no room for what was given last */
    _Atomic int64_t leaving_ns; /* when keeper_leave() was called */
    _Atomic int64_t stored_ns;  /* when the store last took something */
    struct store_put_result stored;
    unsigned count;
    struct keeping {
        enum outbox_news news;
        struct alert alert;
    } pending[KEEPER_ALERTS];
};

/* Configuration and lists must outlive the keeper, or the next keeper_change(). */
void keeper_init(struct keeper *keeper, struct store *store, const struct config *config,
                 const struct lists *lists);
void keeper_done(struct keeper *keeper);

/* Any thread: when it returns the old ones are no longer used. */
void keeper_change(struct keeper *keeper, const struct config *config, const struct lists *lists);

/* Hooks with the keeper as their argument; the store is used by the outbox's thread alone. */
struct outbox_hooks keeper_hooks(struct keeper *keeper);

/* A writer for everybody else, which runs what it is given on the outbox's thread. It works from
 * when `keeper->outbox` is set until the outbox is closed. */
struct store_writer keeper_writer(struct keeper *keeper);

/* The program is about to end: a disk that is full is waited for KEEPER_PATIENCE_S and no longer.
 */
void keeper_leave(struct keeper *keeper);

/* Whether what was given last was not taken. Any thread. */
bool keeper_is_failing(const struct keeper *keeper);

/* Removes alerts and history that are past their time. Not from the outbox's thread. */
int keeper_tidy(struct keeper *keeper, struct error *error);
