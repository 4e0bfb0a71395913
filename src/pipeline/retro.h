/* retro.h - asks the history about indicators that are new, and raises alerts about the past
 * SPDX-License-Identifier: Apache-2.0
 *
 * The store remembers which indicators the history was last asked for. Those that have come since
 * are looked for among names, aliases and answered addresses of all rows, by the code and the
 * detectors that judge traffic, with the same confidence, allow and popular lists. An alert found
 * so is marked retroactive, has the times of the traffic and the id it would have had; where an
 * alert of the same detector, machine and domain overlaps with its time, none is raised. So asking
 * again changes nothing, and a run that was interrupted is simply made again.
 *
 * One pass over the history, some 2 us a row; nothing is read when no indicator is new. */
#pragma once

#include "pipeline/lists.h"
#include "store/store.h"

struct retro_result {
    size_t indicators; /* that were new */
    uint64_t rows;     /* of the history that were looked at */
    uint64_t alerts;   /* raised and stored */
};

/* Needs the store open for writing; call it before traffic is analysed with these lists. Each alert
 * is given to `alert` once it is stored; what that returns below 0 ends the run. On failure the
 * indicators stay new. */
int retro_run(struct store *store, const struct config *config, const struct lists *lists,
              store_alert_fn alert, void *arg, struct retro_result *ret_result,
              struct error *error);
