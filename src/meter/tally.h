/* tally.h - how often, since when and by how many clients something was asked for
 * SPDX-License-Identifier: Apache-2.0
 *
 * Tallies merge: whichever way the same transactions are split over several of them, and in
 * whichever order those are merged, the result is the same, bit for bit. The number of clients is
 * exact up to 8 and a 32-register HyperLogLog estimate (Flajolet et al. 2007, standard error about
 * 18 %) above; it depends only on the set of clients. */
#pragma once

#include "base/addr.h"

#include <stdbool.h>

enum { TALLY_CLIENTS_EXACT = 8, TALLY_REGISTERS = 32 };

/* Empty when zeroed. */
struct tally {
    int64_t first_ns;
    int64_t last_ns;
    uint32_t queries;     /* stays at the largest number there is */
    uint8_t client_count; /* how many of exact[] are in use, or that registers are */
    union {
        uint32_t exact[TALLY_CLIENTS_EXACT]; /* hashes in ascending order */
        uint8_t registers[TALLY_REGISTERS];
    } clients;
};

/* Counts one transaction of `client`, by its tally_client(). */
void tally_add(struct tally *tally, uint32_t client, int64_t time_ns);

/* Adds all that `from` has counted. Returns whether it knew of clients that were new here. */
bool tally_merge(struct tally *tally, const struct tally *from);

/* Distinct clients so far. */
uint64_t tally_clients(const struct tally *tally);

/* How a client is known: by its hash with HASH_FIXED_SEED. */
static inline uint32_t tally_client_hashed(uint64_t fixed_hash)
{
    return (uint32_t)(fixed_hash >> 32);
}

uint32_t tally_client(const struct addr *client);
