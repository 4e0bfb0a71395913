/* rule_check.h - whether one signature rule holds for one message, by everything but its bits
 * SPDX-License-Identifier: Apache-2.0
 *
 * rule.h says what holds. What a rule may cost is bounded: the work of all rules on one transaction
 * comes out of one allowance, and each regular expression has the limits of rule.h. A rule that
 * would need more does not hold. */
#pragma once

#include "enrich/rule_text.h"

struct pcre2_real_match_data_8;
struct pcre2_real_match_context_8;

struct rule_checker {
    struct suffix_cache *suffixes;
    struct pcre2_real_match_data_8 *pcre_data;
    struct pcre2_real_match_context_8 *pcre_context;
    unsigned steps;       /* left of the allowance */
    unsigned pcres;       /* regular expressions left of the allowance */
    bool spent;           /* set when some rule would have needed more */
    uint64_t pcre_limits; /* regular expressions that ran into a limit, ever */
};

/* `suffixes` is borrowed. False without memory; free with rule_checker_done() in any case. */
bool rule_checker_init(struct rule_checker *checker, struct suffix_cache *suffixes);
void rule_checker_done(struct rule_checker *checker);

/* A new allowance. */
void rule_checker_refill(struct rule_checker *checker);

/* Told each buffer that holds: its text, or the payload. */
typedef void (*rule_shown_fn)(void *arg, enum rule_buffer_kind kind, const uint8_t *text,
                              size_t len);

/* Whether protocol, ends, header and buffers hold; `shown` may be NULL. */
bool rule_holds(struct rule_checker *checker, const struct rule *rule,
                const struct rule_message *message, rule_shown_fn shown, void *arg);
