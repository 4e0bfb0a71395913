/* difference.h - what changed between two compiled forms of one list
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "intel/compiled.h"

struct difference {
    uint32_t added;
    uint32_t removed;
};

/* Counts entries (name or block, and how far it reaches) that are in one and not in the other;
 * `before` may be NULL. False without memory. */
bool difference_of(const struct compiled *before, const struct compiled *after,
                   struct difference *ret_difference);
