/* retro_rules.h - asks the history about signature rules that are new and look at names alone
 * SPDX-License-Identifier: Apache-2.0
 *
 * The history keeps who asked for which name, not the bytes of messages. So only rules can be asked
 * that need no more: about the name of a query, without marks, thresholds or fields of the header.
 * Names stand there in lower case; a query is taken to have gone to port 53. */
#pragma once

#include "pipeline/signatures.h"
#include "store/history.h"

struct retro_rules {
    const struct rule_set *set; /* NULL: there are no rules */
    bool *fresh;                /* by rule: can be asked, and is new */
    size_t fresh_count;
    struct signatures signatures; /* set up when some are fresh */
};

/* Whether a row of the history is enough to say that the rule holds. */
bool rule_is_about_names(const struct rule *rule);

/* How many fingerprints retro_rules_fingerprints() writes at most. */
size_t retro_rules_count(const struct rule_set *set);

/* Writes one for each rule that can be asked and returns how many: of the rule's number and its
 * revision. `set` may be NULL. */
size_t retro_rules_fingerprints(const struct rule_set *set, uint64_t seed, uint64_t *ret);

/* Finds which of the rules are not in `then`, which is sorted. Everything is borrowed; `index` and
 * `set` may be NULL. False without memory; free with retro_rules_done() in any case. */
bool retro_rules_init(struct retro_rules *rules, const struct rule_index *index,
                      const struct history_known *then, struct suffix_cache *suffixes,
                      struct metrics *metrics);
void retro_rules_done(struct retro_rules *rules);

/* What fresh rules say of a query for the question, valid until the next call; NULL: nothing. */
const struct signature_measure *retro_rules_judge(struct retro_rules *rules,
                                                  const struct transaction *transaction,
                                                  const struct enrichment *enrichment);
