/* crowds.h - how many clients lately carried information under a domain: a service, or one machine
 * SPDX-License-Identifier: Apache-2.0
 *
 * What many machines of a network do with one domain for longer than a week is a service they use
 * (a virus scanner's look-ups, measurements), whatever its names look like. Fixed memory, one
 * thread, event time. */
#pragma once

#include "base/addr.h"
#include "base/table.h"

struct crowds {
    struct table table;
};

/* Room for `records_max` domains of 64 bytes and 12 of index each. False without memory. */
bool crowds_init(struct crowds *crowds, size_t records_max);
void crowds_done(struct crowds *crowds);

/* Notes that `client` carried information under the domain with this name hash. */
void crowds_note(struct crowds *crowds, uint64_t domain_hash, const struct addr *client,
                 int64_t time_ns);

/* Whether at least CROWD_CLIENTS clients did within the last CROWD_DAYS days, and the first of all
 * longer ago than that. */
bool crowds_is_service(const struct crowds *crowds, uint64_t domain_hash, int64_t time_ns);

enum { CROWD_CLIENTS = 5, CROWD_DAYS = 7 };
