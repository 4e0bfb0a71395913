/* rule_memory.c - copies rules out of their drafts into memory that lives as long as the set
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/rule_memory.h"

#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum { BLOCK_BYTES = 256 << 10 };

struct block {
    struct block *next;
    struct arena arena;
};

struct rule_memory {
    struct block *blocks; /* the one in use first */
    size_t bytes;
    size_t max;
};

struct rule_memory *rule_memory_new(size_t max)
{
    struct rule_memory *memory = calloc(1, sizeof(*memory));
    if (memory)
        memory->max = max;
    return memory;
}

void rule_memory_free(struct rule_memory *memory)
{
    while (memory && memory->blocks) {
        struct block *block = memory->blocks;
        memory->blocks = block->next;
        arena_done(&block->arena);
        free(block);
    }
    free(memory);
}

static bool block_add(struct rule_memory *memory, size_t size)
{
    size_t bytes = size + 8 > BLOCK_BYTES ? size + 8 : BLOCK_BYTES;
    struct block *block = memory->max - memory->bytes < bytes ? NULL : calloc(1, sizeof(*block));
    if (!block || !arena_init(&block->arena, bytes)) {
        free(block);
        return false;
    }
    block->next = memory->blocks;
    memory->blocks = block;
    memory->bytes += bytes;
    return true;
}

void *rule_memory_take(struct rule_memory *memory, size_t size)
{
    void *taken = memory->blocks ? arena_take(&memory->blocks->arena, size) : NULL;
    if (taken)
        return taken;
    if (size > memory->max || !block_add(memory, size))
        return NULL;
    return arena_take(&memory->blocks->arena, size);
}

const void *rule_memory_copy(struct rule_memory *memory, const void *data, size_t size)
{
    void *copy = rule_memory_take(memory, size);
    return copy ? memcpy(copy, data, size) : NULL;
}

const char *rule_memory_text(struct rule_memory *memory, const char *text)
{
    return rule_memory_copy(memory, text, strlen(text) + 1);
}

/* Replaces a pointer by one to a copy of what it points to. Once one did not fit, *fits is false.
 */
#define KEEP(pointer, bytes)                                                                       \
    ((pointer) = rule_memory_copy(memory, (pointer), (bytes)), *fits = *fits && (pointer))
#define KEEP_TEXT(text) ((text) = rule_memory_text(memory, (text)), *fits = *fits && (text))

static void keep_side(struct rule_memory *memory, struct rule_side *side, bool *fits)
{
    KEEP(side->nets, side->net_count * sizeof(*side->nets));
    KEEP(side->ports, side->port_count * sizeof(*side->ports));
}

static void keep_pairs(struct rule_memory *memory, const struct rule_pair **pairs, unsigned count,
                       bool *fits)
{
    struct rule_pair *copy = rule_memory_take(memory, count * sizeof(*copy));
    *fits = *fits && copy;
    for (unsigned i = 0; i < count && *fits; i++) {
        copy[i] = (*pairs)[i];
        KEEP_TEXT(copy[i].key);
        if (*fits)
            KEEP_TEXT(copy[i].value);
    }
    *pairs = copy;
}

static void keep_buffer(struct rule_memory *memory, struct rule_buffer *buffer, bool *fits)
{
    struct rule_check *checks = rule_memory_take(memory, buffer->check_count * sizeof(*checks));
    *fits = *fits && checks;
    for (unsigned i = 0; i < buffer->check_count && *fits; i++) {
        checks[i] = buffer->checks[i];
        if (checks[i].kind == RULE_CONTENT)
            KEEP(checks[i].content.bytes, checks[i].content.len);
        else if (checks[i].kind == RULE_PCRE)
            KEEP_TEXT(checks[i].pcre.text);
    }
    buffer->checks = checks;
}

static void keep_buffers(struct rule_memory *memory, struct rule *rule, bool *fits)
{
    struct rule_buffer *buffers = rule_memory_take(memory, rule->buffer_count * sizeof(*buffers));
    *fits = *fits && buffers;
    for (unsigned i = 0; i < rule->buffer_count && *fits; i++) {
        buffers[i] = rule->buffers[i];
        keep_buffer(memory, buffers + i, fits);
    }
    rule->buffers = buffers;
}

const struct rule *rule_keep(struct rule_memory *memory, struct rule_draft *draft)
{
    struct rule *rule = rule_memory_take(memory, sizeof(*rule));
    bool all_fit = true;
    bool *fits = &all_fit;
    if (!rule)
        return NULL;
    *rule = draft->rule;
    keep_side(memory, &rule->source, fits);
    keep_side(memory, &rule->destination, fits);
    keep_buffers(memory, rule, fits);
    KEEP(rule->bits, rule->bit_count * sizeof(*rule->bits));
    keep_pairs(memory, &rule->references, rule->reference_count, fits);
    keep_pairs(memory, &rule->metadata, rule->metadata_count, fits);
    KEEP(rule->text, rule->text_len);
    KEEP_TEXT(rule->msg);
    KEEP_TEXT(rule->classtype);
    KEEP_TEXT(rule->tactic);
    KEEP_TEXT(rule->techniques);
    if (!all_fit)
        return NULL;
    draft->check_count = 0; /* its expressions are the set's now */
    return rule;
}

void rule_drop(const struct rule *rule)
{
    for (unsigned b = 0; b < rule->buffer_count; b++)
        for (unsigned i = 0; i < rule->buffers[b].check_count; i++)
            if (rule->buffers[b].checks[i].kind == RULE_PCRE)
                pcre2_code_free((pcre2_code *)rule->buffers[b].checks[i].pcre.code);
}
