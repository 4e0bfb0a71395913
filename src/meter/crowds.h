/* crowds.h - how many clients lately carried information under a domain: a service, or one machine
 * SPDX-License-Identifier: Apache-2.0
 *
 * What many machines of a network do with one domain for longer than a week is a service they use
 * (a virus scanner's look-ups, measurements), whatever its names look like. Each shard notes who
 * did (struct crowd_notes); at the edge of an epoch the notes are merged into what all of them read
 * (struct crowds, see epoch.h). Fixed memory, event time. */
#pragma once

#include "base/addr.h"
#include "base/image.h"
#include "base/table.h"
#include "meter/gather.h"

struct crowds {
    struct table table;
};

struct crowd_notes {
    struct gather gather;
    uint64_t lost; /* notes that found no room */
};

/* Room for `records_max` domains of 64 bytes and 12 of index each. False without memory. */
bool crowds_init(struct crowds *crowds, size_t records_max);
void crowds_done(struct crowds *crowds);

/* Appends what it knows to an image; reads it into a fresh one, false when it does not fit. */
void crowds_save(const struct crowds *crowds, struct buf *buf);
bool crowds_load(struct crowds *crowds, struct image *image);

/* Room for `domains_max` domains an epoch. False without memory. */
bool crowd_notes_init(struct crowd_notes *notes, uint32_t domains_max);
void crowd_notes_done(struct crowd_notes *notes);

/* Notes that `client` carried information under the domain with this name hash. */
void crowds_note(struct crowd_notes *notes, uint64_t domain_hash, const struct addr *client,
                 int64_t time_ns);

/* Adds the shards' notes and empties them; `order` is as
 * gather_sorted() wants it. */
void crowds_merge(struct crowds *crowds, struct crowd_notes *const notes[], unsigned count,
                  struct gathered *order);

/* Whether at least CROWD_CLIENTS clients did within the last CROWD_DAYS days, and the first of all
 * longer ago than that. */
bool crowds_is_service(const struct crowds *crowds, uint64_t domain_hash, int64_t time_ns);

enum { CROWD_CLIENTS = 5, CROWD_DAYS = 7 };
