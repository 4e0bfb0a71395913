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

enum {
    VITALS_FEEDS_MAX = 96,
    VITALS_SOURCES_MAX = 64,
    VITALS_SHARDS_MAX = 16,
    VITALS_LATE_MAX = 8,
    VITALS_EXPORTS_MAX = 64,
    VITALS_LATENCIES = 10,
    VITALS_NAME_MAX = 96,
    VITALS_REFUSALS_MAX = 512,
};

/* Up to which length each but the last of a struct vitals_latency counts; the last one counts what
 * is longer. */
extern const int64_t vitals_latency_limits_ns[VITALS_LATENCIES - 1];

struct vitals_latency {
    uint64_t counts[VITALS_LATENCIES];
    int64_t sum_ns;
};

struct vitals_source {
    const char *name;
    bool broken; /* it can be read no more */
    struct metrics metrics;
};

struct vitals_feed {
    char name[VITALS_NAME_MAX];
    uint64_t entries;
    int64_t fetched_ns; /* when it was known to be the newest; 0: unknown */
    uint64_t refused;
    char refusals[VITALS_REFUSALS_MAX]; /* the first lines it refused, and why */
};

/* An export: changes = taken + skipped + dead + pending. */
struct vitals_export {
    char name[VITALS_NAME_MAX];
    bool failing;       /* the last attempt took nothing */
    int64_t waiting_ns; /* time of the oldest change that its target does not have; 0: none */
    uint64_t changes, taken, skipped, expired, dead, pending, retries;
    uint64_t dead_now; /* records that are put aside */
    uint64_t job_taken;
};

/* A thread that has not gone around its loop for too long. */
struct vitals_late {
    char name[VITALS_NAME_MAX];
    int64_t since_ns;
};

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
    unsigned source_count;
    struct vitals_source sources[VITALS_SOURCES_MAX];
    unsigned feed_count;
    struct vitals_feed feeds[VITALS_FEEDS_MAX];
    unsigned export_count;
    struct vitals_export exports[VITALS_EXPORTS_MAX];
    unsigned threads;
    unsigned late_count;
    struct vitals_late late[VITALS_LATE_MAX]; /* the first of those that stand still */
    int64_t canary_sent_ns;                   /* when the one that is under way was sent; 0: none */
    int64_t canary_came_ns;                   /* when one last came back as an alert */
    int64_t canary_travelled_ns;              /* how long it took to */
    struct vitals_latency latency;            /* from event to store, of what came as it happened */
    uint64_t store_bytes, wal_bytes;
    unsigned ring_depths[VITALS_SHARDS_MAX]; /* batches that wait for each shard */
    unsigned outbox_depth;                   /* alerts and calls that wait for the writer */
};

/* A probe is sent every second; when none has come back for so long, some thread stands still. */
enum { VITALS_PROBE_MAX_S = 5, VITALS_BEAT_MAX_S = 4, VITALS_CANARY_MAX_S = 30 };

/* Fills in the threads that stand still. */
void vitals_threads_look(struct vitals *vitals);

/* Whether all threads live: each goes around its loop, and probes come through them together,
 * unless the store holds them up. Otherwise appends a line for each reason; `reasons` may be NULL.
 */
bool vitals_is_alive(const struct vitals *vitals, struct buf *reasons);

/* Whether alerts would come: sources are open, lists are there, the store takes them, the canary
 * comes back, and no thread stands still. Otherwise appends a line for each reason. */
bool vitals_is_ready(const struct vitals *vitals, struct buf *reasons);

/* Appends everything in Prometheus's text format 0.0.4. */
void vitals_metrics(const struct vitals *vitals, struct buf *buf);

/* Appends one line of JSON: the counters that are not 0, by name. */
void vitals_line(const struct vitals *vitals, struct buf *buf);
