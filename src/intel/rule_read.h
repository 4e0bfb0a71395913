/* rule_read.h - reads the text of one rule into a draft that nothing else points to yet
 * SPDX-License-Identifier: Apache-2.0
 *
 * The text is hostile: a draft has a fixed size, and whatever is not understood to the last word
 * refuses the rule. One thread uses a reader. */
#pragma once

#include "base/arena.h"
#include "intel/rule.h"
#include "intel/slice.h"

enum rule_refusal {
    RULE_REFUSAL_NONE,
#define RULE_REFUSAL(id, slug, text) RULE_REFUSAL_##id,
#include "intel/rule_refusals.def"
#undef RULE_REFUSAL
    RULE_REFUSAL_COUNT,
};

extern const char *const rule_refusal_slugs[RULE_REFUSAL_COUNT];
extern const char *const rule_refusal_texts[RULE_REFUSAL_COUNT];

enum { RULE_KEYWORD_TEXT_MAX = 32, RULE_VARIABLES_MAX = 64, RULE_NEST_MAX = 8 };

/* What a $NAME stands for, as text of a rule. One that is not there restricts nothing: it is `any`,
 * and says nothing where it is negated. */
struct rule_variable {
    const char *name; /* without the $ */
    const char *value;
};

/* A rule on its way. `rule` points into the arrays and the text arena here. */
struct rule_draft {
    struct rule rule;
    struct rule_net nets[2][RULE_NETS_MAX]; /* source, destination */
    struct rule_ports ports[2][RULE_NETS_MAX];
    struct rule_buffer buffers[RULE_BUFFERS_MAX];
    struct rule_check checks[RULE_CHECKS_MAX]; /* those of a buffer stand together in the end */
    uint8_t buffer_of[RULE_CHECKS_MAX];
    uint8_t modifiers[RULE_CHECKS_MAX]; /* of a content: those that stood there */
    struct rule_bit bits[RULE_BITS_MAX];
    struct rule_pair references[RULE_PAIRS_MAX];
    struct rule_pair metadata[RULE_PAIRS_MAX];
    uint8_t check_count;
    int8_t buffer; /* the one that keywords look into now; -1: the payload, not looked into yet */
    int8_t fast;   /* the check that fast_pattern points out; -1: none */
    uint64_t seen; /* bit n: keyword number n stood there */
    struct arena text;
    char keyword[RULE_KEYWORD_TEXT_MAX]; /* the one read last: what a refusal is about */
};

struct rule_reader {
    const struct rule_variable *variables; /* borrowed */
    size_t variable_count;
    char (*bit_names)[RULE_KEYWORD_TEXT_MAX * 2]; /* [RULE_BIT_NAMES_MAX], with f: or x: in front */
    uint16_t bit_count;
    struct rule_draft draft;
};

enum rule_verdict {
    RULE_READ,    /* reader->draft holds it until the next call */
    RULE_REFUSED, /* *ret_refusal says why, reader->draft.keyword where */
    RULE_FOREIGN, /* it is about other traffic than DNS */
};

/* On the heap: it is large. NULL without memory. */
struct rule_reader *rule_reader_new(const struct rule_variable *variables, size_t count);
void rule_reader_free(struct rule_reader *reader);

/* Reads one rule, its lines already joined. rule.file and .line are the caller's. */
enum rule_verdict rule_read(struct rule_reader *reader, struct slice text,
                            enum rule_refusal *ret_refusal);

/* Whether the text begins like a rule: with an action and a protocol. */
bool rule_looks_like_one(struct slice text);
