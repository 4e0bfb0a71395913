/* suggest.h - "did you mean …?" for a mistyped word
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

/* Keeps the known word closest to `typed`. Start with suggest_start(), show it every known word
 * with suggest_offer(); `best` is NULL when none is close enough to be a likely slip. */
struct suggestion {
    const char *typed;
    const char *best;
    unsigned distance;
};

struct suggestion suggest_start(const char *typed);
void suggest_offer(struct suggestion *suggestion, const char *known);
