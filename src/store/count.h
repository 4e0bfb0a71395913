/* count.h - how many alerts there are: in all, in groups, and how often a detector was right
 * SPDX-License-Identifier: Apache-2.0
 *
 * All take a filter; its limit and sort are ignored. Filters by status and severity alone, by one
 * machine with them (store_count()), and by type and tactic too (where machines, domains and owners
 * are not told apart) are answered from tallies that are kept with each change; others count what
 * they find. */
#pragma once

#include "store/store.h"

/* In what groups. */
enum store_axis {
#define AXIS(id, name, help) STORE_AXIS_##id,
#include "store/axes.def"
#undef AXIS
    STORE_AXES,
};

extern const char *const store_axis_names[STORE_AXES];

/* The axis of this name, -1 for none. */
int store_axis_parse(const char *text);

struct store_totals {
    uint64_t alerts;
    uint64_t entities; /* different machines among them */
};

int store_count(struct store *store, const struct store_filter *filter,
                struct store_totals *ret_totals, struct error *error);

struct store_group {
    const char *key;  /* status, slug of the type, address, domain, begin …; "" for no owner */
    int64_t start_ns; /* where the group is a day or an hour: its begin */
    uint64_t count;
    uint8_t severity;  /* enum severity, the worst */
    int64_t newest_ns; /* start of the newest alert; 0 where that is not known */
};

typedef int (*store_group_fn)(void *context, const struct store_group *group, struct error *error);

/* The `limit` largest groups (0: all), days and hours in their order. Texts are valid during the
 * call; negative stops and is returned. */
int store_groups(struct store *store, const struct store_filter *filter, enum store_axis axis,
                 uint64_t limit, store_group_fn each, void *context, struct error *error);

/* What people said of a detector's alerts. One is right when it was closed as a true positive, or
 * found useful and not closed as false; wrong when it was closed as a false positive, or found not
 * useful and not closed as true. Samples do not count. */
struct store_precision {
    uint64_t right;
    uint64_t wrong; /* precision is right / (right + wrong) */
};

int store_precisions(struct store *store, struct store_precision ret_precisions[DETECTOR_COUNT],
                     struct error *error);
