/* balance.c - whether the counters of a finished shard add up
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/shard.h"

#include <errno.h>
#include <inttypes.h>

static uint64_t sum(const uint64_t *values, size_t count)
{
    uint64_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += values[i];
    return total;
}

bool metrics_balance(const struct metrics *metrics, struct error *error)
{
    const uint64_t *v = metrics->value;
    const struct {
        const char *what;
        uint64_t in;
        uint64_t out;
    } identities[] = {
        {"frames", v[METRIC_FRAMES_IN],
         v[METRIC_FRAMES_DNS] + v[METRIC_FRAMES_HELD] + sum(metrics->rejected, REJECT_COUNT)},
        {"messages decoded", v[METRIC_MESSAGES_IN],
         v[METRIC_MESSAGES_OK] + sum(metrics->malformed, MALFORMED_COUNT)},
        {"messages by direction", v[METRIC_MESSAGES_IN], v[METRIC_QUERIES] + v[METRIC_RESPONSES]},
        {"queries", v[METRIC_QUERIES],
         v[METRIC_TRANSACTIONS_PAIRED] + v[METRIC_TRANSACTIONS_QUERY_ONLY] +
             v[METRIC_QUERIES_REPEATED]},
        {"responses", v[METRIC_RESPONSES],
         v[METRIC_TRANSACTIONS_PAIRED] + v[METRIC_TRANSACTIONS_RESPONSE_ONLY] +
             v[METRIC_RESPONSES_DUPLICATE]},
        {"transactions", v[METRIC_TRANSACTIONS],
         v[METRIC_TRANSACTIONS_PAIRED] + v[METRIC_TRANSACTIONS_QUERY_ONLY] +
             v[METRIC_TRANSACTIONS_RESPONSE_ONLY]},
        {"findings", v[METRIC_FINDINGS],
         v[METRIC_FINDINGS_NEW] + v[METRIC_FINDINGS_MERGED] + v[METRIC_FINDINGS_SUPPRESSED]},
        {"alerts", v[METRIC_FINDINGS_NEW] + v[METRIC_ALERTS_RESUMED], v[METRIC_ALERTS]},
    };
    for (size_t i = 0; i < sizeof(identities) / sizeof(*identities); i++) {
        if (identities[i].in == identities[i].out)
            continue;
        error_set(error, -EPROTO, "%s do not add up: %" PRIu64 " in, %" PRIu64 " accounted for",
                  identities[i].what, identities[i].in, identities[i].out);
        return false;
    }
    return true;
}
