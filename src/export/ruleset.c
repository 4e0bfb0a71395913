/* ruleset.c - which alerts an export is for: rules of all of which, in any of its sets, hold
 * SPDX-License-Identifier: Apache-2.0 */
#include "export/ruleset.h"
#include "alert/record.h"
#include "export/codes.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum operation {
    OP_CONTAINS,
    OP_ENDS_WITH,
    OP_EQUALS,
    OP_GREATER_THAN,
    OP_GREATER_THAN_OR_EQUAL_TO,
    OP_LESSER_THAN,
    OP_LESSER_THAN_OR_EQUAL_TO,
    OP_NOT_EQUALS,
    OP_STARTS_WITH,
    OP_COUNT,
};

static const char *const operation_names[OP_COUNT] = {
    "Contains",
    "EndsWith",
    "Equals",
    "GreaterThan",
    "GreaterThanOrEqualTo",
    "LesserThan",
    "LesserThanOrEqualTo",
    "NotEquals",
    "StartsWith",
};

enum property {
    PROPERTY_STRING,
    PROPERTY_INTEGER,
    PROPERTY_NUMBER,
    PROPERTY_BOOLEAN,
    PROPERTY_COUNT
};

static const char *const property_names[PROPERTY_COUNT] = {"String", "Integer", "Number",
                                                           "Boolean"};

struct rule {
    char path[RULESET_TEXT_MAX];
    char text[RULESET_TEXT_MAX]; /* what is expected, as text */
    double number;               /* of PROPERTY_INTEGER and PROPERTY_NUMBER */
    uint8_t property;            /* enum property */
    uint8_t operation;           /* enum operation */
};

struct rules {
    size_t count;
    struct rule *rules;
};

struct ruleset {
    size_t count;
    struct rules sets[RULESETS_MAX];
};

static int word_find(const char *word, const char *const names[], int count)
{
    for (int i = 0; i < count; i++)
        if (strcasecmp(word, names[i]) == 0)
            return i;
    return -1;
}

static bool key_is(const char *key, const char *path, size_t len)
{
    return strlen(key) == len && strncasecmp(key, path, len) == 0;
}

/* Reading. */

/* The native path that a written one stands for. */
static const char *path_native(const char *path)
{
    static const struct {
        const char *theirs, *ours;
    } names[] = {
#define NAME(theirs, ours) {theirs, ours},
#include "export/ruleset_names.def"
    };
    static const char prefix[] = "properties.";
    if (strncasecmp(path, prefix, strlen(prefix)) == 0)
        path += strlen(prefix);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcasecmp(path, names[i].theirs) == 0)
            return names[i].ours;
    return path;
}

/* Whether native records have a key with which the path begins. Behind that anything goes: what is
 * unknown is left out of a record. */
static bool path_is_known(const char *path)
{
    static const char *const keys[] = {
#define KEY(key) key,
#include "export/ruleset_names.def"
    };
    size_t len = strcspn(path, ".");
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (key_is(keys[i], path, len))
            return true;
    return false;
}

/* The text of one key of a rule; NULL with a message. */
static const char *key_text(const json_t *rule, const char *key, struct error *error)
{
    const json_t *value = json_object_get(rule, key);
    const char *text = json_string_value(value);
    if (!text || !*text || strlen(text) >= RULESET_TEXT_MAX ||
        strlen(text) != json_string_length(value)) {
        error_set(error, -EINVAL, ".%s: a text of 1 to %d bytes is needed", key,
                  RULESET_TEXT_MAX - 1);
        return NULL;
    }
    return text;
}

static int word_read(const json_t *object, const char *key, const char *const names[], int count,
                     uint8_t *ret_word, struct error *error)
{
    const char *text = key_text(object, key, error);
    int word = text ? word_find(text, names, count) : -1;
    if (text && word < 0)
        error_set(error, -EINVAL, ".%s: \"%.64s\" is none of those there are, such as %s", key,
                  text, names[0]);
    *ret_word = (uint8_t)word;
    return word < 0 ? -EINVAL : 0;
}

static bool number_read(const char *text, bool whole, double *ret_number)
{
    char *end;
    *ret_number = strtod(text, &end);
    return end != text && !*end && isfinite(*ret_number) &&
           (!whole || *ret_number == floor(*ret_number));
}

/* Severities are none but these, and tactics may be written as Azure's `intent` is. */
static int words_check(struct rule *rule, struct error *error)
{
    bool whole = rule->operation != OP_CONTAINS && rule->operation != OP_STARTS_WITH &&
                 rule->operation != OP_ENDS_WITH;
    if (strcasecmp(rule->path, "severity") == 0 && whole && severity_parse(rule->text) < 0)
        return error_set(error, -EINVAL, ".expectedValue: \"%.64s\" is no severity", rule->text);
    for (int i = 0; i < TACTIC_COUNT; i++)
        if (strcasecmp(rule->path, "tactic") == 0 &&
            strcasecmp(rule->text, tactic_codes[i].intent) == 0)
            strcpy(rule->text, tactic_names[i][LANGUAGE_EN]);
    return 0;
}

/* Whether the expected value is one of the property's type. */
static int expected_check(struct rule *rule, struct error *error)
{
    bool fits = true, ordered = rule->operation != OP_EQUALS && rule->operation != OP_NOT_EQUALS;
    bool inside = rule->operation == OP_CONTAINS || rule->operation == OP_ENDS_WITH ||
                  rule->operation == OP_STARTS_WITH;
    if (rule->property == PROPERTY_INTEGER || rule->property == PROPERTY_NUMBER)
        fits = number_read(rule->text, rule->property == PROPERTY_INTEGER, &rule->number);
    if (rule->property == PROPERTY_BOOLEAN)
        fits = strcasecmp(rule->text, "true") == 0 || strcasecmp(rule->text, "false") == 0;
    if (!fits)
        return error_set(error, -EINVAL, ".expectedValue: \"%.64s\" is no %s", rule->text,
                         property_names[rule->property]);
    if ((inside && rule->property != PROPERTY_STRING) ||
        (ordered && rule->property == PROPERTY_BOOLEAN))
        return error_set(error, -EINVAL, ".operator: %s is not for a %s",
                         operation_names[rule->operation], property_names[rule->property]);
    return 0;
}

static int rule_read(const json_t *object, struct rule *rule, struct error *error)
{
    int r = word_read(object, "operator", operation_names, OP_COUNT, &rule->operation, error);
    rule->property = PROPERTY_STRING;
    if (r == 0 && json_object_get(object, "propertyType"))
        r = word_read(object, "propertyType", property_names, PROPERTY_COUNT, &rule->property,
                      error);
    if (r < 0)
        return r;
    const char *path = key_text(object, "propertyJPath", error);
    const char *text = path ? key_text(object, "expectedValue", error) : NULL;
    if (!text)
        return -EINVAL;
    strcpy(rule->path, path_native(path));
    strcpy(rule->text, text);
    if (!path_is_known(rule->path))
        return error_set(error, -EINVAL, ".propertyJPath: \"%.64s\" is no key of an alert", path);
    r = words_check(rule, error);
    return r < 0 ? r : expected_check(rule, error);
}

static int set_read(const json_t *set, struct rules *rules, struct error *error)
{
    const json_t *list = json_object_get(set, "rules");
    size_t count = json_array_size(list);
    if (count == 0 || count > RULESET_RULES_MAX)
        return error_set(error, -EINVAL, ".rules: a list of 1 to %d rules is needed",
                         RULESET_RULES_MAX);
    rules->rules = calloc(count, sizeof(*rules->rules));
    if (!rules->rules)
        return error_set(error, -ENOMEM, ": no memory for its rules");
    rules->count = count;
    for (size_t i = 0; i < count; i++) {
        int r = rule_read(json_array_get(list, i), &rules->rules[i], error);
        if (r < 0) {
            error_prefix(error, ".rules[%zu]", i);
            return r;
        }
    }
    return 0;
}

int ruleset_new(const json_t *sets, struct ruleset **ret_ruleset, struct error *error)
{
    if (!json_is_array(sets) || json_array_size(sets) > RULESETS_MAX)
        return error_set(error, -EINVAL, "ruleSets: a list of at most %d sets is needed",
                         RULESETS_MAX);
    struct ruleset *ruleset = calloc(1, sizeof(*ruleset));
    if (!ruleset)
        return error_set(error, -ENOMEM, "ruleSets: no memory");
    for (size_t i = 0; i < json_array_size(sets); i++) {
        int r = set_read(json_array_get(sets, i), &ruleset->sets[ruleset->count++], error);
        if (r < 0) {
            error_prefix(error, "ruleSets[%zu]", i);
            ruleset_free(ruleset);
            return r;
        }
    }
    *ret_ruleset = ruleset;
    return 0;
}

int ruleset_parse(const char *text, size_t len, struct ruleset **ret_ruleset, struct error *error)
{
    json_error_t where;
    json_t *sets = json_loadb(text, len, JSON_REJECT_DUPLICATES, &where);
    if (!sets)
        return error_set(error, -EINVAL, "ruleSets: %s at byte %d", where.text, where.position);
    int r = ruleset_new(sets, ret_ruleset, error);
    json_decref(sets);
    return r;
}

void ruleset_free(struct ruleset *ruleset)
{
    for (size_t i = 0; ruleset && i < ruleset->count; i++)
        free(ruleset->sets[i].rules);
    free(ruleset);
}

void ruleset_validate(const char *text, size_t len, struct buf *buf)
{
    struct ruleset *ruleset = NULL;
    struct error error = {""};
    struct json json = json_writer(buf);
    int r = ruleset_parse(text, len, &ruleset, &error);
    ruleset_free(ruleset);
    json_object_begin(&json);
    json_key(&json, "isValid");
    json_bool(&json, r == 0);
    json_pair(&json, "message", r == 0 ? "" : error.text);
    json_object_end(&json);
}

/* Matching. */

static bool text_contains(const char *text, const char *part)
{
    return strcasestr(text, part) != NULL;
}

static bool text_ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);
    return end_len <= len && strcasecmp(text + len - end_len, end) == 0;
}

/* Negative, 0 or positive: severities by rank, other texts without case. */
static int text_order(const char *a, const char *b)
{
    int rank_a = severity_parse(a), rank_b = severity_parse(b);
    return rank_a >= 0 && rank_b >= 0 ? rank_a - rank_b : strcasecmp(a, b);
}

static bool order_holds(enum operation operation, double order)
{
    switch (operation) {
    case OP_EQUALS: return order == 0;
    case OP_NOT_EQUALS: return order != 0;
    case OP_GREATER_THAN: return order > 0;
    case OP_GREATER_THAN_OR_EQUAL_TO: return order >= 0;
    case OP_LESSER_THAN: return order < 0;
    case OP_LESSER_THAN_OR_EQUAL_TO: return order <= 0;
    default: return false;
    }
}

static bool text_holds(const struct rule *rule, const char *text)
{
    switch ((enum operation)rule->operation) {
    case OP_CONTAINS: return text_contains(text, rule->text);
    case OP_STARTS_WITH: return strncasecmp(text, rule->text, strlen(rule->text)) == 0;
    case OP_ENDS_WITH: return text_ends_with(text, rule->text);
    default: return order_holds(rule->operation, text_order(text, rule->text));
    }
}

static bool scalar_holds(const struct rule *rule, const json_t *value)
{
    if (rule->property == PROPERTY_INTEGER || rule->property == PROPERTY_NUMBER)
        return json_is_number(value) &&
               order_holds(rule->operation, json_number_value(value) - rule->number);
    if (json_is_string(value))
        return text_holds(rule, json_string_value(value));
    if (json_is_boolean(value))
        return text_holds(rule, json_is_true(value) ? "true" : "false");
    return false;
}

/* Whether the rule holds for the value or, of a list, for some element. */
static bool value_holds(const struct rule *rule, const json_t *value, const char *path);

static bool object_holds(const struct rule *rule, const json_t *object, const char *path)
{
    size_t len = strcspn(path, ".");
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value)
    {
        if (key_is(key, path, len))
            return value_holds(rule, value, path + len + (path[len] == '.'));
    }
    return false;
}

static bool value_holds(const struct rule *rule, const json_t *value, const char *path)
{
    size_t i;
    const json_t *element;
    if (json_is_object(value))
        return *path && object_holds(rule, value, path);
    if (!json_is_array(value))
        return !*path && scalar_holds(rule, value);
    json_array_foreach(value, i, element)
    {
        if (value_holds(rule, element, path))
            return true;
    }
    return false;
}

static bool rule_holds(const struct rule *rule, const json_t *record)
{
    if (rule->operation != OP_NOT_EQUALS)
        return value_holds(rule, record, rule->path);
    struct rule equal = *rule;
    equal.operation = OP_EQUALS;
    return !value_holds(&equal, record, rule->path);
}

static bool set_holds(const struct rules *rules, const json_t *record)
{
    for (size_t i = 0; i < rules->count; i++)
        if (!rule_holds(&rules->rules[i], record))
            return false;
    return true;
}

/* The native record as a tree. */
static json_t *record_of(const struct alert *alert)
{
    struct buf text;
    buf_init(&text, ALERT_JSON_MAX_BYTES);
    struct json json = json_writer(&text);
    alert_to_json(alert, LANGUAGE_EN, &json);
    json_t *record = text.overflow ? NULL : json_loadb(text.data, text.len, 0, NULL);
    buf_done(&text);
    return record;
}

int ruleset_matches(const struct ruleset *ruleset, const struct alert *alert)
{
    if (!ruleset || ruleset->count == 0)
        return 1;
    json_t *record = record_of(alert);
    if (!record)
        return -ENOMEM;
    bool holds = false;
    for (size_t i = 0; i < ruleset->count && !holds; i++)
        holds = set_holds(&ruleset->sets[i], record);
    json_decref(record);
    return holds;
}
