/* rule_read_state.c - which messages a rule is about, what it remembers and how often it is told
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/rule_draft.h"

#include <dnsvigil/rrtype.h>

#include <stdio.h>
#include <string.h>

enum { SECONDS_MAX = 604800, OPCODE_MAX = 15, RCODE_MAX = 15 };

struct word {
    const char *word;
    int value;
};

static bool word_find(const struct word *words, size_t count, struct slice text, int *ret_value)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(text, words[i].word)) {
            *ret_value = words[i].value;
            return true;
        }
    return false;
}

#define WORD_FIND(words, text, ret) word_find(words, sizeof(words) / sizeof(*words), text, ret)

RULE_KEYWORD_FUNCTION(flow)
{
    static const struct word words[] = {
        {"to_server", RULE_FLOW_TO_SERVER},
        {"from_client", RULE_FLOW_TO_SERVER},
        {"to_client", RULE_FLOW_TO_CLIENT},
        {"from_server", RULE_FLOW_TO_CLIENT},
        {"toserver", RULE_FLOW_TO_SERVER},
        {"toclient", RULE_FLOW_TO_CLIENT},
        {"fromclient", RULE_FLOW_TO_SERVER},
        {"fromserver", RULE_FLOW_TO_CLIENT},
        {"established", 0},
        {"stateless", 0},
    };
    int way;
    while (value.len > 0) {
        if (!WORD_FIND(words, slice_trim(slice_cut(&value, ',')), &way))
            return RULE_REFUSAL_VALUE;
        reader->draft.rule.flow |= (uint8_t)way;
    }
    bool both = reader->draft.rule.flow == (RULE_FLOW_TO_SERVER | RULE_FLOW_TO_CLIENT);
    return both ? RULE_REFUSAL_NEVER : RULE_REFUSAL_NONE;
}

/* The number of a bit of this kind ('f' or 'x') and name; -1 when there are too many, or the name
 * is too long. */
static int bit_id(struct rule_reader *reader, char kind, struct slice name)
{
    char text[sizeof(*reader->bit_names)];
    int len = snprintf(text, sizeof(text), "%c:%.*s", kind, (int)name.len, name.at);
    if (name.len == 0 || (size_t)len >= sizeof(text))
        return -1;
    for (unsigned i = 0; i < reader->bit_count; i++)
        if (strcmp(reader->bit_names[i], text) == 0)
            return (int)i;
    if (reader->bit_count == RULE_BIT_NAMES_MAX)
        return -1;
    memcpy(reader->bit_names[reader->bit_count], text, sizeof(text));
    return reader->bit_count++;
}

static bool bit_op_read(struct slice text, struct rule_bit *bit)
{
    static const struct word ops[] = {
        {"set", RULE_BIT_SET},     {"unset", RULE_BIT_UNSET},       {"toggle", RULE_BIT_TOGGLE},
        {"isset", RULE_BIT_ISSET}, {"isnotset", RULE_BIT_ISNOTSET},
    };
    int op;
    if (!WORD_FIND(ops, text, &op))
        return false;
    bit->op = (uint8_t)op;
    return true;
}

/* `name` or `name|name`. */
static enum rule_refusal bit_names_read(struct rule_reader *reader, char kind, struct slice names,
                                        struct rule_bit *bit)
{
    do {
        struct slice name = slice_trim(slice_cut(&names, '|'));
        int id = bit_id(reader, kind, name);
        if (id < 0 || bit->id_count == RULE_BIT_ALTERNATIVES_MAX)
            return name.len ? RULE_REFUSAL_MUCH : RULE_REFUSAL_VALUE;
        bit->ids[bit->id_count++] = (uint16_t)id;
    } while (names.len > 0);
    return RULE_REFUSAL_NONE;
}

static enum rule_refusal bit_add(struct rule_draft *draft, const struct rule_bit *bit)
{
    if (draft->rule.bit_count == RULE_BITS_MAX)
        return RULE_REFUSAL_MUCH;
    draft->bits[draft->rule.bit_count++] = *bit;
    return RULE_REFUSAL_NONE;
}

/* `noalert` or `op,names`. */
RULE_KEYWORD_FUNCTION(flowbits)
{
    struct rule_bit bit = {.scope = RULE_BIT_FLOW};
    struct slice op = slice_trim(slice_cut(&value, ','));
    if (slice_equal(op, "noalert") && value.len == 0) {
        reader->draft.rule.noalert = true;
        return RULE_REFUSAL_NONE;
    }
    if (!bit_op_read(op, &bit))
        return RULE_REFUSAL_VALUE;
    enum rule_refusal refusal = bit_names_read(reader, 'f', value, &bit);
    return refusal == RULE_REFUSAL_NONE ? bit_add(&reader->draft, &bit) : refusal;
}

/* `track ip_src`, `expire 60`. */
static bool xbit_word(struct slice text, struct rule_bit *bit)
{
    static const struct word tracks[] = {
        {"ip_src", RULE_BIT_SRC}, {"ip_dst", RULE_BIT_DST}, {"ip_pair", RULE_BIT_FLOW}};
    struct slice word = slice_word(&text);
    uint64_t seconds;
    int scope;
    if (slice_equal(word, "track") && WORD_FIND(tracks, text, &scope)) {
        bit->scope = (uint8_t)scope;
        return true;
    }
    if (!slice_equal(word, "expire") || !rule_uint_read(text, SECONDS_MAX, &seconds) || !seconds)
        return false;
    bit->expire_s = (uint32_t)seconds;
    return true;
}

/* `op,name,track ip_src[,expire seconds]`. */
RULE_KEYWORD_FUNCTION(xbits)
{
    struct rule_bit bit = {.scope = UINT8_MAX};
    if (slice_equal(value, "noalert")) {
        reader->draft.rule.noalert = true;
        return RULE_REFUSAL_NONE;
    }
    if (!bit_op_read(slice_trim(slice_cut(&value, ',')), &bit))
        return RULE_REFUSAL_VALUE;
    enum rule_refusal refusal = bit_names_read(reader, 'x', slice_cut(&value, ','), &bit);
    while (value.len > 0 && refusal == RULE_REFUSAL_NONE)
        if (!xbit_word(slice_trim(slice_cut(&value, ',')), &bit))
            refusal = RULE_REFUSAL_VALUE;
    if (refusal == RULE_REFUSAL_NONE && bit.scope == UINT8_MAX)
        refusal = RULE_REFUSAL_VALUE;
    return refusal == RULE_REFUSAL_NONE ? bit_add(&reader->draft, &bit) : refusal;
}

RULE_KEYWORD_FUNCTION(noalert)
{
    reader->draft.rule.noalert = true;
    return RULE_REFUSAL_NONE;
}

static bool threshold_type(struct slice text, struct rule_threshold *threshold)
{
    static const struct word types[] = {{"limit", RULE_THRESHOLD_LIMIT},
                                        {"threshold", RULE_THRESHOLD_EVERY},
                                        {"both", RULE_THRESHOLD_BOTH}};
    int type;
    if (threshold->type != RULE_THRESHOLD_NONE || !WORD_FIND(types, text, &type))
        return false;
    threshold->type = (uint8_t)type;
    return true;
}

static bool threshold_track(struct slice text, struct rule_threshold *threshold)
{
    static const struct word tracks[] = {{"by_src", RULE_TRACK_SRC},
                                         {"by_dst", RULE_TRACK_DST},
                                         {"by_both", RULE_TRACK_PAIR},
                                         {"by_rule", RULE_TRACK_RULE}};
    int track;
    if (!WORD_FIND(tracks, text, &track))
        return false;
    threshold->track = (uint8_t)track;
    return true;
}

static bool threshold_number(struct slice text, uint64_t max, uint32_t *ret)
{
    uint64_t number;
    if (*ret != 0 || !rule_uint_read(text, max, &number) || number == 0)
        return false;
    *ret = (uint32_t)number;
    return true;
}

/* One of `type limit`, `track by_src`, `count 1`, `seconds 60`. */
static bool threshold_word(struct slice text, struct rule_threshold *threshold)
{
    struct slice word = slice_word(&text);
    if (slice_equal(word, "type"))
        return threshold_type(text, threshold);
    if (slice_equal(word, "track"))
        return threshold_track(text, threshold);
    if (slice_equal(word, "count"))
        return threshold_number(text, UINT32_MAX, &threshold->count);
    return slice_equal(word, "seconds") && threshold_number(text, SECONDS_MAX, &threshold->seconds);
}

static enum rule_refusal threshold_read(struct rule_draft *draft, struct slice text,
                                        enum rule_threshold_type type)
{
    struct rule_threshold threshold = {.type = (uint8_t)type, .track = UINT8_MAX};
    if (draft->rule.threshold.type != RULE_THRESHOLD_NONE)
        return RULE_REFUSAL_CONFLICT;
    while (text.len > 0)
        if (!threshold_word(slice_trim(slice_cut(&text, ',')), &threshold))
            return RULE_REFUSAL_VALUE;
    if (threshold.type == RULE_THRESHOLD_NONE || threshold.track == UINT8_MAX ||
        threshold.count == 0 || threshold.seconds == 0)
        return RULE_REFUSAL_VALUE;
    draft->rule.threshold = threshold;
    return RULE_REFUSAL_NONE;
}

RULE_KEYWORD_FUNCTION(threshold)
{
    return threshold_read(&reader->draft, value, RULE_THRESHOLD_NONE);
}

RULE_KEYWORD_FUNCTION(detection_filter)
{
    return threshold_read(&reader->draft, value, RULE_THRESHOLD_FILTER);
}

RULE_KEYWORD_FUNCTION(dsize)
{
    return rule_number_read(value, UINT16_MAX, NULL, &reader->draft.rule.dsize);
}

RULE_KEYWORD_FUNCTION(dns_opcode)
{
    return rule_number_read(value, OPCODE_MAX, NULL, &reader->draft.rule.opcode);
}

RULE_KEYWORD_FUNCTION(dns_rcode)
{
    return rule_number_read(value, RCODE_MAX, rcode_parse, &reader->draft.rule.rcode);
}

RULE_KEYWORD_FUNCTION(dns_rrtype)
{
    return rule_number_read(value, UINT16_MAX, rrtype_parse, &reader->draft.rule.rrtype);
}
