/* random_domain.h - which domains are strangers: new, used, and nothing known that speaks for them
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <dnsvigil/detector.h>

/* Whether random_domain would tell the question's domain if only its name looked random enough. For
 * the meter that counts them: of many strangers some look random by chance. Pure; any thread. */
bool random_domain_is_stranger(const struct transaction *transaction,
                               const struct enrichment *enrichment);

/* Whether its name looks like most do. Only such strangers show how many a client meets: who asks
 * for one random name after another is not to be excused by their number. Pure; any thread. */
bool random_domain_looks_ordinary(const struct enrichment *enrichment);

/* Names are none of its business that look as random as more than this share of benign ones. A hash
 * need not look random letter by letter, but words can be spelled in hex, too. */
#define RANDOM_SHARE_MAX 0.03f
