/* benign.h - what ordinary clients ask for
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "lookup.h"

/* One complete look-up around made-up host `host` (names.h): mostly its addresses, sometimes
 * through aliases, and now and then mail, text, reverse and service records, or a name that is not
 * there. */
void benign_lookup(struct lookup *lookup, struct prng *prng, uint32_t host);
