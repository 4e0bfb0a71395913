/* allowance.c - how many unknown domains an entity reaches, and how many of them may be told today
 * SPDX-License-Identifier: Apache-2.0 */
#include "meter/allowance.h"

#include "base/clock.h"
#include "meter/seen.h"

#include <assert.h>
#include <math.h>

enum { DAY_S = 24 * 60 * 60 };
static const float fade_s = 60 * 60;

/* What an entity reaches. */
struct meeting {
    int64_t met_ns;
    float met;        /* unknown domains, as of met_ns */
    struct seen seen; /* unknown domains */
};

/* What of it may be told: of the few entities of which anything is. */
struct ration {
    uint32_t day;
    uint32_t taken_count;
    uint32_t more;
    struct seen beyond; /* domains that are counted in `more` */
    uint64_t taken[ALLOWANCE_DOMAINS_MAX];
};
static_assert(sizeof(struct meeting) == 144 && sizeof(struct ration) == 304, "as the header says");

bool allowance_init(struct allowance *allowance, uint32_t entities_max)
{
    enum { TOLD_SHARE = 8 };
    uint32_t told_max = (entities_max + TOLD_SHARE - 1) / TOLD_SHARE;
    *allowance = (struct allowance){0};
    if (roster_init(&allowance->meetings, entities_max, sizeof(struct meeting)) &&
        roster_init(&allowance->rations, told_max, sizeof(struct ration)))
        return true;
    allowance_done(allowance);
    return false;
}

void allowance_done(struct allowance *allowance)
{
    roster_done(&allowance->meetings);
    roster_done(&allowance->rations);
}

uint32_t allowance_day(int64_t time_ns)
{
    return (uint32_t)(time_ns / NS_PER_S / DAY_S);
}

float allowance_meet(struct allowance *allowance, uint64_t entity, uint64_t domain, bool counts,
                     int64_t time_ns)
{
    bool new;
    struct meeting *meeting = roster_touch(&allowance->meetings, entity, &new);
    if (time_ns > meeting->met_ns) {
        meeting->met *= expf(-(float)(time_ns - meeting->met_ns) / (float)NS_PER_S / fade_s);
        meeting->met_ns = time_ns;
    }
    if (counts)
        meeting->met += seen_add(&meeting->seen, domain);
    return fmaxf(meeting->met, 1);
}

static void day_begin(struct ration *ration, uint32_t day)
{
    ration->day = day;
    ration->taken_count = ration->more = 0;
    ration->beyond = (struct seen){0};
}

uint32_t allowance_take(struct allowance *allowance, uint64_t entity, uint64_t domain,
                        int64_t time_ns)
{
    bool new;
    struct ration *ration = roster_touch(&allowance->rations, entity, &new);
    if (ration->day < allowance_day(time_ns))
        day_begin(ration, allowance_day(time_ns));
    for (unsigned i = 0; i < ration->taken_count; i++)
        if (ration->taken[i] == domain)
            return 0;
    if (ration->taken_count < ALLOWANCE_DOMAINS_MAX) {
        ration->taken[ration->taken_count++] = domain;
        return 0;
    }
    ration->more += seen_add(&ration->beyond, domain);
    return ration->more;
}

void allowance_save(const struct allowance *allowance, struct buf *buf)
{
    roster_save(&allowance->meetings, "meeting", buf);
    roster_save(&allowance->rations, "ration", buf);
}

bool allowance_load(struct allowance *allowance, struct image *image)
{
    return roster_load(&allowance->meetings, "meeting", image) &&
           roster_load(&allowance->rations, "ration", image);
}
