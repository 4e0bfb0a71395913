/* lists.h - loads the lists a configuration names into the snapshots that shards read
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "config/config.h"
#include "enrich/brands.h"
#include "intel/builder.h"
#include "intel/inventory.h"
#include "intel/profiles.h"
#include "intel/rule_index.h"
#include "intel/rule_set.h"

enum { LISTS_REFUSALS_MAX = 512 };

/* A list in force, to be told about. */
struct lists_feed {
    char name[96];
    uint64_t entries;
    int64_t fetched_ns; /* when it was known to be the newest; 0: unknown */
    uint64_t refused;
    char refusals[LISTS_REFUSALS_MAX]; /* the first lines it refused, and why */
};

enum { LISTS_FEEDS_MAX = 96 };

struct lists {
    struct suffix_list *suffixes;
    struct intel *intel;
    struct profiles *profiles;
    struct brands *brands;
    struct rule_set *rules; /* signature rules; NULL: none are asked for */
    struct rule_index *rule_index;
    uint32_t rules_refused;
    struct inventory *inventory; /* of the thread that hands alerts on; no shard looks at it */
    unsigned feed_count;         /* those beyond LISTS_FEEDS_MAX are not told about */
    struct lists_feed feeds[LISTS_FEEDS_MAX];
};

/* Tells how one list fared: `failure` is NULL when it loaded. */
typedef void (*lists_report_fn)(void *arg, const char *name, const struct feed_report *report,
                                const char *failure);

/* Loads the public suffix list, the profiles, the brands, the seed lists (unless switched off), the
 * configured feeds (of those with a URL the last good list, if there is one) and `extra` ones.
 * Every list is reported; negative errno when one was refused as a whole or when nothing at all is
 * listed: a detector that can never fire must not look like a quiet network. */
int lists_load(const struct config *config, const struct feed_config *extra, size_t extra_count,
               lists_report_fn report, void *arg, struct lists *ret_lists, struct error *error);
void lists_done(struct lists *lists);

/* Reads the signature rules a configuration names and tells of each; `note` may be NULL. *ret_rules
 * is NULL where it names none. Negative errno when a file cannot be read. */
int lists_load_rules(const struct config *config, rule_note_fn note, void *arg,
                     struct rule_set **ret_rules, struct error *error);
