/* latency.c - how long after its event an alert was stored, counted by length
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/latency.h"

#include "base/clock.h"

void latency_note(struct latency *latency, int64_t ns)
{
    unsigned at = 0;
    if (ns < 0 || ns > 3600 * NS_PER_S)
        return;
    while (at < VITALS_LATENCIES - 1 && ns > vitals_latency_limits_ns[at])
        at++;
    atomic_fetch_add(&latency->counts[at], 1);
    atomic_fetch_add(&latency->sum_ns, ns);
}

void latency_read(const struct latency *latency, struct vitals_latency *ret)
{
    for (unsigned i = 0; i < VITALS_LATENCIES; i++)
        ret->counts[i] = atomic_load(&latency->counts[i]);
    ret->sum_ns = atomic_load(&latency->sum_ns);
}
