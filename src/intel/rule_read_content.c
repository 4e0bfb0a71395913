/* rule_read_content.c - what a rule looks for in a buffer: contents, their modifiers and sizes
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/rule_draft.h"

#include <ctype.h>
#include <string.h>

/* The modifiers of a content, as bits of rule_draft.modifiers. */
enum {
    NOCASE = 1 << 0,
    STARTS = 1 << 1,
    ENDS = 1 << 2,
    OFFSET = 1 << 3,
    DEPTH = 1 << 4,
    DISTANCE = 1 << 5,
    WITHIN = 1 << 6,
};

enum { BYTE_TEST_TEXT_MAX = 23 };

enum rule_refusal rule_buffer_begin(struct rule_draft *draft, enum rule_buffer_kind kind)
{
    struct rule *rule = &draft->rule;
    for (unsigned i = 0; kind == RULE_BUFFER_PAYLOAD && i < rule->buffer_count; i++)
        if (draft->buffers[i].kind == RULE_BUFFER_PAYLOAD) {
            draft->buffer = (int8_t)i;
            return RULE_REFUSAL_NONE;
        }
    if (rule->buffer_count == RULE_BUFFERS_MAX)
        return RULE_REFUSAL_MUCH;
    draft->buffer = (int8_t)rule->buffer_count++;
    draft->buffers[draft->buffer] = (struct rule_buffer){.kind = (uint8_t)kind};
    return RULE_REFUSAL_NONE;
}

struct rule_check *rule_check_add(struct rule_draft *draft, enum rule_check_kind kind)
{
    if (draft->check_count == RULE_CHECKS_MAX)
        return NULL;
    if (draft->buffer < 0 && rule_buffer_begin(draft, RULE_BUFFER_PAYLOAD) != RULE_REFUSAL_NONE)
        return NULL;
    unsigned i = draft->check_count++;
    draft->buffer_of[i] = (uint8_t)draft->buffer;
    draft->modifiers[i] = 0;
    draft->buffers[draft->buffer].check_count++;
    draft->checks[i] = (struct rule_check){.kind = (uint8_t)kind};
    return draft->checks + i;
}

struct rule_check *rule_check_last(struct rule_draft *draft)
{
    for (int i = draft->check_count - 1; i >= 0; i--)
        if (draft->buffer_of[i] == draft->buffer)
            return draft->checks + i;
    return NULL;
}

enum rule_refusal rule_quotes_cut(struct slice *text, bool *negated)
{
    if (negated) {
        *negated = slice_begins(*text, "!");
        *text = slice_trim((struct slice){text->at + *negated, text->len - *negated});
    }
    if (text->len < 2 || text->at[0] != '"' || text->at[text->len - 1] != '"')
        return RULE_REFUSAL_QUOTES;
    *text = (struct slice){text->at + 1, text->len - 2};
    return RULE_REFUSAL_NONE;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Reads the pairs of digits between two bars. */
static bool hex_read(struct slice text, uint8_t *bytes, size_t *len)
{
    int high = -1;
    for (size_t i = 0; i < text.len; i++) {
        int digit = hex_digit(text.at[i]);
        if (text.at[i] == ' ' && high < 0)
            continue;
        if (digit < 0)
            return false;
        if (high >= 0)
            bytes[(*len)++] = (uint8_t)(high << 4 | digit);
        high = high < 0 ? digit : -1;
    }
    return high < 0;
}

/* Turns what stands between the quotes into bytes; `bytes` has room for as many as the text has. */
static bool content_decode(struct slice text, uint8_t *bytes, size_t *ret_len)
{
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        struct slice rest = {text.at + i + 1, text.len - i - 1};
        if (text.at[i] == '"')
            return false;
        if (text.at[i] == '\\') {
            if (rest.len == 0 || !strchr(";:\\\"", rest.at[0]))
                return false;
            bytes[len++] = (uint8_t)text.at[++i];
        } else if (text.at[i] == '|') {
            struct slice hex = slice_cut(&rest, '|');
            if (text.at + i + 1 + hex.len == text.at + text.len || !hex_read(hex, bytes, &len))
                return false;
            i += hex.len + 1;
        } else {
            bytes[len++] = (uint8_t)text.at[i];
        }
    }
    *ret_len = len;
    return true;
}

RULE_KEYWORD_FUNCTION(content)
{
    bool negated;
    size_t len;
    enum rule_refusal refusal = rule_quotes_cut(&value, &negated);
    if (refusal != RULE_REFUSAL_NONE)
        return refusal;
    uint8_t *bytes = arena_take(&reader->draft.text, value.len + 1);
    if (!bytes)
        return RULE_REFUSAL_FULL;
    if (!content_decode(value, bytes, &len))
        return RULE_REFUSAL_BYTES;
    if (len == 0 || len > RULE_CONTENT_MAX)
        return RULE_REFUSAL_LENGTH;
    struct rule_check *check = rule_check_add(&reader->draft, RULE_CONTENT);
    if (!check)
        return RULE_REFUSAL_MUCH;
    check->negated = negated;
    check->content = (struct rule_content){.bytes = bytes, .len = (uint8_t)len};
    return RULE_REFUSAL_NONE;
}

/* The content that a modifier belongs to: the last one of the buffer. NULL sets *ret_refusal: there
 * is none, or the modifier stands there already, or one of `against` does. */
static struct rule_check *modified(struct rule_draft *draft, unsigned modifier, unsigned against,
                                   enum rule_refusal *ret_refusal)
{
    int i = draft->check_count - 1;
    while (i >= 0 &&
           (draft->buffer_of[i] != draft->buffer || draft->checks[i].kind != RULE_CONTENT))
        i--;
    *ret_refusal = i < 0                                        ? RULE_REFUSAL_NO_CONTENT
                   : draft->modifiers[i] & (modifier | against) ? RULE_REFUSAL_CONFLICT
                                                                : RULE_REFUSAL_NONE;
    if (*ret_refusal != RULE_REFUSAL_NONE)
        return NULL;
    draft->modifiers[i] |= (uint8_t)modifier;
    return draft->checks + i;
}

RULE_KEYWORD_FUNCTION(nocase)
{
    enum rule_refusal refusal;
    struct rule_check *check = modified(&reader->draft, NOCASE, 0, &refusal);
    if (!check)
        return refusal;
    uint8_t *bytes = (uint8_t *)check->content.bytes; /* the draft's own */
    for (unsigned i = 0; i < check->content.len; i++)
        bytes[i] = (uint8_t)(bytes[i] >= 'A' && bytes[i] <= 'Z' ? bytes[i] | 0x20 : bytes[i]);
    check->content.nocase = true;
    return RULE_REFUSAL_NONE;
}

RULE_KEYWORD_FUNCTION(startswith)
{
    enum rule_refusal refusal;
    struct rule_check *check =
        modified(&reader->draft, STARTS, OFFSET | DEPTH | DISTANCE | WITHIN, &refusal);
    if (!check)
        return refusal;
    check->content.has_depth = true;
    check->content.depth = check->content.len;
    return RULE_REFUSAL_NONE;
}

RULE_KEYWORD_FUNCTION(endswith)
{
    enum rule_refusal refusal;
    struct rule_check *check = modified(&reader->draft, ENDS, 0, &refusal);
    if (!check)
        return refusal;
    check->content.ends = true;
    return RULE_REFUSAL_NONE;
}

RULE_KEYWORD_FUNCTION(offset)
{
    enum rule_refusal refusal;
    uint64_t offset;
    struct rule_check *check =
        modified(&reader->draft, OFFSET, STARTS | DISTANCE | WITHIN, &refusal);
    if (!check)
        return refusal;
    if (!rule_uint_read(value, RULE_OFFSET_MAX, &offset))
        return RULE_REFUSAL_NUMBER;
    check->content.offset = (uint16_t)offset;
    return RULE_REFUSAL_NONE;
}

RULE_KEYWORD_FUNCTION(depth)
{
    enum rule_refusal refusal;
    uint64_t depth;
    struct rule_check *check =
        modified(&reader->draft, DEPTH, STARTS | DISTANCE | WITHIN, &refusal);
    if (!check)
        return refusal;
    if (!rule_uint_read(value, RULE_OFFSET_MAX, &depth))
        return RULE_REFUSAL_NUMBER;
    check->content.has_depth = true;
    check->content.depth = (uint16_t)depth;
    return depth < check->content.len ? RULE_REFUSAL_NEVER : RULE_REFUSAL_NONE;
}

RULE_KEYWORD_FUNCTION(distance)
{
    enum rule_refusal refusal;
    struct rule_check *check =
        modified(&reader->draft, DISTANCE, STARTS | OFFSET | DEPTH, &refusal);
    if (!check)
        return refusal;
    check->relative = true;
    return rule_int_read(value, RULE_OFFSET_MAX, &check->content.distance) ? RULE_REFUSAL_NONE
                                                                           : RULE_REFUSAL_NUMBER;
}

RULE_KEYWORD_FUNCTION(within)
{
    enum rule_refusal refusal;
    uint64_t within;
    struct rule_check *check = modified(&reader->draft, WITHIN, STARTS | OFFSET | DEPTH, &refusal);
    if (!check)
        return refusal;
    if (!rule_uint_read(value, RULE_OFFSET_MAX, &within))
        return RULE_REFUSAL_NUMBER;
    check->relative = true;
    check->content.has_within = true;
    check->content.within = (uint16_t)within;
    return within < check->content.len ? RULE_REFUSAL_NEVER : RULE_REFUSAL_NONE;
}

/* What is searched for first is ours to choose; the hint is taken for a content that must be there.
 * The forms `only` and `offset,length` say nothing about what matches. */
RULE_KEYWORD_FUNCTION(fast_pattern)
{
    enum rule_refusal refusal;
    uint64_t number;
    struct rule_check *check = modified(&reader->draft, 0, 0, &refusal);
    if (!check)
        return refusal;
    reader->draft.fast = (int8_t)(check - reader->draft.checks);
    if (value.len == 0 || slice_equal(value, "only"))
        return RULE_REFUSAL_NONE;
    struct slice offset = slice_trim(slice_cut(&value, ','));
    return rule_uint_read(offset, RULE_CONTENT_MAX, &number) &&
                   rule_uint_read(slice_trim(value), RULE_CONTENT_MAX, &number)
               ? RULE_REFUSAL_NONE
               : RULE_REFUSAL_VALUE;
}

RULE_KEYWORD_FUNCTION(rawbytes)
{
    enum rule_refusal refusal;
    return modified(&reader->draft, 0, 0, &refusal) ? RULE_REFUSAL_NONE : refusal;
}

/* `[!]number[,relative][,rawbytes]`. Not even one byte more right after a content is what endswith
 * says. */
RULE_KEYWORD_FUNCTION(isdataat)
{
    struct rule_draft *draft = &reader->draft;
    uint64_t at;
    bool relative = false;
    bool negated = slice_begins(value, "!");
    value = (struct slice){value.at + negated, value.len - negated};
    if (!rule_uint_read(slice_trim(slice_cut(&value, ',')), RULE_OFFSET_MAX, &at))
        return RULE_REFUSAL_NUMBER;
    while (value.len > 0) {
        struct slice word = slice_trim(slice_cut(&value, ','));
        if (!slice_equal(word, "relative") && !slice_equal(word, "rawbytes"))
            return RULE_REFUSAL_VALUE;
        relative = relative || slice_equal(word, "relative");
    }
    struct rule_check *last = draft->buffer < 0 ? NULL : rule_check_last(draft);
    if (negated && relative && at == 1 && last && last->kind == RULE_CONTENT) {
        last->content.ends = true;
        return RULE_REFUSAL_NONE;
    }
    struct rule_check *check = rule_check_add(draft, RULE_ISDATAAT);
    if (!check)
        return RULE_REFUSAL_MUCH;
    check->negated = negated;
    check->relative = relative;
    check->isdataat.at = (uint16_t)at;
    return RULE_REFUSAL_NONE;
}

RULE_KEYWORD_FUNCTION(bsize)
{
    struct rule_number size;
    enum rule_refusal refusal = rule_number_read(value, UINT32_MAX, NULL, &size);
    if (refusal != RULE_REFUSAL_NONE)
        return refusal;
    struct rule_check *check = rule_check_add(&reader->draft, RULE_BSIZE);
    if (!check)
        return RULE_REFUSAL_MUCH;
    check->bsize = size;
    return RULE_REFUSAL_NONE;
}

static bool byte_operator(struct slice text, struct rule_check *check)
{
    static const struct {
        const char *sign;
        uint8_t op;
    } operators[] = {
        {"<", RULE_OP_LESS},     {">", RULE_OP_GREATER},   {"=", RULE_OP_EQUAL},
        {"<=", RULE_OP_AT_MOST}, {">=", RULE_OP_AT_LEAST}, {"&", RULE_OP_AND},
        {"^", RULE_OP_XOR},
    };
    check->negated = slice_begins(text, "!");
    text = slice_trim((struct slice){text.at + check->negated, text.len - check->negated});
    if (check->negated && text.len == 0) { /* a `!` alone means "is not" */
        check->byte_test.number.op = RULE_OP_EQUAL;
        return true;
    }
    for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++)
        if (slice_equal(text, operators[i].sign)) {
            check->byte_test.number.op = operators[i].op;
            return true;
        }
    return false;
}

/* One of the words behind the four numbers of byte_test. */
static bool byte_test_word(struct slice word, struct rule_check *check)
{
    struct rule_byte_test *test = &check->byte_test;
    struct slice rest = word;
    if (slice_equal(slice_word(&rest), "bitmask"))
        return rule_uint_read(rest, UINT64_MAX, &test->mask) && test->mask != 0;
    if (slice_equal(word, "relative"))
        check->relative = true;
    else if (slice_equal(word, "little"))
        test->little = true;
    else if (slice_equal(word, "string"))
        test->base = test->base ? test->base : 10;
    else if (slice_equal(word, "hex"))
        test->base = 16;
    else if (slice_equal(word, "dec"))
        test->base = 10;
    else if (slice_equal(word, "oct"))
        test->base = 8;
    else
        return slice_equal(word, "big");
    return true;
}

/* `bytes,[!]operator,value,offset[,word…]`. */
static enum rule_refusal byte_test_read(struct slice text, struct rule_check *check)
{
    struct rule_byte_test *test = &check->byte_test;
    uint64_t bytes;
    if (!rule_uint_read(slice_trim(slice_cut(&text, ',')), BYTE_TEST_TEXT_MAX, &bytes) || !bytes)
        return RULE_REFUSAL_NUMBER;
    if (!byte_operator(slice_trim(slice_cut(&text, ',')), check))
        return RULE_REFUSAL_VALUE;
    if (!rule_uint_read(slice_trim(slice_cut(&text, ',')), UINT64_MAX, &test->number.a) ||
        !rule_int_read(slice_trim(slice_cut(&text, ',')), RULE_OFFSET_MAX, &test->offset))
        return RULE_REFUSAL_NUMBER;
    while (text.len > 0)
        if (!byte_test_word(slice_trim(slice_cut(&text, ',')), check))
            return RULE_REFUSAL_VALUE;
    test->bytes = (uint8_t)bytes;
    return test->base == 0 && bytes > 8 ? RULE_REFUSAL_NUMBER : RULE_REFUSAL_NONE;
}

RULE_KEYWORD_FUNCTION(byte_test)
{
    struct rule_check read = {0};
    enum rule_refusal refusal = byte_test_read(value, &read);
    if (refusal != RULE_REFUSAL_NONE)
        return refusal;
    struct rule_check *check = rule_check_add(&reader->draft, RULE_BYTE_TEST);
    if (!check)
        return RULE_REFUSAL_MUCH;
    read.kind = RULE_BYTE_TEST;
    *check = read;
    return RULE_REFUSAL_NONE;
}
