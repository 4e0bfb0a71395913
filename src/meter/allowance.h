/* allowance.h - how many unknown domains an entity reaches, and how many of them may be told today
 * SPDX-License-Identifier: Apache-2.0
 *
 * A machine that walks through a long list of odd names is one story, not a thousand alerts, and
 * among many new domains some look random by chance. Fixed memory, one thread, event time: days are
 * those of the traffic, in UTC. Entities are given as hashes with this process's seed
 * (enrichment.entity_hash), domains as hashes with a fixed one: what is counted by them is the same
 * from run to run. */
#pragma once

#include "base/roster.h"

struct allowance {
    struct roster meetings; /* how many domains each entity reaches */
    struct roster rations;  /* which of an entity's domains were told today */
};

enum { ALLOWANCE_DOMAINS_MAX = 20 };

/* Room for `entities_max` entities of 168 bytes each, and for an eighth of them as much again of
 * 328. What is displaced depends on the order of events alone (roster.h). False without memory. */
bool allowance_init(struct allowance *allowance, uint32_t entities_max);
void allowance_done(struct allowance *allowance);

/* Appends what it knows to an image; reads it into a fresh one, false when it does not fit. */
void allowance_save(const struct allowance *allowance, struct buf *buf);
bool allowance_load(struct allowance *allowance, struct image *image);

/* Returns how many domains of which nobody knows anything the entity reached lately, 1 at least.
 * Each counts for 1 at first, then fades, with a time constant of an hour; this one only where it
 * `counts`. Of very many, some known ones may be counted again (see seen.h). */
float allowance_meet(struct allowance *allowance, uint64_t entity, uint64_t domain, bool counts,
                     int64_t time_ns);

/* 0 for a domain that is among the first ALLOWANCE_DOMAINS_MAX that were asked about for this
 * entity on this day, or becomes one; for any other how many there are beyond these by now. */
uint32_t allowance_take(struct allowance *allowance, uint64_t entity, uint64_t domain,
                        int64_t time_ns);

/* The day, counted from 1970-01-01; never 0 in practice. */
uint32_t allowance_day(int64_t time_ns);

/* The two steps ahead of allowance_meet(): see roster.h. */
static inline void allowance_prefetch(const struct allowance *allowance, uint64_t entity)
{
    roster_prefetch(&allowance->meetings, entity);
}

static inline void allowance_prefetch_record(const struct allowance *allowance, uint64_t entity)
{
    roster_prefetch_record(&allowance->meetings, entity, allowance->meetings.record_bytes);
}
