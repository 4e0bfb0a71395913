/* tally.c - how often, since when and by how many clients something was asked for
 * SPDX-License-Identifier: Apache-2.0 */
#include "meter/tally.h"

#include "base/hash.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum {
    REGISTER_BITS = 5,
    SKETCHED = 0xff, /* client_count of a tally that went over to registers */
};
static_assert(1 << REGISTER_BITS == TALLY_REGISTERS,
              "a register is chosen by the hash's first bits");

uint32_t tally_client(const struct addr *client)
{
    return tally_client_hashed(hash_bytes(client->bytes, 16, HASH_FIXED_SEED));
}

static bool register_raise(struct tally *tally, uint32_t hash)
{
    uint8_t *reg = &tally->clients.registers[hash >> (32 - REGISTER_BITS)];
    uint32_t rest = hash << REGISTER_BITS | 1u << (REGISTER_BITS - 1);
    uint8_t rank = (uint8_t)(__builtin_clz(rest) + 1);
    if (rank <= *reg)
        return false;
    *reg = rank;
    return true;
}

/* The exact set is full: its members move into registers. Seldom, and kept apart from what is done
 * for each transaction. */
static __attribute__((noinline)) void tally_sketch(struct tally *tally)
{
    uint32_t exact[TALLY_CLIENTS_EXACT];
    unsigned count = tally->client_count;
    memcpy(exact, tally->clients.exact, sizeof(exact));
    memset(&tally->clients, 0, sizeof(tally->clients));
    tally->client_count = SKETCHED;
    for (unsigned i = 0; i < count; i++)
        register_raise(tally, exact[i]);
}

/* Puts a client into the exact set; false when there is no room for it. */
static bool exact_add(struct tally *tally, uint32_t hash)
{
    uint32_t *exact = tally->clients.exact;
    unsigned at = 0, count = tally->client_count;
    while (at < count && exact[at] < hash)
        at++;
    if (at < count && exact[at] == hash)
        return true;
    if (count == TALLY_CLIENTS_EXACT)
        return false;
    memmove(exact + at + 1, exact + at, (count - at) * sizeof(*exact));
    exact[at] = hash;
    tally->client_count++;
    return true;
}

/* Returns whether that makes another set of clients. */
static bool client_add(struct tally *tally, uint32_t hash)
{
    unsigned count = tally->client_count;
    if (count != SKETCHED && exact_add(tally, hash))
        return tally->client_count != count;
    if (count != SKETCHED)
        tally_sketch(tally);
    return register_raise(tally, hash) || count != SKETCHED;
}

static bool is_empty(const struct tally *tally)
{
    return tally->client_count == 0;
}

void tally_add(struct tally *tally, uint32_t client, int64_t time_ns)
{
    if (is_empty(tally) || time_ns < tally->first_ns)
        tally->first_ns = time_ns;
    if (is_empty(tally) || time_ns > tally->last_ns)
        tally->last_ns = time_ns;
    tally->queries += tally->queries < UINT32_MAX;
    client_add(tally, client);
}

static bool registers_merge(struct tally *tally, const struct tally *from)
{
    bool changed = tally->client_count != SKETCHED;
    if (changed)
        tally_sketch(tally);
    for (unsigned i = 0; i < TALLY_REGISTERS; i++) {
        if (tally->clients.registers[i] >= from->clients.registers[i])
            continue;
        tally->clients.registers[i] = from->clients.registers[i];
        changed = true;
    }
    return changed;
}

static bool clients_merge(struct tally *tally, const struct tally *from)
{
    bool changed = false;
    if (from->client_count == SKETCHED)
        return registers_merge(tally, from);
    for (unsigned i = 0; i < from->client_count; i++)
        changed |= client_add(tally, from->clients.exact[i]);
    return changed;
}

bool tally_merge(struct tally *tally, const struct tally *from)
{
    if (is_empty(from))
        return false;
    if (is_empty(tally)) {
        *tally = *from;
        return true;
    }
    if (from->first_ns < tally->first_ns)
        tally->first_ns = from->first_ns;
    if (from->last_ns > tally->last_ns)
        tally->last_ns = from->last_ns;
    uint32_t room = UINT32_MAX - tally->queries;
    tally->queries += from->queries < room ? from->queries : room;
    return clients_merge(tally, from);
}

static uint64_t registers_estimate(const uint8_t registers[TALLY_REGISTERS])
{
    uint64_t sum = 0; /* of 2^-register, in units of 2^-32 */
    unsigned zeros = 0;
    for (unsigned i = 0; i < TALLY_REGISTERS; i++) {
        sum += 1ull << 32 >> registers[i];
        zeros += registers[i] == 0;
    }
    double raw = 0.697 * TALLY_REGISTERS * TALLY_REGISTERS * (double)(1ull << 32) / (double)sum;
    if (raw <= 2.5 * TALLY_REGISTERS && zeros > 0)
        raw = TALLY_REGISTERS * log((double)TALLY_REGISTERS / zeros);
    uint64_t estimate = (uint64_t)(raw + 0.5);
    return estimate > TALLY_CLIENTS_EXACT ? estimate : TALLY_CLIENTS_EXACT + 1;
}

uint64_t tally_clients(const struct tally *tally)
{
    return tally->client_count == SKETCHED ? registers_estimate(tally->clients.registers)
                                           : tally->client_count;
}
