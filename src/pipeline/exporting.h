/* exporting.h - runs the exports of a configuration, each on a thread of its own
 * SPDX-License-Identifier: Apache-2.0
 *
 * A target that stands still holds up neither the others nor those who judge traffic: each export
 * reads the store with a handle of its own and has only its place written by the one who writes.
 *
 *     exporting_open(config, &exporting, &error);                 what cannot work is told
 *     exporting_start(exporting, store_path, writer, &error);     the store is open
 *     exporting_prepare(exporting, config, &error);               a reload: can it work?
 *     exporting_change(exporting, &error);                        it is to be in force
 *     exporting_stop(exporting);                                  the writer still writes
 *     exporting_close(exporting);
 *
 * Any thread may prepare, change, look and stop. */
#pragma once

#include "api/vitals.h"
#include "config/config.h"
#include "store/store.h"

struct exporting;

/* -EINVAL: an export cannot work as it is described; the message names it. The configuration is
 * copied. */
int exporting_open(const struct config *config, struct exporting **ret_exporting,
                   struct error *error);

/* Starts the threads. The writer must be usable until exporting_stop() has returned. */
int exporting_start(struct exporting *exporting, const char *store_path, struct store_writer writer,
                    struct error *error);

/* Gets ready to go by another configuration. As exporting_open(); when it fails, or is called again
 * instead of exporting_change(), nothing has changed. */
int exporting_prepare(struct exporting *exporting, const struct config *config,
                      struct error *error);

/* Goes by what was prepared last: exports that are new are started, those that are gone or not as
 * they were are stopped (and started anew behind what their target has), all others go on. One that
 * is gone keeps its place in the store. Negative errno: not all threads could be started. */
int exporting_change(struct exporting *exporting, struct error *error);

/* Fills in how each fares. */
void exporting_look(struct exporting *exporting, struct vitals *vitals);

/* Lets each send what waits, for EXPORTING_PATIENCE_S in all and not after a failure, and ends the
 * threads; those that are in the middle of a request as soon as their sink gives up. NULL is
 * allowed, here and below. */
enum { EXPORTING_PATIENCE_S = 5 };
void exporting_stop(struct exporting *exporting);
void exporting_close(struct exporting *exporting);
