/* rule_finish.c - what can only be said of a rule when all its keywords have been read
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/pattern_set.h"
#include "intel/rule_draft.h"

#include <string.h>

const char *const rule_shape_names[RULE_SHAPE_COUNT] = {
    [RULE_SHAPE_EXACT] = "name",      [RULE_SHAPE_DOMAIN] = "domain",
    [RULE_SHAPE_SUFFIX] = "suffix",   [RULE_SHAPE_CONTENT] = "content",
    [RULE_SHAPE_UNBOUND] = "unbound",
};

/* Puts the checks of each buffer together, in the order in which they stood. */
static void checks_group(struct rule_draft *draft)
{
    struct rule_check grouped[RULE_CHECKS_MAX];
    unsigned count = 0;
    int fast = -1;
    for (unsigned b = 0; b < draft->rule.buffer_count; b++) {
        draft->buffers[b].checks = draft->checks + count;
        for (unsigned i = 0; i < draft->check_count; i++) {
            if (draft->buffer_of[i] != b)
                continue;
            if (draft->fast == (int)i)
                fast = (int)count;
            grouped[count++] = draft->checks[i];
        }
    }
    memcpy(draft->checks, grouped, count * sizeof(*grouped));
    draft->fast = (int8_t)fast;
}

static bool moves_end(const struct rule_check *check)
{
    return !check->negated && (check->kind == RULE_CONTENT || check->kind == RULE_PCRE);
}

/* Whether a check after this one counts from where this one matched. */
static bool is_relied_on(const struct rule_buffer *buffer, unsigned i)
{
    if (!moves_end(buffer->checks + i))
        return false;
    for (i++; i < buffer->check_count; i++) {
        if (buffer->checks[i].relative)
            return true;
        if (moves_end(buffer->checks + i))
            return false;
    }
    return false;
}

static bool is_anchored(const struct rule_check *check)
{
    return check->kind == RULE_PCRE && check->pcre.anchored;
}

/* The largest size that a bsize lets through. */
static uint64_t size_max(const struct rule_number *size)
{
    switch ((enum rule_op)size->op) {
    case RULE_OP_EQUAL:
    case RULE_OP_AT_MOST: return size->a;
    case RULE_OP_LESS: return size->a - (size->a > 0);
    case RULE_OP_BETWEEN: return size->b - 1;
    default: return UINT64_MAX;
    }
}

static bool buffer_can_hold(const struct rule_buffer *buffer)
{
    uint64_t max = UINT64_MAX;
    for (unsigned i = 0; i < buffer->check_count; i++)
        if (buffer->checks[i].kind == RULE_BSIZE && size_max(&buffer->checks[i].bsize) < max)
            max = size_max(&buffer->checks[i].bsize);
    for (unsigned i = 0; i < buffer->check_count; i++) {
        const struct rule_check *check = buffer->checks + i;
        if (check->kind == RULE_CONTENT && !check->negated &&
            (uint64_t)check->content.offset + check->content.len > max)
            return false;
    }
    return true;
}

static enum rule_refusal buffer_finish(struct rule_draft *draft, struct rule_buffer *buffer)
{
    struct rule_check *checks = draft->checks + (buffer->checks - draft->checks);
    if (buffer->check_count == 0)
        return RULE_REFUSAL_EMPTY_BUFFER;
    for (unsigned i = 0; i < buffer->check_count; i++) {
        checks[i].tried_again = is_relied_on(buffer, i) && !is_anchored(checks + i);
        if (checks[i].kind != RULE_CONTENT)
            continue;
        struct rule_content *content = &checks[i].content;
        content->starts = !checks[i].relative && content->offset == 0 && content->has_depth &&
                          content->depth == content->len;
    }
    return buffer_can_hold(buffer) ? RULE_REFUSAL_NONE : RULE_REFUSAL_NEVER;
}

enum rule_refusal rule_draft_finish(struct rule_draft *draft)
{
    if (draft->rule.sid == 0)
        return RULE_REFUSAL_NO_SID;
    checks_group(draft);
    enum rule_refusal refusal = rule_meta_finish(draft);
    for (unsigned i = 0; i < draft->rule.buffer_count && refusal == RULE_REFUSAL_NONE; i++)
        refusal = buffer_finish(draft, draft->buffers + i);
    if (refusal == RULE_REFUSAL_NONE)
        rule_shape_set(&draft->rule, draft->fast < 0 ? NULL : draft->checks + draft->fast);
    return refusal;
}

static bool has_exact_size(const struct rule_buffer *buffer, uint64_t size)
{
    for (unsigned i = 0; i < buffer->check_count; i++)
        if (buffer->checks[i].kind == RULE_BSIZE && buffer->checks[i].bsize.op == RULE_OP_EQUAL &&
            buffer->checks[i].bsize.a == size)
            return true;
    return false;
}

/* Whether the name itself is looked into, or only in lower case, which finding it does not mind. */
static bool is_plain_name(const struct rule_buffer *buffer, unsigned from)
{
    for (unsigned i = from; i < buffer->transform_count; i++)
        if (buffer->transforms[i] != RULE_TRANSFORM_LOWERCASE)
            return false;
    return buffer->kind != RULE_BUFFER_PAYLOAD;
}

static enum rule_shape content_shape(const struct rule_buffer *buffer,
                                     const struct rule_content *content)
{
    bool dotted = buffer->transform_count > 0 &&
                  buffer->transforms[0] == RULE_TRANSFORM_DOTPREFIX && is_plain_name(buffer, 1);
    bool whole = has_exact_size(buffer, content->len);
    bool ends = content->ends || whole;
    if (dotted && ends && content->bytes[0] == '.')
        return RULE_SHAPE_DOMAIN;
    if (!dotted && !is_plain_name(buffer, 0))
        return RULE_SHAPE_CONTENT;
    if (!dotted && ((content->starts && content->ends) || whole))
        return RULE_SHAPE_EXACT;
    return ends ? RULE_SHAPE_SUFFIX : RULE_SHAPE_CONTENT;
}

struct choice {
    enum rule_shape shape;
    bool pointed_out;
    unsigned weight;
};

/* A stronger shape first, then what the author says, then the rarer content. */
static bool is_better(const struct choice *a, const struct choice *b)
{
    if (a->shape != b->shape)
        return a->shape < b->shape;
    return a->pointed_out != b->pointed_out ? a->pointed_out : a->weight > b->weight;
}

void rule_shape_set(struct rule *rule, const struct rule_check *fast)
{
    struct choice best = {.shape = RULE_SHAPE_UNBOUND};
    rule->fast_buffer = rule->fast_check = -1;
    for (unsigned b = 0; b < rule->buffer_count; b++)
        for (unsigned i = 0; i < rule->buffers[b].check_count; i++) {
            const struct rule_check *check = rule->buffers[b].checks + i;
            if (check->kind != RULE_CONTENT || check->negated)
                continue;
            struct choice one = {content_shape(rule->buffers + b, &check->content), check == fast,
                                 pattern_weight(check->content.bytes, check->content.len)};
            if (!is_better(&one, &best))
                continue;
            best = one;
            rule->fast_buffer = (int8_t)b;
            rule->fast_check = (int8_t)i;
        }
    rule->shape = (uint8_t)best.shape;
}
