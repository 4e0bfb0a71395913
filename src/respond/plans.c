/* plans.c - deliveries that are to be queued together
 * SPDX-License-Identifier: Apache-2.0 */
#include "respond/plans.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool grow(struct plans *plans)
{
    size_t room = plans->room ? 2 * plans->room : 16;
    struct delivery_plan *items = reallocarray(plans->items, room, sizeof(*items));
    if (!items)
        return false;
    plans->items = items;
    plans->room = room;
    return true;
}

struct delivery_plan *plans_add(struct plans *plans, const struct alert *alert,
                                enum delivery_kind kind, enum delivery_channel channel,
                                const char *origin, const char *target, int64_t now_ns)
{
    if (plans->count == PLANS_MAX || (plans->count == plans->room && !grow(plans))) {
        plans->overflow = true;
        return NULL;
    }
    struct delivery_plan *plan = &plans->items[plans->count++];
    *plan = (struct delivery_plan){.delivery = {.kind = (uint8_t)kind,
                                                .channel = (uint8_t)channel,
                                                .state = DELIVERY_STATE_PENDING,
                                                .severity = alert->severity,
                                                .made_ns = now_ns,
                                                .due_ns = now_ns},
                                   .max = UINT32_MAX};
    snprintf(plan->delivery.origin, sizeof(plan->delivery.origin), "%s", origin);
    snprintf(plan->delivery.target, sizeof(plan->delivery.target), "%s", target);
    memcpy(plan->delivery.object, alert->id, sizeof(plan->delivery.object));
    return plan;
}
