/* signature.c - a message matches a loaded signature rule
 * SPDX-License-Identifier: Apache-2.0
 *
 * The rules have been matched and their thresholds counted; what is left is to say so. One rule and
 * one client are one story, whatever the names: a rule may be about a whole family of them. */
#include "base/hash.h"

#include <dnsvigil/detector.h>
#include <dnsvigil/signature.h>

DETECTOR_FUNCTION(SIGNATURE, signature)
{
    (void)transaction;
    const struct signature_measure *measure = enrichment->signature;
    if (!measure)
        return false;
    finding->reason =
        measure->told[0].response ? REASON_SIGNATURE_RESPONSE : REASON_SIGNATURE_QUERY;
    finding->confidence = measure->confidence;
    finding->severity = measure->severity;
    finding->story =
        hash_mix(((uint64_t)measure->gid << 32 | measure->sid) ^ hash_seed, HASH_FIXED_SEED) | 1;
    return true;
}
