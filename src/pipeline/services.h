/* services.h - work that is due every so often, on one thread of its own
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each kind of work is a row of a table. A row is due at the start and one interval after
 * it was done. What fails is logged when the reason changes, and done
 * again when it is due. A row that takes its time holds up the others, and nothing else. */
#pragma once

#include "base/error.h"

#include <stddef.h>

struct service_job {
    const char *name; /* for messages: "retention" */
    unsigned interval_s;
    int (*run)(void *arg, struct error *error);
};

struct services;

/* Starts the thread. `jobs` and `arg` must outlive it. Negative errno and a message. */
int services_start(const struct service_job *jobs, size_t count, void *arg,
                   struct services **ret_services, struct error *error);

/* Waits for the job that runs, and ends the thread. NULL is allowed. */
void services_stop(struct services *services);
