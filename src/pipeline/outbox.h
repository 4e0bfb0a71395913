/* outbox.h - what shards hand on to the one thread that stores it
 * SPDX-License-Identifier: Apache-2.0
 *
 * Any thread puts; one thread of its own takes and calls the hooks, so that they need no lock. When
 * the store is slow, putting waits. */
#pragma once

#include "pipeline/collector.h"

#include "base/error.h"

#include <dnsvigil/alert.h>

/* Why an alert comes. */
enum outbox_news {
    OUTBOX_OPENED, /* it is new, and open */
    OUTBOX_GREW,   /* it is still open, and there is more to tell */
    OUTBOX_CLOSED, /* it is over; it need not have come before */
};

struct outbox_hooks {
    void *arg;

    /* Takes an alert; valid during the call. False: what has gathered, with this one, could not be
     * made lasting; nothing more is given until `rest` says that it is. */
    bool (*alert)(void *arg, const struct alert *alert, enum outbox_news news);

    /* Takes rows of the history; NULL: none are kept. */
    collector_fn rows;

    /* Nothing else waits: what has gathered is to be made lasting now. False: it could not be, and
     * is tried again within a second. */
    bool (*rest)(void *arg);
};

struct outbox;

/* Starts its thread. NULL without memory or threads. `hooks` is copied. */
struct outbox *outbox_new(const struct outbox_hooks *hooks);

/* Waits until all is taken, and ends the thread. NULL is allowed. */
void outbox_free(struct outbox *outbox);

void outbox_alert(struct outbox *outbox, const struct alert *alert, enum outbox_news news);

/* Returns when the rows are taken. */
void outbox_rows(struct outbox *outbox, const struct history_row *const rows[], size_t count);

/* Runs the function on the outbox's thread, between two alerts, and returns what it does. -EAGAIN
 * when OUTBOX_CALLS others wait already, -ECANCELED when the outbox has closed. Not from a hook. */
enum { OUTBOX_CALLS = 64 };
typedef int (*outbox_call_fn)(void *arg, struct error *error);
int outbox_call(struct outbox *outbox, outbox_call_fn call, void *arg, struct error *error);

/* No calls are taken any more; those that wait are still answered. */
void outbox_close(struct outbox *outbox);

/* Waits until all that was put is taken and made lasting. */
void outbox_settle(struct outbox *outbox);

/* How many alerts and calls wait. Any thread. */
unsigned outbox_depth(struct outbox *outbox);
