/* merge.h - turns findings into alerts: repeats of one story update its alert instead of raising
 * more
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * One story is (detector, entity, domain), or what the finding says it is. Its alert stays open
 * while repeats come within `window_ns` of the last one and until it is `reraise_ns` old; then it
 * is handed to the sink and forgotten. When `open_max` alerts are open the one untouched for
 * longest is handed over early. All times are event times, and ids depend on nothing else, so a
 * replay gives the same alerts.
 *
 * Owned by one shard. Memory is reserved at start, open_max times the size of an alert, and touched
 * only as alerts open. */
#pragma once

#include "base/image.h"

#include <dnsvigil/alert.h>
#include <dnsvigil/metrics.h>

struct merge_config {
    int64_t window_ns;
    int64_t reraise_ns;
    unsigned samples_max; /* at most ALERT_SAMPLES_MAX */
    unsigned open_max;
    const char *sensor; /* must live as long as the merger */
};

/* Takes an alert; it is valid during the call. `domain_hash` is the name hash of the domain the
 * alert is about, for look-ups in meters. */
typedef void (*merge_alert_fn)(void *arg, struct alert *alert, uint64_t domain_hash);

/* What the merger asks of its owner. The rooms it may not use (intel, decode) speak through these.
 */
struct merge_hooks {
    void *arg;

    /* Takes finished alerts. */
    merge_alert_fn sink;

    /* Describes the indicator a finding rests on. */
    void (*indicator)(void *arg, const struct transaction *transaction,
                      const struct indicator_hit *hit, struct alert_indicator *ret_indicator);

    /* Brings what the meters say (a tunnel's bytes, a burst's names) into the alert; called for
     * every finding, so that an open alert shows the latest. */
    void (*detail)(void *arg, const struct transaction *transaction,
                   const struct enrichment *enrichment, const struct finding *finding,
                   struct alert *alert);

    /* Describes a transaction as a sample. */
    void (*sample)(void *arg, const struct transaction *transaction,
                   struct alert_sample *ret_sample);
};

struct merger;

/* NULL without memory. `hooks` is copied. */
struct merger *merger_new(const struct merge_config *config, const struct merge_hooks *hooks,
                          struct metrics *metrics);
void merger_free(struct merger *merger);

/* Changes all of its configuration but open_max. */
void merger_settle(struct merger *merger, const struct merge_config *config);

/* Appends all open alerts to an image; opens them in a fresh merger, false when they do not fit. */
void merger_save(const struct merger *merger, struct buf *buf);
bool merger_load(struct merger *merger, struct image *image);

/* Opens an alert for the finding or merges it into the open one. */
void merger_add(struct merger *merger, const struct transaction *transaction,
                const struct enrichment *enrichment, const struct finding *finding);

/* Hands over all alerts whose window is over at `now_ns`. */
void merger_expire(struct merger *merger, int64_t now_ns);

/* Shows the open alerts that were not shown yet. Costs nothing where there are none. */
void merger_show_new(struct merger *merger, merge_alert_fn show, void *arg);

/* Shows the open alerts that have changed since they were shown, where that was `pause_ns` before
 * `now_ns` or longer ago. */
void merger_show_changed(struct merger *merger, int64_t now_ns, int64_t pause_ns,
                         merge_alert_fn show, void *arg);

/* Hands over all open alerts, oldest start first. */
void merger_finish(struct merger *merger);
