/* suppressions.h - keeps the rules that dismiss alerts as they are stored, and counts their hits
 * SPDX-License-Identifier: Apache-2.0
 *
 * A new alert that an enabled rule matches is stored as dismissed, with the rule's reason and name;
 * of several rules the first by name has it. Whether a rule has expired is told by the clock when
 * the alert is stored, not by event time. Repeats of an alert are never dismissed again, so that
 * one which somebody has re-opened stays open. To change, disable or remove a rule changes nothing
 * about alerts it has dismissed. Names are the same in either case. Errors and threads are as in
 * store.h; every change has an entry in the audit trail under "suppression/<name>". */
#pragma once

#include "alert/suppression.h"
#include "store/store.h"

enum { SUPPRESSIONS_MAX = 1000 };

struct suppression_entry {
    const struct suppression *rule;
    int64_t created_ns;
    int64_t modified_ns;
    int64_t last_hit_ns; /* by the clock, 0: never */
    uint64_t hits;
};

/* Appends one object: the rule's keys with its state at `now_ns`, and what the store knows of it.
 */
void suppression_entry_to_json(const struct suppression_entry *entry, int64_t now_ns,
                               struct json *json);

enum suppressions_put { SUPPRESSIONS_ADD, SUPPRESSIONS_REPLACE };

/* Keeps the rule. -EEXIST: to be added, but there is one of this name. -EDQUOT: there are
 * SUPPRESSIONS_MAX. A rule that replaces one keeps its hits. */
int suppressions_put(struct store *store, const struct suppression *rule, enum suppressions_put how,
                     const char *actor, struct error *error);

/* -ENOENT: there is no such rule; the same below. */
int suppressions_enable(struct store *store, const char *name, bool enabled, const char *actor,
                        struct error *error);
int suppressions_remove(struct store *store, const char *name, const char *actor,
                        struct error *error);

/* Called for each rule, valid during the call; negative stops and is what the caller returns. */
typedef int (*suppression_entry_fn)(void *context, const struct suppression_entry *entry,
                                    struct error *error);

int suppressions_get(struct store *store, const char *name, suppression_entry_fn each,
                     void *context, struct error *error);

/* All rules in the order in which they are tried. */
int suppressions_list(struct store *store, suppression_entry_fn each, void *context,
                      struct error *error);

enum { SUPPRESSION_SAMPLES = 10 };

/* What a rule would have dismissed, had it been there before. */
struct suppression_simulation {
    uint64_t alerts;
    uint64_t dismissed;      /* of these, how many are dismissed already */
    uint64_t true_positives; /* of these, how many somebody has confirmed */
    uint64_t entities;       /* different machines */
    uint64_t by_type[DETECTOR_COUNT];
    unsigned sample_count;
    char samples[SUPPRESSION_SAMPLES][ALERT_ID_MAX]; /* newest first; where an "in" has several
                                                        values, those of one after another's */
};

/* Tries the rule, enabled and not expired, on the stored alerts that were active since `since_ns`
 * and began before `until_ns` (0: any), as if it were the only one. */
int suppressions_simulate(struct store *store, const struct suppression *rule, int64_t since_ns,
                          int64_t until_ns, struct suppression_simulation *ret_simulation,
                          struct error *error);

/* As an object with alerts, dismissed_already, entities, true_positives, by_type and samples. */
void suppression_simulation_to_json(const struct suppression_simulation *simulation,
                                    struct json *json);
