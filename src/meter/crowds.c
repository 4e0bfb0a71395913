/* crowds.c - how many clients lately carried information under a domain: a service, or one machine
 * SPDX-License-Identifier: Apache-2.0 */
#include "meter/crowds.h"

#include "base/clock.h"
#include "base/hash.h"
#include "meter/tally.h"

#include <string.h>

#define DAY_NS (86400 * NS_PER_S)

enum { MEMBERS_MAX = 6 };

struct member {
    int32_t day; /* it last came on */
    uint32_t client;
};

/* The clients that came last, in the order of the day and then of their hash, latest first. Those
 * of a union are the same however it was made. */
struct crowd {
    int64_t first_ns;
    uint8_t count;
    struct member members[MEMBERS_MAX];
};

bool crowds_init(struct crowds *crowds, size_t records_max)
{
    return table_init(&crowds->table, records_max, sizeof(struct crowd));
}

void crowds_done(struct crowds *crowds)
{
    table_done(&crowds->table);
}

bool crowd_notes_init(struct crowd_notes *notes, uint32_t domains_max)
{
    *notes = (struct crowd_notes){0};
    return gather_init(&notes->gather, domains_max, sizeof(struct crowd));
}

void crowd_notes_done(struct crowd_notes *notes)
{
    gather_done(&notes->gather);
}

static bool goes_before(const struct member *a, const struct member *b)
{
    return a->day != b->day ? a->day > b->day : a->client > b->client;
}

/* Takes the client's older entry out, if there is one. False when it has a later one. */
static bool member_remove(struct crowd *crowd, const struct member *member)
{
    for (unsigned i = 0; i < crowd->count; i++) {
        if (crowd->members[i].client != member->client)
            continue;
        if (crowd->members[i].day >= member->day)
            return false;
        crowd->count--;
        memmove(&crowd->members[i], &crowd->members[i + 1],
                (crowd->count - i) * sizeof(*crowd->members));
        break;
    }
    return true;
}

static void member_add(struct crowd *crowd, struct member member)
{
    unsigned at = 0;
    if (!member_remove(crowd, &member))
        return;
    while (at < crowd->count && goes_before(&crowd->members[at], &member))
        at++;
    if (at == MEMBERS_MAX)
        return;
    crowd->count += crowd->count < MEMBERS_MAX;
    memmove(&crowd->members[at + 1], &crowd->members[at],
            (crowd->count - 1 - at) * sizeof(*crowd->members));
    crowd->members[at] = member;
}

static void crowd_merge(struct crowd *crowd, const struct crowd *from)
{
    if (crowd->count == 0 || from->first_ns < crowd->first_ns)
        crowd->first_ns = from->first_ns;
    for (unsigned i = 0; i < from->count; i++)
        member_add(crowd, from->members[i]);
}

void crowds_note(struct crowd_notes *notes, uint64_t domain_hash, const struct addr *client,
                 int64_t time_ns)
{
    bool new;
    struct crowd *crowd = gather_touch(&notes->gather, domain_hash, &new);
    const struct crowd note = {
        .first_ns = time_ns,
        .count = 1,
        .members = {{(int32_t)(time_ns / DAY_NS), tally_client(client)}},
    };
    if (crowd)
        crowd_merge(crowd, &note);
    else
        notes->lost++;
}

void crowds_merge(struct crowds *crowds, struct crowd_notes *const notes[], unsigned count,
                  struct gathered *order)
{
    struct gather *gathers[GATHERS_MAX] = {0};
    for (unsigned i = 0; i < count; i++)
        gathers[i] = &notes[i]->gather;
    size_t all = gather_sorted(gathers, count, order);
    for (size_t i = 0; i < all;) {
        bool new;
        uint64_t key = order[i].key;
        struct crowd sum = {0};
        for (; i < all && order[i].key == key; i++)
            crowd_merge(&sum, order[i].entry);
        int64_t stamp_s = sum.members[0].day * (DAY_NS / NS_PER_S);
        crowd_merge(table_touch(&crowds->table, key, (uint32_t)stamp_s, &new), &sum);
    }
    for (unsigned i = 0; i < count; i++)
        gather_clear(gathers[i]);
}

bool crowds_is_service(const struct crowds *crowds, uint64_t domain_hash, int64_t time_ns)
{
    const struct crowd *crowd = table_find(&crowds->table, domain_hash);
    if (!crowd || time_ns - crowd->first_ns < CROWD_DAYS * DAY_NS)
        return false;
    unsigned lately = 0;
    for (unsigned i = 0; i < crowd->count; i++)
        lately += time_ns / DAY_NS - crowd->members[i].day <= CROWD_DAYS;
    return lately >= CROWD_CLIENTS;
}

void crowds_save(const struct crowds *crowds, struct buf *buf)
{
    table_save(&crowds->table, "crowds", buf);
}

bool crowds_load(struct crowds *crowds, struct image *image)
{
    return table_load(&crowds->table, "crowds", image);
}
