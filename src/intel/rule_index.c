/* rule_index.c - which rules of a set may match a message, found without trying them all
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/rule_index.h"

#include <errno.h>
#include <stdlib.h>

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

/* Whether the ports of a side let RULE_DNS_PORT in, or any other. */
static bool ports_admit(const struct rule_side *side, bool dns_port)
{
    bool only_excluded = true, is_in = false;
    for (unsigned i = 0; i < side->port_count; i++) {
        const struct rule_ports *ports = &side->ports[i];
        bool has = ports->first <= RULE_DNS_PORT && RULE_DNS_PORT <= ports->last;
        bool has_others = ports->first != RULE_DNS_PORT || ports->last != RULE_DNS_PORT;
        if (ports->excluded && dns_port && has)
            return false;
        only_excluded &= ports->excluded;
        is_in |= !ports->excluded && (dns_port ? has : has_others);
    }
    return only_excluded || is_in;
}

static bool kind_admitted(const struct rule *rule, bool tcp, bool response, bool to_dns_port)
{
    if (rule->protocol == (tcp ? RULE_PROTOCOL_UDP : RULE_PROTOCOL_TCP) ||
        rule->flow == (response ? RULE_FLOW_TO_SERVER : RULE_FLOW_TO_CLIENT))
        return false;
    return ports_admit(&rule->destination, to_dns_port) ||
           (rule->both_ways && ports_admit(&rule->source, to_dns_port));
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
    for (unsigned kind = 0; kind < RULE_PAYLOAD_KINDS; kind++) {
        struct rule_payload *payload = &index->payload[kind];
        if (kind_admitted(rule, kind & 4, kind & 2, kind & 1) &&
            !payload_seek(of_long ? &payload->of_long : &payload->any, content, value, which >= 0))
            return false;
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
    if (!bound)
        index->unbound[index->unbound_count++] = number;
    return true;
}

static bool index_fill(struct rule_index *index)
{
    pattern_set_init(&index->questions.parts);
    pattern_set_init(&index->records.parts);
    for (unsigned kind = 0; kind < RULE_PAYLOAD_KINDS; kind++) {
        pattern_set_init(&index->payload[kind].any);
        pattern_set_init(&index->payload[kind].of_long);
    }
    index->unbound = calloc(index->set->count + 1u, sizeof(*index->unbound));
    if (!rule_guards_init(&index->guards, index->set) || !index->unbound)
        return false;
    for (uint32_t i = 0; i < index->set->count; i++)
        if (!rule_file(index, i))
            return false;
    for (unsigned kind = 0; kind < RULE_PAYLOAD_KINDS; kind++)
        if (!pattern_set_build(&index->payload[kind].any) ||
            !pattern_set_build(&index->payload[kind].of_long))
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
    for (unsigned kind = 0; kind < RULE_PAYLOAD_KINDS; kind++) {
        pattern_set_done(&index->payload[kind].any);
        pattern_set_done(&index->payload[kind].of_long);
    }
    rule_guards_done(&index->guards);
    free(index->unbound);
    free(index);
}

size_t rule_index_bytes(const struct rule_index *index)
{
    size_t payload = 0;
    for (unsigned kind = 0; kind < RULE_PAYLOAD_KINDS; kind++)
        payload += pattern_set_bytes(&index->payload[kind].any) +
                   pattern_set_bytes(&index->payload[kind].of_long);
    return sizeof(*index) + payload + rule_guards_bytes(&index->guards) +
           index->set->count * sizeof(*index->unbound) +
           rule_endings_bytes(&index->questions.endings) +
           rule_endings_bytes(&index->records.endings) +
           pattern_set_bytes(&index->questions.parts) + pattern_set_bytes(&index->records.parts);
}
