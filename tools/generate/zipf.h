/* zipf.h - draws ranks by Zipf's law: rank r (from 0) comes up in proportion to 1/(r + 1)
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "prng.h"

/* A rank below `ranks`, which is 1 to 2^31. Whole numbers only, so that the same seed gives the
 * same ranks on every machine; no table, so that any number of ranks costs the same. */
uint32_t zipf_draw(struct prng *prng, uint32_t ranks);
