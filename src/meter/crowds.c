/* crowds.c - how many clients lately carried information under a domain: a service, or one machine
 * SPDX-License-Identifier: Apache-2.0 */
#include "meter/crowds.h"

#include "base/clock.h"
#include "base/hash.h"

#define DAY_NS (86400 * NS_PER_S)

enum { MEMBERS_MAX = 6 };

/* The clients that came last, each with the day it last came on. */
struct crowd {
    int64_t first_ns;
    uint32_t members[MEMBERS_MAX];
    int32_t days[MEMBERS_MAX];
    uint8_t count;
};

bool crowds_init(struct crowds *crowds, size_t records_max)
{
    return table_init(&crowds->table, records_max, sizeof(struct crowd), sizeof(struct crowd));
}

void crowds_done(struct crowds *crowds)
{
    table_done(&crowds->table);
}

/* The client's own place, a free one, or that of the one away for longest. */
static unsigned place_of(const struct crowd *crowd, uint32_t client)
{
    unsigned oldest = 0;
    for (unsigned i = 0; i < crowd->count; i++) {
        if (crowd->members[i] == client)
            return i;
        if (crowd->days[i] < crowd->days[oldest])
            oldest = i;
    }
    return crowd->count < MEMBERS_MAX ? crowd->count : oldest;
}

void crowds_note(struct crowds *crowds, uint64_t domain_hash, const struct addr *client,
                 int64_t time_ns)
{
    bool new;
    struct crowd *crowd =
        table_touch(&crowds->table, domain_hash, (uint32_t)(time_ns / NS_PER_S), &new);
    if (new)
        crowd->first_ns = time_ns;
    uint32_t hash = (uint32_t)(hash_bytes(client->bytes, 16, HASH_FIXED_SEED) >> 32);
    unsigned place = place_of(crowd, hash);
    crowd->count += place == crowd->count;
    crowd->members[place] = hash;
    crowd->days[place] = (int32_t)(time_ns / DAY_NS);
}

bool crowds_is_service(const struct crowds *crowds, uint64_t domain_hash, int64_t time_ns)
{
    const struct crowd *crowd = table_find(&crowds->table, domain_hash);
    if (!crowd || time_ns - crowd->first_ns < CROWD_DAYS * DAY_NS)
        return false;
    unsigned lately = 0;
    for (unsigned i = 0; i < crowd->count; i++)
        lately += time_ns / DAY_NS - crowd->days[i] <= CROWD_DAYS;
    return lately >= CROWD_CLIENTS;
}
