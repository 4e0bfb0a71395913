/* rule_read_ends.c - the addresses and ports of a rule's header, with lists, negation and variables
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/rule_draft.h"

#include <string.h>

/* Adds one word of a list, which is no list itself. */
typedef enum rule_refusal (*item_fn)(struct rule_draft *draft, unsigned side, struct slice text,
                                     bool excluded);

struct walk {
    struct rule_reader *reader;
    unsigned side;
    item_fn item;
    enum rule_refusal bad;
};

static const char *variable_value(const struct rule_reader *reader, struct slice name)
{
    for (size_t i = 0; i < reader->variable_count; i++)
        if (slice_equal(name, reader->variables[i].name))
            return reader->variables[i].value;
    return NULL;
}

/* Takes the text up to the next comma that is in no inner list. */
static struct slice piece_take(struct slice *text)
{
    size_t len = 0;
    for (int depth = 0; len < text->len && (depth > 0 || text->at[len] != ','); len++)
        depth += (text->at[len] == '[') - (text->at[len] == ']');
    struct slice piece = {text->at, len};
    len += len < text->len;
    *text = (struct slice){text->at + len, text->len - len};
    return piece;
}

static enum rule_refusal walk_text(const struct walk *walk, struct slice text, bool excluded,
                                   unsigned depth);

static enum rule_refusal walk_list(const struct walk *walk, struct slice list, bool excluded,
                                   unsigned depth)
{
    enum rule_refusal refusal = RULE_REFUSAL_NONE;
    do {
        struct slice piece = piece_take(&list);
        refusal = walk_text(walk, piece, excluded, depth + 1);
    } while (refusal == RULE_REFUSAL_NONE && list.len > 0);
    return refusal;
}

static enum rule_refusal walk_variable(const struct walk *walk, struct slice name, bool excluded,
                                       unsigned depth)
{
    const char *value = variable_value(walk->reader, name);
    if (value)
        return walk_text(walk, (struct slice){value, strlen(value)}, excluded, depth + 1);
    if (excluded)
        return RULE_REFUSAL_NONE;
    return walk_text(walk, (struct slice){"any", 3}, false, depth + 1);
}

static enum rule_refusal walk_text(const struct walk *walk, struct slice text, bool excluded,
                                   unsigned depth)
{
    text = slice_trim(text);
    if (depth > RULE_NEST_MAX || text.len == 0)
        return walk->bad;
    struct slice rest = {text.at + 1, text.len - 1};
    switch (text.at[0]) {
    case '!': return excluded ? walk->bad : walk_text(walk, rest, true, depth + 1);
    case '$': return walk_variable(walk, rest, excluded, depth);
    case '[':
        if (text.at[text.len - 1] != ']')
            return walk->bad;
        return walk_list(walk, (struct slice){rest.at, rest.len - 1}, excluded, depth);
    default: return walk->item(&walk->reader->draft, walk->side, text, excluded);
    }
}

static struct rule_side *side_of(struct rule_draft *draft, unsigned side)
{
    return side ? &draft->rule.destination : &draft->rule.source;
}

static enum rule_refusal net_add(struct rule_draft *draft, unsigned side, struct slice text,
                                 bool excluded)
{
    struct rule_side *end = side_of(draft, side);
    struct prefix block = {0};
    bool any = slice_equal(text, "any");
    if (end->net_count == RULE_NETS_MAX)
        return RULE_REFUSAL_MUCH;
    if (any ? excluded : !prefix_parse(text.at, text.len, &block))
        return RULE_REFUSAL_ADDRESS;
    draft->nets[side][end->net_count++] = (struct rule_net){block, excluded};
    return RULE_REFUSAL_NONE;
}

/* `53`, `50:60`, `1024:`, `:1023` or `any`. */
static bool port_range_read(struct slice text, struct rule_ports *ports)
{
    uint64_t first = 0;
    uint64_t last = UINT16_MAX;
    if (!slice_equal(text, "any")) {
        bool range = memchr(text.at, ':', text.len) != NULL;
        struct slice low = slice_trim(slice_cut(&text, ':'));
        text = slice_trim(text);
        if (low.len + text.len == 0 || (low.len && !rule_uint_read(low, UINT16_MAX, &first)) ||
            (text.len && !rule_uint_read(text, UINT16_MAX, &last)))
            return false;
        last = range ? last : first;
    }
    ports->first = (uint16_t)first;
    ports->last = (uint16_t)last;
    return first <= last;
}

static enum rule_refusal ports_add(struct rule_draft *draft, unsigned side, struct slice text,
                                   bool excluded)
{
    struct rule_side *end = side_of(draft, side);
    struct rule_ports ports = {.excluded = excluded};
    if (end->port_count == RULE_NETS_MAX)
        return RULE_REFUSAL_MUCH;
    if (!port_range_read(text, &ports) || (excluded && slice_equal(text, "any")))
        return RULE_REFUSAL_PORT;
    draft->ports[side][end->port_count++] = ports;
    return RULE_REFUSAL_NONE;
}

enum rule_refusal rule_nets_read(struct rule_reader *reader, struct slice text, unsigned side)
{
    struct walk walk = {reader, side, net_add, RULE_REFUSAL_ADDRESS};
    enum rule_refusal refusal = walk_text(&walk, text, false, 0);
    struct rule_side *end = side_of(&reader->draft, side);
    if (end->net_count == 1 && end->nets[0].block.bits == 0 && !end->nets[0].excluded)
        end->net_count = 0;
    return refusal;
}

enum rule_refusal rule_ports_read(struct rule_reader *reader, struct slice text, unsigned side)
{
    struct walk walk = {reader, side, ports_add, RULE_REFUSAL_PORT};
    enum rule_refusal refusal = walk_text(&walk, text, false, 0);
    struct rule_side *end = side_of(&reader->draft, side);
    if (end->port_count == 1 && end->ports[0].first == 0 && end->ports[0].last == UINT16_MAX &&
        !end->ports[0].excluded)
        end->port_count = 0;
    return refusal;
}
