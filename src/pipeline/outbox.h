/* outbox.h - what shards hand on to the one thread that stores it
 * SPDX-License-Identifier: Apache-2.0
 *
 * Any thread puts; one thread of its own takes and calls the hooks, so that they need no lock. When
 * the store is slow, putting waits. */
#pragma once

#include "pipeline/collector.h"

#include <dnsvigil/alert.h>

struct outbox_hooks {
    void *arg;

    /* Takes an alert; valid during the call. An open one comes again when there is more to tell,
     * and at last once it is closed. */
    void (*alert)(void *arg, const struct alert *alert, bool open);

    /* Takes rows of the history; NULL: none are kept. */
    collector_fn rows;

    /* Nothing else waits: what has gathered is to be made lasting now. */
    void (*rest)(void *arg);
};

struct outbox;

/* Starts its thread. NULL without memory or threads. `hooks` is copied. */
struct outbox *outbox_new(const struct outbox_hooks *hooks);

/* Waits until all is taken, and ends the thread. NULL is allowed. */
void outbox_free(struct outbox *outbox);

void outbox_alert(struct outbox *outbox, const struct alert *alert, bool open);

/* Returns when the rows are taken. */
void outbox_rows(struct outbox *outbox, const struct history_row *const rows[], size_t count);

/* Waits until all that was put is taken and made lasting. */
void outbox_settle(struct outbox *outbox);
