/* rule_match.h - which signature rules hold for the messages of a transaction, their bits aside
 * SPDX-License-Identifier: Apache-2.0
 *
 * The rule index names candidates; each is tried with the query and with the response. Where there
 * are no candidates, which is nearly always, that is a few look-ups by hashes the question carries.
 * What a transaction may cost is bounded whatever is in it (rule_check.h); what was left untried
 * for that is counted.
 *
 * One matcher belongs to one shard; the index it reads is shared. */
#pragma once

#include "enrich/rule_check.h"
#include "intel/rule_index.h"

#include <dnsvigil/metrics.h>
#include <dnsvigil/transaction.h>

enum {
    RULE_CANDIDATES_MAX = 512,
    RULE_MATCHES_MAX = 64, /* of one transaction */
};

struct rule_match {
    uint32_t rule; /* its place in the set */
    bool response;
};

struct rule_matcher {
    const struct rule_index *index;
    struct metrics *metrics;
    struct rule_checker checker;
    uint8_t *stream;  /* a message of TCP with its length before it */
    uint32_t *stamps; /* by rule: of the transaction it was last a candidate in */
    uint32_t stamp;
    unsigned count;
    uint32_t candidates[RULE_CANDIDATES_MAX];
};

/* Everything is borrowed. False without memory; free with rule_matcher_done() in any case. */
bool rule_matcher_init(struct rule_matcher *matcher, const struct rule_index *index,
                       struct suffix_cache *suffixes, struct metrics *metrics);
void rule_matcher_done(struct rule_matcher *matcher);

/* Fills matches[] and returns how many: those of the query first. Where bytes or names lead
 * to a rule, those rules come first, by their order in the set, then those tried each time. A
 * transaction of neither message is judged as a query for its question. */
unsigned rule_match(struct rule_matcher *matcher, const struct transaction *transaction,
                    struct rule_match matches[RULE_MATCHES_MAX]);

/* Tells in what the rule's buffers are found, for a match of this transaction. */
void rule_show(struct rule_matcher *matcher, const struct transaction *transaction,
               const struct rule_match *match, rule_shown_fn shown, void *arg);
