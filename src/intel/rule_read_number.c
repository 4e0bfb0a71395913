/* rule_read_number.c - numbers in rules and what they are compared by
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/rule_draft.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { WORD_MAX = 16 };

static int digit_value(char c, unsigned base)
{
    int digit = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : -1;
    return digit < (int)base ? digit : -1;
}

bool rule_uint_read(struct slice text, uint64_t max, uint64_t *ret_value)
{
    unsigned base = slice_begins(text, "0x") || slice_begins(text, "0X") ? 16 : 10;
    size_t i = base == 16 ? 2 : 0;
    uint64_t value = 0;
    if (i == text.len)
        return false;
    for (; i < text.len; i++) {
        int digit = digit_value(text.at[i], base);
        if (digit < 0 || __builtin_mul_overflow(value, (uint64_t)base, &value) ||
            __builtin_add_overflow(value, (uint64_t)digit, &value))
            return false;
    }
    *ret_value = value;
    return value <= max;
}

bool rule_int_read(struct slice text, int32_t limit, int32_t *ret_value)
{
    bool minus = slice_begins(text, "-");
    size_t sign = minus || slice_begins(text, "+");
    uint64_t value;
    if (!rule_uint_read((struct slice){text.at + sign, text.len - sign}, (uint64_t)limit, &value))
        return false;
    *ret_value = minus ? -(int32_t)value : (int32_t)value;
    return true;
}

static const struct {
    const char *sign;
    uint8_t op;
} signs[] = {
    /* The longer of two that begin alike stands first. */
    {"!=", RULE_OP_DIFFERENT}, {"!", RULE_OP_DIFFERENT}, {"<=", RULE_OP_AT_MOST},
    {"<", RULE_OP_LESS},       {">=", RULE_OP_AT_LEAST}, {">", RULE_OP_GREATER},
    {"=", RULE_OP_EQUAL},      {"", RULE_OP_EQUAL},
};

static bool value_read(struct slice text, uint64_t max, rule_word_fn words, uint64_t *ret)
{
    char word[WORD_MAX];
    if (rule_uint_read(text, max, ret))
        return true;
    if (!words || text.len == 0 || text.len >= sizeof(word))
        return false;
    memcpy(word, text.at, text.len);
    word[text.len] = '\0';
    int value = words(word);
    *ret = (uint64_t)value;
    return value >= 0 && *ret <= max;
}

/* Cuts `a<>b` or `a-b` in two. */
static bool range_cut(struct slice text, struct slice *low, struct slice *high)
{
    assert(text.at); /* which gcc with sanitizers does not see */
    const char *mark = memmem(text.at, text.len, "<>", 2);
    size_t mark_len = mark ? 2 : 1;
    mark = mark ? mark : memchr(text.at, '-', text.len);
    if (!mark || mark == text.at)
        return false;
    size_t len = (size_t)(mark - text.at);
    *low = slice_trim((struct slice){text.at, len});
    *high = slice_trim((struct slice){mark + mark_len, text.len - len - mark_len});
    return true;
}

static enum rule_refusal range_read(struct slice low, struct slice high, uint64_t max,
                                    struct rule_number *number)
{
    if (!rule_uint_read(low, max, &number->a) || !rule_uint_read(high, max, &number->b))
        return RULE_REFUSAL_NUMBER;
    return number->b > number->a + 1 ? RULE_REFUSAL_NONE : RULE_REFUSAL_NEVER;
}

enum rule_refusal rule_number_read(struct slice text, uint64_t max, rule_word_fn words,
                                   struct rule_number *ret_number)
{
    struct slice low, high;
    text = slice_trim(text);
    bool negated = slice_begins(text, "!");
    struct slice inner = slice_trim((struct slice){text.at + negated, text.len - negated});
    *ret_number = (struct rule_number){.op = negated ? RULE_OP_OUTSIDE : RULE_OP_BETWEEN};
    if (inner.len && digit_value(inner.at[0], 10) >= 0 && range_cut(inner, &low, &high))
        return range_read(low, high, max, ret_number);
    size_t i = 0;
    while (!slice_begins(text, signs[i].sign))
        i++;
    size_t len = strlen(signs[i].sign);
    *ret_number = (struct rule_number){.op = signs[i].op};
    text = slice_trim((struct slice){text.at + len, text.len - len});
    return value_read(text, max, words, &ret_number->a) ? RULE_REFUSAL_NONE : RULE_REFUSAL_NUMBER;
}
