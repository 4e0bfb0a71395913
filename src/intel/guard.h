/* guard.h - what no list may flag, whatever it says: public suffixes, popular domains, private nets
 * SPDX-License-Identifier: Apache-2.0
 *
 * Feeds get hijacked and make mistakes; one line "com" or "10.0.0.0/8" would raise an alert for
 * everything. One thread uses a guard. */
#pragma once

#include "base/special.h"
#include "intel/feed.h"
#include "intel/hashset.h"
#include "intel/suffix.h"

struct guard {
    struct suffix_cache *suffixes;
    struct hashset popular;
    struct prefix blocks[SPECIAL_BLOCKS_MAX];
    unsigned block_count;
};

/* `suffixes` is borrowed and must outlive the guard. False without memory. */
bool guard_init(struct guard *guard, const struct suffix_list *suffixes);
void guard_done(struct guard *guard);

/* Takes note of a popular domain. False without memory. */
bool guard_add_popular(struct guard *guard, const struct dns_name *name);

/* Whether the name is no domain of its own: a single label, a public suffix, special-use. */
enum refusal guard_name(struct guard *guard, const struct dns_name *name);

/* Whether flagging the name (`scope`, or one page of it) would flag a popular domain. */
enum refusal guard_popular(const struct guard *guard, const struct dns_name *name, enum scope scope,
                           bool page);

enum refusal guard_block(const struct guard *guard, const struct prefix *block);
