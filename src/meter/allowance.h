/* allowance.h - how many more domains an entity may be blamed for today
 * SPDX-License-Identifier: Apache-2.0
 *
 * A machine that walks through a long list of odd names is one story, not a thousand alerts. Fixed
 * memory, one thread, event time: days are those of the traffic, in UTC. */
#pragma once

#include "base/addr.h"
#include "base/table.h"

struct allowance {
    struct table table;
};

enum { ALLOWANCE_DOMAINS_MAX = 20 };

/* Room for `entities_max` entities of 168 bytes and 12 of index each. False without memory. */
bool allowance_init(struct allowance *allowance, size_t entities_max);
void allowance_done(struct allowance *allowance);

/* Whether the domain is among the first ALLOWANCE_DOMAINS_MAX that were asked about for this entity
 * on this day, or becomes one. */
bool allowance_take(struct allowance *allowance, const struct addr *entity, uint64_t domain_hash,
                    int64_t time_ns);
