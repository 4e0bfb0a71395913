/* builder_state.h - the inside of struct intel_builder, for the two ways lists come into it
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "intel/attributes.h"
#include "intel/builder.h"
#include "intel/draft.h"
#include "intel/guard.h"
#include "intel/regions.h"

struct intel_builder {
    struct guard guard;
    struct draft names;
    struct draft addresses;
    struct attributes attributes;
    struct dns_name name; /* of the line being read: too large to copy about */
    /* See struct intel. A refused list may leave bits behind, which cost probes and nothing else.
     */
    uint64_t subtree_depths; /* as in struct intel */
    uint64_t exact_depths;
    uint64_t block_bits[3];
    struct regions regions;
};

/* One list while it is being loaded. */
struct load {
    struct intel_builder *builder;
    const struct feed_config *config;
    struct feed_report *report;
    int feed;
    bool own; /* comes with the program: may name what feeds may not */
};

/* Among entries of equal key the lower rank comes first: what stands for the name alone, then what
 * allows. */
static inline uint8_t load_rank(const struct attribute *row)
{
    return (uint8_t)((row->scope == SCOPE_EXACT ? 0 : 2) +
                     (row->category == CATEGORY_ALLOW ? 0 : 1));
}

/* Starts and ends a list; one that was not loaded is taken back. */
int load_begin(struct load *load, struct error *error);
void load_end(struct load *load, bool loaded);

/* When an entry expires that does not say so itself. */
int64_t load_expiry(const struct feed_config *config, enum category category);

/* Checks builder->name, or a block, against what must never be flagged, and takes note that there
 * is such an entry. `page`: one page of it was listed. */
enum refusal load_name(struct load *load, enum scope scope, bool page, enum category category);
enum refusal load_block(struct load *load, const struct prefix *block, enum category category);
