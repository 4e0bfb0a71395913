/* pairs.h - for every client and registrable domain: how much information went each way lately
 * SPDX-License-Identifier: Apache-2.0
 *
 * Tunnels differ from name resolution in what names and answers carry, not in how many there are.
 * So the meter adds up bytes of information that are new to the pair (carried.h): U in names, D in
 * answers, both fading with a time constant of six hours, and calls a pair a tunnel when
 * U / up_bytes + D / down_bytes reaches 1 and names_min different names were asked for. A client
 * without a registrable domain to key on (single labels, domains that do not exist) is kept with
 * the server it asks.
 *
 * Which way the data goes is decided once and late: after 64 names, or 24 when they take longer
 * than two minutes, or when nothing more seems to come, or after an hour. Later it is decided anew
 * whenever the number of names has doubled. Where the sensor is not shown answers, full names are
 * an upload; short ones are a download where they come without a pause, as nobody asks so for
 * nothing, and else are told as going both ways.
 *
 * Fixed memory, one thread, event time. A pair takes a record with its second name or with 16 bytes
 * in one name; until then two bytes of a shared field remember its first name for some hours.
 * Records are kept by use (table.h), and figures do not depend on hash seeds unless records run
 * out. */
#pragma once

#include "base/hash.h"
#include "base/image.h"
#include "base/table.h"
#include "meter/carried.h"
#include "meter/epoch.h"

#include <dnsvigil/tunnel.h>

struct pairs_config {
    size_t records_max;
    double up_bytes; /* limits at the setting "medium" */
    double down_bytes;
    unsigned names_min;
    enum confidence_knob knob; /* a pair becomes a tunnel at this setting's limits */
    struct carried_hooks hooks;
    const struct knowledge *known; /* of other clients: which domains are services */
    struct counts *counts;         /* where the shard counts for the next epoch */
};

struct pairs {
    struct pairs_config config;
    struct table table;
    uint16_t *doorway; /* first names of pairs without a record */
    uint64_t services; /* tunnels not told because many clients use the domain alike */
    struct tunnel_measure measure;
};

/* Reserves some 270 bytes for each of records_max pairs and 3 MiB. False without memory. */
bool pairs_init(struct pairs *pairs, const struct pairs_config *config);
void pairs_done(struct pairs *pairs);

/* Appends what it knows to an image; reads it into a fresh one, false when it does not fit. */
void pairs_save(const struct pairs *pairs, struct buf *buf);
bool pairs_load(struct pairs *pairs, struct image *image);

/* Counts one transaction. Returns what is known of its pair once that is a tunnel, else NULL; valid
 * until the next call. */
const struct tunnel_measure *pairs_count(struct pairs *pairs, const struct transaction *transaction,
                                         const struct enrichment *enrichment);

/* Starts loading the record of a client and a registrable domain, by their hashes with this
 * process's seed, in two steps some look-ups apart (table.h). */
static inline uint64_t pairs_key(uint64_t client_hash, uint64_t domain_hash)
{
    return hash_mix(domain_hash ^ HASH_FIXED_SEED, client_hash);
}

static inline void pairs_prefetch(const struct pairs *pairs, uint64_t key)
{
    table_prefetch(&pairs->table, key);
}

/* Starts loading what decides whether a pair without a record gets one; domain and client are known
 * by their hashes with HASH_FIXED_SEED. */
void pairs_prefetch_doorway(const struct pairs *pairs, uint64_t domain_fixed,
                            uint64_t client_fixed);

static inline void pairs_prefetch_record(const struct pairs *pairs, uint64_t key)
{
    table_prefetch_entry(&pairs->table, key, pairs->table.entry_bytes);
}
