/* protocol_anomaly.c - traffic on a DNS port that is not what DNS software sends
 * SPDX-License-Identifier: Apache-2.0
 *
 * The meter has tested the messages and keeps the sums; what is left is to say so. One story is an
 * anomaly between a client and a server: software with a fault shows it under every domain. */
#include "base/hash.h"

#include <dnsvigil/anomaly.h>
#include <dnsvigil/detector.h>

static const uint8_t reasons[ANOMALY_COUNT] = {
#define ANOMALY(id, ...) [ANOMALY_##id] = REASON_ANOMALY_##id,
#include <dnsvigil/anomaly.def>
#undef ANOMALY
};

/* An event that needs others to mean something leaves more room for doubt. */
static const uint8_t confidences[ANOMALY_WEIGHT_COUNT] = {
    [ANOMALY_FAINT] = 55,
    [ANOMALY_LOW] = 55,
    [ANOMALY_MEDIUM] = 65,
    [ANOMALY_HIGH] = 85,
};

DETECTOR_FUNCTION(PROTOCOL_ANOMALY, protocol_anomaly)
{
    const struct anomaly_measure *measure = enrichment->anomaly;
    if (!measure || measure->sum < measure->threshold)
        return false;
    finding->reason = reasons[measure->anomaly];
    finding->confidence = confidences[anomaly_rows[measure->anomaly].weight];
    finding->story = hash_bytes(transaction->server.bytes, 16, hash_seed + finding->reason) | 1;
    finding->features[finding->feature_count++] =
        (struct feature){"anomaly_weight", measure->sum, measure->threshold, ""};
    if (anomaly_rows[measure->anomaly].weight == ANOMALY_FAINT) /* how many says more there */
        finding->features[finding->feature_count++] =
            (struct feature){"anomaly_events", measure->sum / measure->weight,
                             measure->threshold / measure->weight, ""};
    return true;
}
