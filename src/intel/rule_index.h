/* rule_index.h - which rules of a set may match a message, found without trying them all
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each rule is filed once under the strongest thing it needs (rule.h, enum rule_shape): how a name
 * ends (rule_endings.h), bytes within a name or in the message (pattern_set.h), or nothing; behind
 * other bytes where it shares these with many (rule_guards.h). What is found are candidates, each
 * rule perhaps several times; trying them is up to the matcher.
 *
 * Lifetime: snapshot. Built once, then read by all threads. */
#pragma once

#include "base/error.h"
#include "intel/pattern_set.h"
#include "intel/rule.h"
#include "intel/rule_endings.h"
#include "intel/rule_guards.h"
#include "intel/rule_kinds.h"

/* Rules that look into names of one kind. */
struct rule_names {
    struct rule_endings endings;
    struct pattern_set parts; /* each within one label */
    bool any;
};

/* Rules that look for bytes in messages of one kind, and those that must be tried with each. Values
 * are numbers of rules, or from the set's count on those of guards: where one stands, what is
 * behind it is to be sought too. A plain query has its name among its bytes: where there are few
 * parts of names, they are sought there as well. */
struct rule_payload {
    struct pattern_set any;
    struct pattern_set
        of_long;       /* those that hold for messages of more than RULE_LONG_BYTES alone */
    uint32_t *unbound; /* rising */
    uint32_t unbound_count;
    bool has_parts;
};

enum { RULE_LONG_BYTES = 512 };

struct rule_index {
    const struct rule_set *set;
    struct rule_names questions; /* names asked for */
    struct rule_names records;   /* owners of records and the names in them */
    struct rule_payload payload[RULE_KIND_COUNT];
    struct rule_guards guards;
};

/* Indexes the set, which is borrowed; a set without rules is fine. NULL without memory. Call after
 * hash_seed_init(). */
struct rule_index *rule_index_new(const struct rule_set *set, struct error *error);
void rule_index_free(struct rule_index *index);

/* Bytes held. */
size_t rule_index_bytes(const struct rule_index *index);
