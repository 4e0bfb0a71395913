/* rule_index.c - which rules of a set may match a message, found without trying them all
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/rule_index.h"

#include <errno.h>
#include <stdlib.h>

/* With more patterns a search through the whole message costs more than another through the name.
 */
enum { PARTS_AMONG_BYTES_MAX = 64 };

/* A stretch of a content. */
struct piece {
    const uint8_t *bytes;
    size_t len;
};

/* The longest stretch without a dot: in a name's wire form it stands in one label as it is. */
static struct piece longest_piece(const struct rule_content *content)
{
    struct piece best = {0};
    for (size_t from = 0, at = 0; at <= content->len; at++) {
        if (at < content->len && content->bytes[at] != '.')
            continue;
        if (at - from > best.len)
            best = (struct piece){content->bytes + from, at - from};
        from = at + 1;
    }
    return best;
}

/* Files a rule that asks for names. False without memory. */
static bool name_rule_add(struct rule_names *names, const struct rule *rule,
                          const struct rule_content *content, uint32_t number, bool *ret_bound)
{
    bool memory = true;
    bool exact = rule->shape == RULE_SHAPE_EXACT;
    names->any = true;
    *ret_bound = true;
    if (rule->shape != RULE_SHAPE_CONTENT &&
        rule_endings_add(&names->endings, content->bytes, content->len, exact, number, &memory))
        return true;
    if (!memory)
        return false;
    struct piece piece = longest_piece(content);
    *ret_bound = piece.len > 0;
    return !*ret_bound || pattern_set_add(&names->parts, piece.bytes, piece.len, number);
}

/* Whether it says itself that it is about long messages: most are short, and need not be searched
 * for the few and common bytes that such a rule may have. */
static bool needs_long(const struct rule *rule, const struct rule_buffer *buffer)
{
    const struct rule_number *size = &rule->dsize;
    if ((size->op == RULE_OP_GREATER || size->op == RULE_OP_BETWEEN) && size->a >= RULE_LONG_BYTES)
        return true;
    for (unsigned i = 0; i < buffer->check_count; i++) {
        const struct rule_check *check = &buffer->checks[i];
        if (check->kind == RULE_ISDATAAT && !check->negated && !check->relative &&
            check->isdataat.at >= RULE_LONG_BYTES)
            return true;
    }
    return false;
}

/* Has the bytes sought in a kind of messages, those of a guard once for all its rules. */
static bool payload_seek(struct pattern_set *patterns, const struct rule_content *content,
                         uint32_t value, bool guard)
{
    for (size_t i = 0; guard && i < patterns->count; i++)
        if (patterns->patterns[i].value == value)
            return true;
    return pattern_set_add(patterns, content->bytes, content->len, value);
}

/* Files a rule under bytes in messages of the kinds it may hold for. False without memory. */
static bool payload_rule_add(struct rule_index *index, const struct rule *rule, uint32_t number)
{
    const struct rule_buffer *buffer = &rule->buffers[rule->fast_buffer];
    const struct rule_content *content = &buffer->checks[rule->fast_check].content;
    uint32_t value = number;
    bool of_long = needs_long(rule, buffer);
    int which = rule_guard_of(&index->guards, rule);
    if (which >= 0) {
        struct rule_guard *guard = &index->guards.guards[which];
        if (!pattern_set_add(&guard->behind, content->bytes, content->len, number))
            return false;
        content = guard->content;
        value = index->set->count + (uint32_t)which;
    }
    for (enum rule_kind kind = 0; kind < RULE_KIND_COUNT; kind++) {
        struct rule_payload *payload = &index->payload[kind];
        if (rule_kind_admits(kind, rule) &&
            !payload_seek(of_long ? &payload->of_long : &payload->any, content, value, which >= 0))
            return false;
    }
    return true;
}

/* A rule of which nothing can be sought. */
static bool unbound_add(struct rule_index *index, const struct rule *rule, uint32_t number)
{
    for (enum rule_kind kind = 0; kind < RULE_KIND_COUNT; kind++) {
        struct rule_payload *payload = &index->payload[kind];
        if (!rule_kind_admits(kind, rule))
            continue;
        if (!payload->unbound)
            payload->unbound = calloc(index->set->count, sizeof(*payload->unbound));
        if (!payload->unbound)
            return false;
        payload->unbound[payload->unbound_count++] = number;
    }
    return true;
}

static bool rule_file(struct rule_index *index, uint32_t number)
{
    const struct rule *rule = index->set->rules[number];
    bool bound = rule->shape != RULE_SHAPE_UNBOUND;
    if (bound) {
        const struct rule_buffer *buffer = &rule->buffers[rule->fast_buffer];
        const struct rule_content *content = &buffer->checks[rule->fast_check].content;
        bool question = buffer->kind == RULE_BUFFER_QUERY || buffer->kind == RULE_BUFFER_QUESTION ||
                        buffer->kind == RULE_BUFFER_RESPONSE;
        bool record = buffer->kind != RULE_BUFFER_QUERY && buffer->kind != RULE_BUFFER_QUESTION;
        if (buffer->kind == RULE_BUFFER_PAYLOAD)
            return payload_rule_add(index, rule, number);
        if ((question && !name_rule_add(&index->questions, rule, content, number, &bound)) ||
            (record && !name_rule_add(&index->records, rule, content, number, &bound)))
            return false;
    }
    return bound || unbound_add(index, rule, number);
}

static bool payload_build(struct rule_index *index, enum rule_kind kind)
{
    struct rule_payload *payload = &index->payload[kind];
    const struct pattern_set *parts = &index->questions.parts;
    payload->has_parts = rule_kind_is_plain_query(kind) &&
                         payload->any.count + parts->count <= PARTS_AMONG_BYTES_MAX;
    for (size_t i = 0; payload->has_parts && i < parts->count; i++) {
        const struct pattern *part = &parts->patterns[i];
        if (!pattern_set_add(&payload->any, part->bytes, part->len, part->value))
            return false;
    }
    return pattern_set_build(&payload->any) && pattern_set_build(&payload->of_long);
}

static bool index_fill(struct rule_index *index)
{
    pattern_set_init(&index->questions.parts);
    pattern_set_init(&index->records.parts);
    for (enum rule_kind kind = 0; kind < RULE_KIND_COUNT; kind++) {
        pattern_set_init(&index->payload[kind].any);
        pattern_set_init(&index->payload[kind].of_long);
    }
    if (!rule_guards_init(&index->guards, index->set))
        return false;
    for (uint32_t i = 0; i < index->set->count; i++)
        if (!rule_file(index, i))
            return false;
    for (enum rule_kind kind = 0; kind < RULE_KIND_COUNT; kind++)
        if (!payload_build(index, kind))
            return false;
    return rule_guards_build(&index->guards) && rule_endings_build(&index->questions.endings) &&
           rule_endings_build(&index->records.endings) &&
           pattern_set_build(&index->questions.parts) && pattern_set_build(&index->records.parts);
}

struct rule_index *rule_index_new(const struct rule_set *set, struct error *error)
{
    struct rule_index *index = calloc(1, sizeof(*index));
    if (index) {
        index->set = set;
        if (index_fill(index))
            return index;
    }
    error_set(error, -ENOMEM, "no memory for %u rules: load fewer of them", set->count);
    rule_index_free(index);
    return NULL;
}

static void names_done(struct rule_names *names)
{
    rule_endings_done(&names->endings);
    pattern_set_done(&names->parts);
}

void rule_index_free(struct rule_index *index)
{
    if (!index)
        return;
    names_done(&index->questions);
    names_done(&index->records);
    for (enum rule_kind kind = 0; kind < RULE_KIND_COUNT; kind++) {
        pattern_set_done(&index->payload[kind].any);
        pattern_set_done(&index->payload[kind].of_long);
        free(index->payload[kind].unbound);
    }
    rule_guards_done(&index->guards);
    free(index);
}

size_t rule_index_bytes(const struct rule_index *index)
{
    size_t payloads = 0;
    for (enum rule_kind kind = 0; kind < RULE_KIND_COUNT; kind++) {
        const struct rule_payload *payload = &index->payload[kind];
        payloads += pattern_set_bytes(&payload->any) + pattern_set_bytes(&payload->of_long);
        payloads += payload->unbound ? index->set->count * sizeof(*payload->unbound) : 0;
    }
    return sizeof(*index) + payloads + rule_guards_bytes(&index->guards) +
           rule_endings_bytes(&index->questions.endings) +
           rule_endings_bytes(&index->records.endings) +
           pattern_set_bytes(&index->questions.parts) + pattern_set_bytes(&index->records.parts);
}
