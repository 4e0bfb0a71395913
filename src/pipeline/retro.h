/* retro.h - asks the history about indicators and rules that are new, and raises alerts about the
 * past
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * The store remembers which indicators and rules the history was last asked for. Those that have
 * come since are looked for among names, aliases and answered addresses of all rows, by the code
 * and the detectors that judge traffic, with the same confidence, allow and popular lists; of rules
 * those that look at nothing but names (retro_rules.h). An alert found so is marked retroactive,
 * has the times of the traffic and the id it would have had; where an alert that tells the same
 * overlaps with its time, none is raised. So asking again changes nothing, and a run that was
 * interrupted is simply made again.
 *
 * One pass over the history, some 2 us a row; nothing is read when nothing is new. */
#pragma once

#include "pipeline/lists.h"
#include "store/store.h"

struct retro_config {
    struct store *store;        /* to read from, by the calling thread */
    struct store_writer writer; /* to which what is found is given, some alerts at a time */
    const struct config *config;
    const struct lists *lists;
    store_alert_fn alert; /* given each alert once it is stored, on the calling thread; what it
                             returns below 0 ends the run. May be NULL. */
    void *arg;
};

struct retro_result {
    size_t indicators; /* and rules that were new */
    uint64_t rows;     /* of the history that were looked at */
    uint64_t alerts;   /* raised and stored */
};

/* Everything is borrowed. To be called when traffic is judged by these lists already or not at all
 * yet, and what was seen before is in the history. On failure what is new stays new. */
int retro_run(const struct retro_config *config, struct retro_result *ret_result,
              struct error *error);
