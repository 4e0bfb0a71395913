/* latency.h - how long after its event an alert was stored, counted by length
 * SPDX-License-Identifier: Apache-2.0
 *
 * One thread notes, any may read. */
#pragma once

#include "api/vitals.h"

#include <stdatomic.h>

struct latency {
    _Atomic uint64_t counts[VITALS_LATENCIES];
    _Atomic int64_t sum_ns;
};

/* Less than nothing, and more than an hour, tells of clocks or of old logs, and is not counted. */
void latency_note(struct latency *latency, int64_t ns);
void latency_read(const struct latency *latency, struct vitals_latency *ret);
