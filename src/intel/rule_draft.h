/* rule_draft.h - what the files that read rules share: one function for each keyword, and helpers
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "intel/rule_read.h"

#include <limits.h>

/* Reads the value of one keyword into reader->draft. */
typedef enum rule_refusal (*rule_keyword_fn)(struct rule_reader *reader, struct slice value);

#define RULE_KEYWORD(keyword, name, has, times)                                                    \
    enum rule_refusal rule_keyword_##name(struct rule_reader *reader, struct slice value);
#include "intel/rule_keywords.def"
#undef RULE_KEYWORD

/* Opens the function of a keyword. */
#define RULE_KEYWORD_FUNCTION(name)                                                                \
    enum rule_refusal rule_keyword_##name(struct rule_reader *reader __attribute__((unused)),      \
                                          struct slice value __attribute__((unused)))

/* The four fields of the header that are lists, e.g. `![10.0.0.0/8,$DNS_SERVERS]`. */
enum rule_refusal rule_nets_read(struct rule_reader *reader, struct slice text, unsigned side);
enum rule_refusal rule_ports_read(struct rule_reader *reader, struct slice text, unsigned side);

/* A number, decimal or hex with 0x in front, and nothing after it. False when it is not, or > max.
 */
bool rule_uint_read(struct slice text, uint64_t max, uint64_t *ret_value);
bool rule_int_read(struct slice text, int32_t limit, int32_t *ret_value); /* -limit … limit */

/* Reads a name of a number: -1 for none. */
typedef int (*rule_word_fn)(const char *text);

/* A comparison: n, !n, =n, !=n, <n, <=n, >n, >=n, a<>b, a-b, !a-b, with n up to `max`, or a word
 * in its place where `words` is not NULL. */
enum rule_refusal rule_number_read(struct slice text, uint64_t max, rule_word_fn words,
                                   struct rule_number *ret_number);

/* A NUL-ended copy in the draft's text; NULL when it is full. */
const char *rule_text_keep(struct rule_draft *draft, struct slice text);

/* Takes the quotes off, and a `!` before them if `negated` is not NULL. */
enum rule_refusal rule_quotes_cut(struct slice *text, bool *negated);

/* Adds a check to the buffer that is looked into now; NULL when there are too many. */
struct rule_check *rule_check_add(struct rule_draft *draft, enum rule_check_kind kind);

/* The check that was added last to the buffer that is looked into now; NULL: none. */
struct rule_check *rule_check_last(struct rule_draft *draft);

/* Begins looking into a buffer. */
enum rule_refusal rule_buffer_begin(struct rule_draft *draft, enum rule_buffer_kind kind);

/* What can only be said when all is read: groups the checks by buffer, finds out which are tried
 * again and by what the rule is found. */
enum rule_refusal rule_draft_finish(struct rule_draft *draft);

/* What metadata and class say: severity, category, tactic, techniques. */
enum rule_refusal rule_meta_finish(struct rule_draft *draft);

/* Sets shape, fast_buffer and fast_check. `fast` is the check that fast_pattern points out, or
 * NULL. */
void rule_shape_set(struct rule *rule, const struct rule_check *fast);
