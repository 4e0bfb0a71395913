/* signatures.h - from the rules that hold for a transaction to what is told of it
 * SPDX-License-Identifier: Apache-2.0
 *
 * A rule that holds may still depend on what other rules have marked, mark something itself, wait
 * for its threshold or be silenced by a rule that says pass. One shard owns it; memory is fixed
 * once it is open. */
#pragma once

#include "enrich/rule_match.h"
#include "meter/marks.h"
#include "meter/rates.h"

#include <dnsvigil/alert.h>

/* How often a rule held, and how often that was told. */
struct rule_hits {
    uint64_t held;
    uint64_t told;
};

struct signatures {
    struct rule_matcher matcher;
    struct marks marks;
    struct rates rates;
    struct metrics *metrics;
    bool tells_all; /* whatever the thresholds: for whoever asks what would match */
    struct signature_measure measure;
    struct rule_hits *hits; /* one for each rule of the set; NULL: nobody asks */
};

/* Everything is borrowed. False without memory; free with signatures_done() in any case. */
bool signatures_init(struct signatures *signatures, const struct rule_index *index,
                     struct suffix_cache *suffixes, struct metrics *metrics);
void signatures_done(struct signatures *signatures);

/* What is told of the transaction, valid until the next call; NULL: nothing. */
const struct signature_measure *signatures_judge(struct signatures *signatures,
                                                 const struct transaction *transaction,
                                                 const struct enrichment *enrichment);

/* What of it is left when only the rules count for which `wanted`, by rule, is set. */
const struct signature_measure *signatures_keep(struct signatures *signatures, const bool wanted[]);

/* Describes the first rule of a measure that signatures_judge() gave for this transaction. */
void signatures_describe(struct signatures *signatures, const struct transaction *transaction,
                         const struct signature_measure *measure, struct alert_signature *ret);
