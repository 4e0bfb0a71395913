/* lookalike.h - finds what in a name looks like a brand that it does not belong to
 * SPDX-License-Identifier: Apache-2.0
 *
 * Says how a name looks, not what it is for: fan sites and resellers borrow names, too. Detectors
 * ask for further signs. */
#pragma once

#include "enrich/brands.h"
#include "enrich/known.h"

#include <dnsvigil/detector.h>
#include <dnsvigil/lookalike.h>

/* The strongest likeness in the question, or false. The brand's own domains are like nobody. Pure,
 * some us and for A-labels an allocation: ask only about names that nobody knows, and keep it that
 * there was nothing (known.h). */
bool lookalike_find(const struct brands *brands, const struct dns_name *name,
                    const struct enrichment *enrichment, struct lookalike *ret);

/* The same where it is not known that there is nothing, and only where a likeness would count: not
 * for names that are popular, allowed or without a registrable domain. Returns `room` filled, or
 * NULL. */
const struct lookalike *lookalike_look(struct known_names *known, const struct brands *brands,
                                       const struct dns_name *name,
                                       const struct enrichment *enrichment, struct lookalike *room);
