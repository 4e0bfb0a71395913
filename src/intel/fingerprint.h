/* fingerprint.h - 64-bit names for indicators, by which two snapshots can be compared
 * SPDX-License-Identifier: Apache-2.0
 *
 * A fingerprint covers what decides whether an alert is raised: the name or address block, how far
 * it reaches, its category and its confidence; not its feed. Two snapshots give equal indicators
 * equal fingerprints when the seed is the same. Allow and popular entries, which accuse nobody,
 * have none. Reads a snapshot only: any thread. */
#pragma once

#include "intel/intel.h"

/* All fingerprints of the snapshot, unordered and perhaps repeated; returns how many, at most
 * intel_count(), for which `ret` must have room. */
size_t intel_fingerprints(const struct intel *intel, uint64_t seed, uint64_t *ret);

/* That of the indicator behind a hit of this snapshot. */
uint64_t intel_fingerprint(const struct intel *intel, const struct indicator_hit *hit,
                           uint64_t seed);
