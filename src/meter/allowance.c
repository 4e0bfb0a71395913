/* allowance.c - how many unknown domains an entity reaches, and how many of them may be told today
 * SPDX-License-Identifier: Apache-2.0 */
#include "meter/allowance.h"

#include "base/clock.h"
#include "base/hash.h"
#include "meter/seen.h"

#include <math.h>

enum { DAY_S = 24 * 60 * 60 };
static const float fade_s = 60 * 60;

struct record {
    int64_t met_ns;
    float met; /* unknown domains, as of met_ns */
    uint32_t day;
    struct seen seen; /* unknown domains */
    uint32_t taken_count;
    uint32_t more;
    uint64_t taken[ALLOWANCE_DOMAINS_MAX];
    struct seen beyond; /* domains that are counted in `more` */
};
static_assert(sizeof(struct record) == 456 && offsetof(struct record, taken_count) == 148,
              "as the header says");

bool allowance_init(struct allowance *allowance, size_t entities_max)
{
    return table_init(&allowance->table, entities_max, sizeof(struct record));
}

void allowance_done(struct allowance *allowance)
{
    table_done(&allowance->table);
}

uint32_t allowance_day(int64_t time_ns)
{
    return (uint32_t)(time_ns / NS_PER_S / DAY_S);
}

static struct record *record_of(struct allowance *allowance, uint64_t entity, int64_t time_ns)
{
    bool new;
    return table_touch(&allowance->table, entity, (uint32_t)(time_ns / NS_PER_S),
                       &new);
}

float allowance_meet(struct allowance *allowance, uint64_t entity, uint64_t domain,
                     bool counts, int64_t time_ns)
{
    struct record *record = record_of(allowance, entity, time_ns);
    if (time_ns > record->met_ns) {
        record->met *= expf(-(float)(time_ns - record->met_ns) / (float)NS_PER_S / fade_s);
        record->met_ns = time_ns;
    }
    if (counts)
        record->met += seen_add(&record->seen, domain);
    return fmaxf(record->met, 1);
}

static void day_begin(struct record *record, uint32_t day)
{
    record->day = day;
    record->taken_count = record->more = 0;
    record->beyond = (struct seen){0};
}

uint32_t allowance_take(struct allowance *allowance, uint64_t entity, uint64_t domain,
                        int64_t time_ns)
{
    struct record *record = record_of(allowance, entity, time_ns);
    if (record->day < allowance_day(time_ns))
        day_begin(record, allowance_day(time_ns));
    for (unsigned i = 0; i < record->taken_count; i++)
        if (record->taken[i] == domain)
            return 0;
    if (record->taken_count < ALLOWANCE_DOMAINS_MAX) {
        record->taken[record->taken_count++] = domain;
        return 0;
    }
    record->more += seen_add(&record->beyond, domain);
    return record->more;
}

void allowance_save(const struct allowance *allowance, struct buf *buf)
{
    table_save(&allowance->table, "allow", buf);
}

bool allowance_load(struct allowance *allowance, struct image *image)
{
    return table_load(&allowance->table, "allow", image);
}
