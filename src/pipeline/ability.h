/* ability.h - which detectors can fire under a configuration and its lists, and why others cannot
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "config/config.h"
#include "pipeline/lists.h"

enum ability {
    ABILITY_ABLE,
    ABILITY_OFF,      /* the configuration switches it off */
    ABILITY_UNLISTED, /* it goes by lists or rules alone, and none is in force */
};

enum ability ability_of(enum detector detector, const struct config *config,
                        const struct lists *lists, int64_t now_ns);

/* 0 when some detector can fire at `now_ns`. Otherwise -EINVAL and what to do: a program under
 * which nothing could be found must not look like a quiet network. */
int abilities_check(const struct config *config, const struct lists *lists, int64_t now_ns,
                    struct error *error);
