/* vitals.h - how the running program fares: what metrics, health and the stats line tell
 * SPDX-License-Identifier: Apache-2.0
 *
 * A value, filled anew each time somebody asks. No client and no name of the traffic is in it.
 * Times are by the clock, since 1970; 0 for what has not happened yet. */
#pragma once

#include "base/buf.h"

#include <dnsvigil/metrics.h>

#include <stdbool.h>
#include <stdint.h>

struct vitals {
    int64_t now_ns;
    int64_t started_ns;
    int64_t loaded_ns;  /* when configuration and lists were last taken over */
    int64_t stored_ns;  /* when the store last took something */
    int64_t kept_ns;    /* when the meters were last written to disk */
    int64_t probed_ns;  /* when a probe last came through all threads that judge traffic */
    bool store_failing; /* the last thing the store was given, it did not take */
    bool reload_failed; /* the last reload was refused */
    unsigned shards;
    unsigned sandbox_level;
    uint64_t indicators; /* entries of all lists */
    uint64_t rules;
    uint64_t reloads;
    uint64_t reloads_refused;
    struct metrics metrics; /* of all threads */
    unsigned sources;
    unsigned sources_broken; /* of these, those that can be read no more */
};

/* A probe is sent every second; when none has come back for so long, some thread stands still. */
enum { VITALS_PROBE_MAX_S = 5 };

/* Whether alerts would come: sources are open, lists are there, the store takes them, and no
 * thread stands still. Otherwise appends a line for each reason. */
bool vitals_is_ready(const struct vitals *vitals, struct buf *reasons);

/* Appends everything in Prometheus's text format 0.0.4. */
void vitals_metrics(const struct vitals *vitals, struct buf *buf);

/* Appends one line of JSON: the counters that are not 0, by name. */
void vitals_line(const struct vitals *vitals, struct buf *buf);
