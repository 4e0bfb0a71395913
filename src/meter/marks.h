/* marks.h - marks that are put on somebody and looked for later
 * SPDX-License-Identifier: Apache-2.0
 *
 * The flowbits and xbits of signature rules. A key stands for a mark and who bears it. Fixed
 * memory, one thread, event time; what is forgotten for want of room is not marked. */
#pragma once

#include "base/table.h"

struct marks {
    struct table table;
};

/* Room for `keys_max` marks of 20 bytes with their index. False without memory. */
bool marks_init(struct marks *marks, size_t keys_max);
void marks_done(struct marks *marks);

/* Whether the mark is there at this time. */
bool marks_test(const struct marks *marks, uint64_t key, int64_t time_ns);

/* Puts it there for `seconds`, or with 0 for as long as there is room. */
void marks_set(struct marks *marks, uint64_t key, uint32_t seconds, int64_t time_ns);

void marks_clear(struct marks *marks, uint64_t key);
