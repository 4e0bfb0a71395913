/* profile.h - names that look suspicious and are known not to be
 * SPDX-License-Identifier: Apache-2.0
 *
 * Antivirus look-ups carry hashes in their labels, block lists are asked for addresses written
 * backwards, delivery networks draw host names at random. A profile names such a service by a
 * suffix, a label or a pattern, says what its names look like, and which detectors leave them
 * alone. A name under the suffix that looks different has no profile: whoever gets a foothold there
 * is not covered by the service's good name. */
#pragma once

#include <dnsvigil/detector.h>

enum profile_class {
    PROFILE_NONE,
#define PROFILE(id, slug, text) PROFILE_##id,
#include <dnsvigil/profiles.def>
#undef PROFILE
    PROFILE_CLASS_COUNT,
};
extern const char *const profile_names[PROFILE_CLASS_COUNT]; /* "" for none */

_Static_assert(DETECTOR_COUNT <= 16, "enrichment.exempt has a bit for each detector");

/* Whether the question's profile says that this detector has no business with it. A profile alone
 * says nothing: dyndns and hosting are signs against a name, not for it. */
static inline bool profile_exempts(const struct enrichment *enrichment, enum detector detector)
{
    return enrichment->exempt >> detector & 1;
}

/* Whether anybody may have a name under the question's suffix, so that it says nothing for it. */
static inline bool profile_is_open(const struct enrichment *enrichment)
{
    return enrichment->profile == PROFILE_DYNDNS || enrichment->profile == PROFILE_HOSTING;
}
