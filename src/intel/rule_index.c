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
        if (buffer->kind == RULE_BUFFER_PAYLOAD) {
            index->any_payload = true;
            return pattern_set_add(&index->payload, content->bytes, content->len, number);
        }
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
    pattern_set_init(&index->payload);
    index->unbound = calloc(index->set->count + 1u, sizeof(*index->unbound));
    if (!index->unbound)
        return false;
    for (uint32_t i = 0; i < index->set->count; i++)
        if (!rule_file(index, i))
            return false;
    return rule_endings_build(&index->questions.endings) &&
           rule_endings_build(&index->records.endings) &&
           pattern_set_build(&index->questions.parts) && pattern_set_build(&index->records.parts) &&
           pattern_set_build(&index->payload);
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
    pattern_set_done(&index->payload);
    free(index->unbound);
    free(index);
}

size_t rule_index_bytes(const struct rule_index *index)
{
    return sizeof(*index) + index->set->count * sizeof(*index->unbound) +
           rule_endings_bytes(&index->questions.endings) +
           rule_endings_bytes(&index->records.endings) +
           pattern_set_bytes(&index->questions.parts) + pattern_set_bytes(&index->records.parts) +
           pattern_set_bytes(&index->payload);
}
