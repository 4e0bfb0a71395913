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

enum { VITALS_SOURCES_MAX = 64, VITALS_FEEDS_MAX = 65, VITALS_THREADS_MAX = 96 };

struct vitals_source {
    const char *name; /* as configured */
    bool open;
};

struct vitals_feed {
    const char *name;
    int64_t fetched_ns;
};

struct vitals_thread {
    const char *name;
    bool stalled;
};

struct vitals {
    int64_t now_ns;
    int64_t started_ns;
    int64_t loaded_ns;  /* when configuration and lists were last taken over */
    int64_t stored_ns;  /* when the store last took something */
    int64_t kept_ns;    /* when the meters were last written to disk */
    int64_t canary_ns;  /* when the canary last came through the whole path */
    bool store_failing; /* the last thing the store was given, it did not take */
    bool reload_failed; /* the last reload was refused */
    unsigned shards;
    unsigned sandbox_level;
    uint64_t indicators; /* entries of all lists */
    uint64_t rules;
    uint64_t reloads;
    uint64_t reloads_refused;
    struct metrics metrics; /* of all threads */
    unsigned source_count;
    struct vitals_source sources[VITALS_SOURCES_MAX];
    unsigned feed_count;
    struct vitals_feed feeds[VITALS_FEEDS_MAX];
    unsigned thread_count;
    struct vitals_thread threads[VITALS_THREADS_MAX];
};

/* A canary is sent every minute; two missed ones, and something on the way is broken. */
enum { VITALS_CANARY_S = 60, VITALS_CANARY_MAX_S = 150 };

/* Whether alerts would come: sources are open, lists are there, the store takes them, the canary
 * comes through and no thread stands still. Otherwise appends a line for each reason. */
bool vitals_is_ready(const struct vitals *vitals, struct buf *reasons);

/* Appends everything in Prometheus's text format 0.0.4. */
void vitals_metrics(const struct vitals *vitals, struct buf *buf);

/* Appends one line of JSON: the counters that are not 0, by name. */
void vitals_line(const struct vitals *vitals, struct buf *buf);
