/* rule_guards.c - bytes that many rules need: where they are missing, none of these is tried
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/rule_guards.h"

#include <stdlib.h>
#include <string.h>

struct contents {
    const struct rule_content **all;
    size_t count;
};

static const struct rule_buffer *payload_of(const struct rule *rule)
{
    if (rule->shape == RULE_SHAPE_UNBOUND)
        return NULL;
    const struct rule_buffer *buffer = &rule->buffers[rule->fast_buffer];
    return buffer->kind == RULE_BUFFER_PAYLOAD && buffer->transform_count == 0 ? buffer : NULL;
}

/* A content of the buffer that may be a guard: it must stand there, is rare, and is not the one by
 * which the rule is filed. */
static const struct rule_content *guard_content(const struct rule *rule, unsigned i)
{
    const struct rule_check *check = &rule->buffers[rule->fast_buffer].checks[i];
    if (check->kind != RULE_CONTENT || check->negated || (int)i == rule->fast_check)
        return NULL;
    const struct rule_content *content = &check->content;
    return pattern_weight(content->bytes, content->len) < RULE_GUARD_WEIGHT ? NULL : content;
}

static int content_compare(const struct rule_content *a, const struct rule_content *b)
{
    return a->len != b->len ? a->len - b->len : memcmp(a->bytes, b->bytes, a->len);
}

static int content_order(const void *a, const void *b)
{
    return content_compare(*(const struct rule_content *const *)a,
                           *(const struct rule_content *const *)b);
}

/* How many there are; put into all[] unless that is NULL. */
static size_t contents_collect(const struct rule_set *set, const struct rule_content **all)
{
    size_t count = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        const struct rule *rule = set->rules[i];
        const struct rule_buffer *buffer = payload_of(rule);
        for (unsigned j = 0; buffer && j < buffer->check_count; j++) {
            const struct rule_content *content = guard_content(rule, j);
            if (!content)
                continue;
            if (all)
                all[count] = content;
            count++;
        }
    }
    return count;
}

/* Of contents in order, those become guards that come up often enough. */
static void guards_choose(struct rule_guards *guards, const struct contents *contents)
{
    for (size_t from = 0, to; from < contents->count; from = to) {
        for (to = from + 1; to < contents->count; to++)
            if (content_compare(contents->all[from], contents->all[to]) != 0)
                break;
        if (to - from >= RULE_GUARDED_MIN && guards->count < RULE_GUARDS_MAX)
            guards->guards[guards->count++].content = contents->all[from];
    }
}

bool rule_guards_init(struct rule_guards *guards, const struct rule_set *set)
{
    struct contents contents = {.count = contents_collect(set, NULL)};
    guards->count = 0;
    for (unsigned i = 0; i < RULE_GUARDS_MAX; i++)
        pattern_set_init(&guards->guards[i].behind);
    contents.all = calloc(contents.count + 1, sizeof(*contents.all));
    if (!contents.all)
        return false;
    contents_collect(set, contents.all);
    qsort(contents.all, contents.count, sizeof(*contents.all), content_order);
    guards_choose(guards, &contents);
    free(contents.all);
    return true;
}

void rule_guards_done(struct rule_guards *guards)
{
    for (unsigned i = 0; i < RULE_GUARDS_MAX; i++)
        pattern_set_done(&guards->guards[i].behind);
    guards->count = 0;
}

int rule_guard_of(const struct rule_guards *guards, const struct rule *rule)
{
    const struct rule_buffer *buffer = payload_of(rule);
    for (unsigned j = 0; buffer && j < buffer->check_count; j++) {
        const struct rule_content *content = guard_content(rule, j);
        for (unsigned i = 0; content && i < guards->count; i++)
            if (content_compare(guards->guards[i].content, content) == 0)
                return (int)i;
    }
    return -1;
}

bool rule_guards_build(struct rule_guards *guards)
{
    for (unsigned i = 0; i < guards->count; i++)
        if (!pattern_set_build(&guards->guards[i].behind))
            return false;
    return true;
}

size_t rule_guards_bytes(const struct rule_guards *guards)
{
    size_t bytes = 0;
    for (unsigned i = 0; i < guards->count; i++)
        bytes += pattern_set_bytes(&guards->guards[i].behind);
    return bytes;
}
