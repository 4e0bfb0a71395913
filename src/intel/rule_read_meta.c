/* rule_read_meta.c - what a rule is called, where it is explained and how serious it is
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/rule_draft.h"

#include <dnsvigil/indicator.h>
#include <dnsvigil/terms.h>

#include <string.h>

static const struct {
    const char *name;
    uint8_t category;
} classes[] = {
#define RULE_CLASS(name, category) {name, CATEGORY_##category},
#include "intel/rule_classes.def"
#undef RULE_CLASS
};

const char *rule_text_keep(struct rule_draft *draft, struct slice text)
{
    char *copy = arena_take(&draft->text, text.len + 1);
    if (!copy)
        return NULL;
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    return copy;
}

RULE_KEYWORD_FUNCTION(msg)
{
    enum rule_refusal refusal = rule_quotes_cut(&value, NULL);
    if (refusal != RULE_REFUSAL_NONE)
        return refusal;
    char *copy = arena_take(&reader->draft.text, value.len + 1);
    if (!copy)
        return RULE_REFUSAL_FULL;
    size_t len = 0;
    for (size_t i = 0; i < value.len; i++) {
        i += value.at[i] == '\\' && i + 1 < value.len;
        copy[len++] = value.at[i];
    }
    copy[len] = '\0';
    reader->draft.rule.msg = copy;
    return RULE_REFUSAL_NONE;
}

static enum rule_refusal number_read(struct slice value, uint64_t min, uint32_t *ret)
{
    uint64_t number;
    if (!rule_uint_read(value, UINT32_MAX, &number) || number < min)
        return RULE_REFUSAL_NUMBER;
    *ret = (uint32_t)number;
    return RULE_REFUSAL_NONE;
}

RULE_KEYWORD_FUNCTION(sid)
{
    return number_read(value, 1, &reader->draft.rule.sid);
}

RULE_KEYWORD_FUNCTION(rev)
{
    return number_read(value, 0, &reader->draft.rule.rev);
}

RULE_KEYWORD_FUNCTION(gid)
{
    return number_read(value, 1, &reader->draft.rule.gid);
}

RULE_KEYWORD_FUNCTION(priority)
{
    uint64_t number;
    if (!rule_uint_read(value, UINT8_MAX, &number) || number == 0)
        return RULE_REFUSAL_NUMBER;
    reader->draft.rule.priority = (uint8_t)number;
    return RULE_REFUSAL_NONE;
}

RULE_KEYWORD_FUNCTION(classtype)
{
    reader->draft.rule.classtype = rule_text_keep(&reader->draft, value);
    return reader->draft.rule.classtype ? RULE_REFUSAL_NONE : RULE_REFUSAL_FULL;
}

static enum rule_refusal pair_add(struct rule_draft *draft, struct rule_pair *pairs,
                                  uint16_t *count, struct slice key, struct slice value)
{
    if (*count == RULE_PAIRS_MAX)
        return RULE_REFUSAL_MUCH;
    struct rule_pair pair = {rule_text_keep(draft, key), rule_text_keep(draft, value)};
    if (!pair.key || !pair.value)
        return RULE_REFUSAL_FULL;
    pairs[(*count)++] = pair;
    return RULE_REFUSAL_NONE;
}

/* `kind,value`. */
RULE_KEYWORD_FUNCTION(reference)
{
    struct rule_draft *draft = &reader->draft;
    struct slice kind = slice_trim(slice_cut(&value, ','));
    value = slice_trim(value);
    if (kind.len == 0 || value.len == 0)
        return RULE_REFUSAL_VALUE;
    return pair_add(draft, draft->references, &draft->rule.reference_count, kind, value);
}

/* `key value, key value`. */
RULE_KEYWORD_FUNCTION(metadata)
{
    struct rule_draft *draft = &reader->draft;
    enum rule_refusal refusal = RULE_REFUSAL_NONE;
    while (value.len > 0 && refusal == RULE_REFUSAL_NONE) {
        struct slice pair = slice_trim(slice_cut(&value, ','));
        struct slice key = slice_word(&pair);
        if (key.len > 0)
            refusal = pair_add(draft, draft->metadata, &draft->rule.metadata_count, key, pair);
    }
    return refusal;
}

RULE_KEYWORD_FUNCTION(target)
{
    bool src = slice_equal(value, "src_ip");
    if (!src && !slice_equal(value, "dest_ip"))
        return RULE_REFUSAL_VALUE;
    reader->draft.rule.target = src ? RULE_TARGET_SRC : RULE_TARGET_DST;
    return RULE_REFUSAL_NONE;
}

/* The values of a key, with blanks between them; NULL when they do not fit. */
static const char *metadata_join(struct rule_draft *draft, const char *key)
{
    size_t size = 1;
    for (unsigned i = 0; i < draft->rule.metadata_count; i++)
        if (strcmp(draft->metadata[i].key, key) == 0)
            size += strlen(draft->metadata[i].value) + 1;
    char *joined = arena_take(&draft->text, size);
    char *at = joined;
    if (!joined)
        return NULL;
    for (unsigned i = 0; i < draft->rule.metadata_count; i++)
        if (strcmp(draft->metadata[i].key, key) == 0) {
            if (at > joined)
                *at++ = ' ';
            at = stpcpy(at, draft->metadata[i].value);
        }
    *at = '\0';
    return joined;
}

/* How the publishers of rules grade them, in the words of signature_severity. */
static int severity_of(const struct rule_draft *draft)
{
    static const struct {
        const char *word;
        int8_t severity;
    } words[] = {
        {"Critical", SEVERITY_HIGH},      {"Major", SEVERITY_MEDIUM},
        {"Minor", SEVERITY_LOW},          {"Informational", SEVERITY_INFORMATIONAL},
        {"Info", SEVERITY_INFORMATIONAL}, {"Audit", SEVERITY_INFORMATIONAL},
    };
    static const int8_t priorities[] = {-1, SEVERITY_HIGH, SEVERITY_MEDIUM, SEVERITY_LOW};
    for (unsigned i = 0; i < draft->rule.metadata_count; i++)
        for (size_t w = 0; w < sizeof(words) / sizeof(*words); w++)
            if (strcmp(draft->metadata[i].key, "signature_severity") == 0 &&
                strcasecmp(draft->metadata[i].value, words[w].word) == 0)
                return words[w].severity;
    uint8_t priority = draft->rule.priority;
    return priority < sizeof(priorities) ? priorities[priority] : SEVERITY_INFORMATIONAL;
}

static uint8_t category_of(const char *classtype)
{
    for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
        if (strcmp(classtype, classes[i].name) == 0)
            return classes[i].category;
    return CATEGORY_SUSPICIOUS;
}

enum rule_refusal rule_meta_finish(struct rule_draft *draft)
{
    struct rule *rule = &draft->rule;
    rule->severity = (int8_t)severity_of(draft);
    rule->category = category_of(rule->classtype);
    rule->tactic = metadata_join(draft, "mitre_tactic_id");
    rule->techniques = metadata_join(draft, "mitre_technique_id");
    return rule->tactic && rule->techniques ? RULE_REFUSAL_NONE : RULE_REFUSAL_FULL;
}
