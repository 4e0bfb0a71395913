/* marks.c - marks that are put on somebody and looked for later
 * SPDX-License-Identifier: Apache-2.0 */
#include "meter/marks.h"

#include "base/clock.h"

struct mark {
    int64_t until_ns; /* 0: taken away */
};

bool marks_init(struct marks *marks, size_t keys_max)
{
    return table_init(&marks->table, keys_max, sizeof(struct mark));
}

void marks_done(struct marks *marks)
{
    table_done(&marks->table);
}

bool marks_test(const struct marks *marks, uint64_t key, int64_t time_ns)
{
    const struct mark *mark = table_find(&marks->table, key);
    return mark && time_ns < mark->until_ns;
}

void marks_set(struct marks *marks, uint64_t key, uint32_t seconds, int64_t time_ns)
{
    bool new;
    struct mark *mark = table_touch(&marks->table, key, (uint32_t)(time_ns / NS_PER_S), &new);
    mark->until_ns = seconds ? time_ns + (int64_t)seconds * NS_PER_S : INT64_MAX;
}

void marks_clear(struct marks *marks, uint64_t key)
{
    struct mark *mark = table_find(&marks->table, key);
    if (mark)
        mark->until_ns = 0;
}
