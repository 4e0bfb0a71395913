/* rule_guards.h - bytes that many rules need: where they are missing, none of these is tried
 * SPDX-License-Identifier: Apache-2.0
 *
 * Dozens of rules about one way to carry data differ in the data alone: "a TXT record, and then one
 * of these strings". What they share guards them. A message is searched for the shared bytes, once
 * for all of these rules, and for the others only where it has them. */
#pragma once

#include "intel/pattern_set.h"
#include "intel/rule.h"

enum {
    RULE_GUARDS_MAX = 64,   /* so that a word holds a bit for each */
    RULE_GUARDED_MIN = 8,   /* rules behind a guard: fewer are not worth a search of their own */
    RULE_GUARD_WEIGHT = 12, /* at least (pattern_weight()): not bytes that every message has */
};

struct rule_guard {
    const struct rule_content *content; /* borrowed from one of its rules */
    struct pattern_set behind;          /* what else its rules need; values are their numbers */
};

struct rule_guards {
    struct rule_guard guards[RULE_GUARDS_MAX];
    unsigned count;
};

/* Finds what rules that look into the bytes of messages share; `set` must outlive it. False without
 * memory. Call rule_guards_done() in any case. */
bool rule_guards_init(struct rule_guards *guards, const struct rule_set *set);
void rule_guards_done(struct rule_guards *guards);

/* The guard of such a rule, an index into guards[], or -1. */
int rule_guard_of(const struct rule_guards *guards, const struct rule *rule);

/* Makes the sets behind all guards ready for searches. False without memory. */
bool rule_guards_build(struct rule_guards *guards);

/* Bytes held. */
size_t rule_guards_bytes(const struct rule_guards *guards);
