/* isolator.h - isolations applied and undone one after another, on a thread of its own
 * SPDX-License-Identifier: Apache-2.0
 *
 *     isolator_open(config, runner, &isolator, &error);            as root: sockets
 *     isolator_start(isolator, store_path, writer, &error);        the store is there
 *     isolator_ask(isolator, &desk, id, false, &error);            from any thread
 *     while (isolator_is_busy(isolator, id)) ...
 *     isolator_close(isolator);
 *
 * A configured command may take minutes; whoever asks for it does not wait. The thread also ends,
 * once a minute, what has expired. One that was not started does at once what it is asked for: so
 * where no daemon runs. */
#pragma once

#include "respond/isolation.h"

enum { ISOLATOR_WAITING_MAX = 64, ISOLATOR_SWEEP_S = 60 };

struct isolator;

/* Finds out our own addresses. */
int isolator_open(const struct config *config, struct job_runner runner,
                  struct isolator **ret_isolator, struct error *error);

/* What its thread does from now on goes by this configuration. Any thread. */
void isolator_change(struct isolator *isolator, const struct config *config);

int isolator_start(struct isolator *isolator, const char *store_path, struct store_writer writer,
                   struct error *error);

/* Waits for what is being done, and ends the thread; what still waits is not done. */
void isolator_stop(struct isolator *isolator);
void isolator_close(struct isolator *isolator); /* stops it, too; NULL is allowed */

/* For the other functions of isolation.h; configuration and `actor` are borrowed. */
struct isolation_desk isolator_desk(const struct isolator *isolator, const struct config *config,
                                    struct store *store, struct store_writer writer,
                                    const char *actor);

/* Has an isolation applied or undone in the name of the desk's actor. What fails later is told by
 * the isolation itself. -ENOENT: there is none. -EALREADY: it is in a state where that cannot be,
 * or waits already. -EAGAIN: ISOLATOR_WAITING_MAX wait. */
int isolator_ask(struct isolator *isolator, const struct isolation_desk *desk, uint64_t id,
                 bool undo, struct error *error);

/* Whether it waits or is being carried out. */
bool isolator_is_busy(struct isolator *isolator, uint64_t id);
