/* plans.h - deliveries that are to be queued together
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "store/deliveries.h"

enum { PLANS_MAX = 4096 };

/* {0} is none; free `items`. What comes beyond PLANS_MAX or without memory sets `overflow`. */
struct plans {
    struct delivery_plan *items;
    size_t count;
    size_t room;
    bool overflow;
};

/* Adds one for an alert: made and due now, without a limit. NULL when there is no room. */
struct delivery_plan *plans_add(struct plans *plans, const struct alert *alert,
                                enum delivery_kind kind, enum delivery_channel channel,
                                const char *origin, const char *target, int64_t now_ns);
