/* allowance.c - how many more domains an entity may be blamed for today
 * SPDX-License-Identifier: Apache-2.0 */
#include "meter/allowance.h"

#include "base/clock.h"
#include "base/hash.h"

enum { DAY_S = 24 * 60 * 60 };

struct taken {
    uint32_t day;
    uint32_t count;
    uint64_t domains[ALLOWANCE_DOMAINS_MAX];
};

bool allowance_init(struct allowance *allowance, size_t entities_max)
{
    return table_init(&allowance->table, entities_max, sizeof(struct taken),
                      offsetof(struct taken, domains));
}

void allowance_done(struct allowance *allowance)
{
    table_done(&allowance->table);
}

bool allowance_take(struct allowance *allowance, const struct addr *entity, uint64_t domain_hash,
                    int64_t time_ns)
{
    bool new;
    uint32_t now_s = (uint32_t)(time_ns / NS_PER_S);
    struct taken *taken =
        table_touch(&allowance->table, hash_bytes(entity->bytes, 16, hash_seed), now_s, &new);
    if (taken->day < now_s / DAY_S)
        *taken = (struct taken){.day = now_s / DAY_S};
    for (unsigned i = 0; i < taken->count; i++)
        if (taken->domains[i] == domain_hash)
            return true;
    if (taken->count == ALLOWANCE_DOMAINS_MAX)
        return false;
    taken->domains[taken->count++] = domain_hash;
    return true;
}
