/* fuzz_rules.c - reads arbitrary bytes as a file of rules and explains what comes of it
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/rule_explain.h"
#include "intel/rule_set.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct told {
    uint64_t loaded;
    uint64_t replaced;
};

/* Whatever is refused says why, and what is in use was told as loaded. */
static void note_take(void *arg, const struct rule_note *note)
{
    struct told *told = arg;
    assert(note->line > 0 && strlen(note->keyword) < RULE_KEYWORD_TEXT_MAX);
    assert((note->fate == RULE_FATE_REFUSED) <= (note->refusal != RULE_REFUSAL_NONE));
    told->loaded += note->fate == RULE_FATE_LOADED;
    told->replaced += note->fate == RULE_FATE_REPLACED;
}

/* A rule in use keeps what rule.h promises to those who match it. */
static void rule_check_promises(const struct rule *rule)
{
    assert(rule->sid > 0 && rule->buffer_count <= RULE_BUFFERS_MAX);
    assert((rule->fast_check < 0) == (rule->shape == RULE_SHAPE_UNBOUND));
    for (unsigned b = 0; b < rule->buffer_count; b++) {
        assert(rule->buffers[b].check_count > 0);
        for (unsigned i = 0; i < rule->buffers[b].check_count; i++) {
            const struct rule_check *check = rule->buffers[b].checks + i;
            assert(check->kind != RULE_PCRE || check->pcre.code);
            if (check->kind != RULE_CONTENT)
                continue;
            assert(check->content.len > 0);
            assert(!check->content.has_depth || check->content.depth >= check->content.len);
            assert(!check->content.has_within || check->content.within >= check->content.len);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const struct rule_variable variables[] = {{"A", "[10.0.0.0/8,$B]"}, {"B", "!$A"}};
    const struct rule_options options = {variables, 2, NULL, 0, true};
    struct told told = {0};
    struct rule_set *set;
    struct error error;
    struct buf text;
    struct rule_builder *builder = rule_builder_new(&options, note_take, &told);
    assert(builder);
    assert(rule_builder_add_text(builder, "fuzz", (const char *)data, len, &error) == 0);
    assert(rule_builder_finish(builder, &set, &error) == 0);
    assert(set->count == told.loaded - told.replaced);
    buf_init(&text, 1 << 20);
    for (uint32_t i = 0; i < set->count; i++) {
        rule_check_promises(set->rules[i]);
        rule_explain(set, set->rules[i], &text);
        rule_explain_shape(set->rules[i], &text);
    }
    buf_done(&text);
    rule_set_free(set);
    rule_builder_free(builder);
    return 0;
}
