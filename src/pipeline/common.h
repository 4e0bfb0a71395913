/* common.h - what all shards of an input know together: read by every one, changed between epochs
 * SPDX-License-Identifier: Apache-2.0
 *
 * Shards only read it, except in shards_merge() (shard.h), during which none of them may run. */
#pragma once

#include "config/config.h"
#include "meter/epoch.h"
#include "pipeline/lists.h"

#include <dnsvigil/metrics.h>

struct common {
    struct knowledge knowledge;
    struct knowledge_config config; /* for the shards' counts, too */
    struct suffix_cache *suffixes;  /* of those who merge */
};

/* Room for `shards` shards. Configuration and lists must outlive it. NULL without memory. */
struct common *common_new(const struct config *config, const struct lists *lists, unsigned shards);
void common_free(struct common *common);

/* Goes on with another configuration; `suffixes` becomes its own. */
void common_reload(struct common *common, const struct config *config,
                   struct suffix_cache *suffixes);

/* Adds what was given up or kept to itself. */
void common_report(const struct common *common, struct metrics *metrics);

/* Appends what is known to an image, right after an edge; reads it into a fresh one, false when it
 * does not fit. */
void common_save(const struct common *common, struct buf *buf);
bool common_load(struct common *common, struct image *image);
