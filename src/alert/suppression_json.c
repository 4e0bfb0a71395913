/* suppression_json.c - suppression rules as JSON: a strict reader that names what it refuses
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert/suppression.h"

#include "base/clock.h"

#include <dnsvigil/name.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    IN = 1 << SUPPRESSION_IN,
    CONTAINS = 1 << SUPPRESSION_CONTAINS,
    SUFFIX = 1 << SUPPRESSION_SUFFIX,
    CIDR = 1 << SUPPRESSION_CIDR,
};

static const char *const operator_names[SUPPRESSION_OPERATOR_COUNT] = {
    [SUPPRESSION_IN] = "in",
    [SUPPRESSION_CONTAINS] = "contains",
    [SUPPRESSION_SUFFIX] = "suffix",
    [SUPPRESSION_CIDR] = "cidr",
};

static const struct field_row {
    const char *name;
    uint8_t operators;
} field_rows[SUPPRESSION_FIELD_COUNT] = {
#define SUPPRESSION_FIELD(id, name, operators, text) [SUPPRESSION_FIELD_##id] = {#name, operators},
#include "alert/suppression_fields.def"
#undef SUPPRESSION_FIELD
};

static const struct {
    const char *spelling;
    uint8_t field;
} spellings[] = {
#define SUPPRESSION_FIELD(id, name, ...) {#name, SUPPRESSION_FIELD_##id},
#define SUPPRESSION_SPELLING(id, name)   {name, SUPPRESSION_FIELD_##id},
#include "alert/suppression_fields.def"
#undef SUPPRESSION_FIELD
#undef SUPPRESSION_SPELLING
};

static const char fields_text[] = ""
#define SUPPRESSION_FIELD(id, name, ...) " " #name
#include "alert/suppression_fields.def"
#undef SUPPRESSION_FIELD
    ;

/* Texts. */

static bool has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return true;
    return false;
}

/* A text of `min` to `max` bytes without control characters. NULL, with the error set, for others.
 */
static const char *text_read(const json_t *value, size_t min, size_t max, struct error *error)
{
    const char *text = json_string_value(value);
    size_t len = text ? json_string_length(value) : 0;
    if (text && strlen(text) == len && len >= min && len <= max && !has_control(text))
        return text;
    error_set(error, -EINVAL, ": not a text of %zu to %zu bytes without control characters", min,
              max);
    return NULL;
}

static int name_read(const json_t *value, struct suppression *rule, struct error *error)
{
    const char *text = json_is_string(value) ? json_string_value(value) : "";
    if (strlen(text) != json_string_length(value) || !suppression_name_valid(text))
        return error_set(error, -EINVAL,
                         ": not 2 to %d letters, digits, '-' and '_', the first a letter or digit",
                         SUPPRESSION_NAME_MAX);
    snprintf(rule->name, sizeof(rule->name), "%s", text);
    return 0;
}

static int comment_read(const json_t *value, struct suppression *rule, struct error *error)
{
    const char *text = text_read(value, 0, SUPPRESSION_COMMENT_MAX, error);
    if (!text)
        return -EINVAL;
    snprintf(rule->comment, sizeof(rule->comment), "%s", text);
    return 0;
}

/* A rule says why what it hides is no threat: "true_positive" is no such reason. */
static int reason_read(const json_t *value, struct suppression *rule, struct error *error)
{
    int reason = json_is_string(value) ? disposition_parse(json_string_value(value)) : -1;
    if (reason <= DISPOSITION_NONE || reason == DISPOSITION_TRUE_POSITIVE)
        return error_set(error, -EINVAL,
                         ": not one of false_positive, benign, expected, test, duplicate, other");
    rule->reason = (uint8_t)reason;
    return 0;
}

static int state_read(const json_t *value, struct suppression *rule, struct error *error)
{
    const char *text = json_is_string(value) ? json_string_value(value) : "";
    for (unsigned i = 0; i < SUPPRESSION_STATE_COUNT; i++) {
        if (strcasecmp(text, suppression_state_names[i]) == 0) {
            rule->disabled = i == SUPPRESSION_DISABLED;
            return 0;
        }
    }
    return error_set(error, -EINVAL, ": not enabled or disabled");
}

static int expires_read(const json_t *value, struct suppression *rule, struct error *error)
{
    if (json_is_null(value))
        return 0;
    if (json_is_string(value) && time_parse(json_string_value(value), &rule->expires_ns) == 0 &&
        rule->expires_ns > 0)
        return 0;
    return error_set(error, -EINVAL, ": not a time as in 2027-01-31T00:00:00Z");
}

/* Types. */

static bool type_valid(const char *text)
{
    return text[strspn(text,
                       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")] == 0;
}

static int type_read(const json_t *value, struct suppression *rule, struct error *error)
{
    const char *text = text_read(value, 1, SUPPRESSION_TYPE_MAX, error);
    if (!text)
        return -EINVAL;
    if (strcmp(text, "*") == 0) {
        rule->every_type = true;
        return 0;
    }
    if (!type_valid(text))
        return error_set(error, -EINVAL, ": not a type of alert, nor \"*\" for all of them");
    snprintf(rule->types[rule->type_count++], SUPPRESSION_TYPE_MAX + 1, "%s", text);
    return 0;
}

static int types_read(const json_t *value, struct suppression *rule, struct error *error)
{
    size_t i;
    const json_t *type;
    size_t count = json_array_size(value);
    if (!json_is_array(value) || count < 1 || count > SUPPRESSION_TYPES_MAX)
        return error_set(error, -EINVAL, ": not a list of 1 to %d types", SUPPRESSION_TYPES_MAX);
    json_array_foreach(value, i, type)
    {
        int r = type_read(type, rule, error);
        if (r < 0) {
            error_prefix(error, "[%zu]", i);
            return r;
        }
    }
    return 0;
}

/* Conditions. */

static int field_find(const char *text)
{
    for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++)
        if (strcasecmp(spellings[i].spelling, text) == 0)
            return spellings[i].field;
    return -1;
}

static int field_read(const json_t *object, struct suppression_condition *condition,
                      struct error *error)
{
    const json_t *value = json_object_get(object, "field");
    int field = json_is_string(value) ? field_find(json_string_value(value)) : -1;
    if (field < 0)
        return error_set(error, -EINVAL, ".field: not one of%s", fields_text);
    condition->field = (uint8_t)field;
    return 0;
}

/* The one key of a condition that is not "field". */
static int operator_read(const json_t *object, struct suppression_condition *condition,
                         const json_t **ret_value, struct error *error)
{
    const struct field_row *row = &field_rows[condition->field];
    int found = -1;
    for (int i = 0; i < SUPPRESSION_OPERATOR_COUNT; i++)
        if (json_object_get(object, operator_names[i]))
            found = i;
    if (found < 0 || json_object_size(object) != 2)
        return error_set(error, -EINVAL,
                         ": has not \"field\" and one of in, contains, suffix, cidr alone");
    if (!(row->operators & 1u << found))
        return error_set(error, -EINVAL, ".%s: does not go with the field \"%s\"",
                         operator_names[found], row->name);
    condition->how = (uint8_t)found;
    *ret_value = json_object_get(object, operator_names[found]);
    return 0;
}

/* Names and addresses as they are written in alerts. Half of one, to be contained, stays as it is.
 */
static int value_canonical(const struct suppression_condition *condition, const char *text,
                           char value[static NAME_TEXT_MAX], struct error *error)
{
    struct addr addr;
    struct dns_name name;
    snprintf(value, NAME_TEXT_MAX, "%s", text);
    if (condition->how == SUPPRESSION_CONTAINS || condition->how == SUPPRESSION_CIDR)
        return 0;
    bool is_addr = addr_parse(text, strlen(text), &addr);
    if (condition->field == SUPPRESSION_FIELD_IP && !is_addr)
        return error_set(error, -EINVAL, ": \"%s\" is not an address", text);
    if (is_addr && condition->field != SUPPRESSION_FIELD_DOMAIN)
        addr_format(&addr, value);
    if (condition->field != SUPPRESSION_FIELD_DOMAIN)
        return 0;
    if (!name_from_text(&name, text, strlen(text)))
        return error_set(error, -EINVAL, ": \"%s\" is not a domain name", text);
    name_to_text(&name, 0, value);
    return 0;
}

static int value_add(struct suppression_condition *condition, const json_t *value,
                     struct error *error)
{
    char canonical[NAME_TEXT_MAX];
    const char *text = text_read(value, 1, SUPPRESSION_VALUE_MAX, error);
    if (!text)
        return -EINVAL;
    if (condition->how == SUPPRESSION_SUFFIX && *text == '.')
        text++; /* ".example.com" is meant as "example.com": a suffix has the border in it */
    if (!*text)
        return error_set(error, -EINVAL, ": \".\" is the end of every name");
    int r = value_canonical(condition, text, canonical, error);
    if (r < 0)
        return r;
    if (condition->how == SUPPRESSION_CIDR && !prefix_parse(text, strlen(text), &condition->prefix))
        return error_set(error, -EINVAL, ": \"%s\" is not a block of addresses (192.0.2.0/24)",
                         text);
    char *copy = strdup(canonical);
    if (!copy)
        return error_set(error, -ENOMEM, ": no memory");
    condition->values[condition->count++] = copy;
    return 0;
}

static int values_read(struct suppression_condition *condition, const json_t *value,
                       struct error *error)
{
    bool list = condition->how == SUPPRESSION_IN;
    size_t count = list ? json_array_size(value) : 1;
    if (list && (count < 1 || count > SUPPRESSION_VALUES_MAX))
        return error_set(error, -EINVAL, ": not a list of 1 to %d texts", SUPPRESSION_VALUES_MAX);
    condition->values = calloc(count, sizeof(*condition->values));
    if (!condition->values)
        return error_set(error, -ENOMEM, ": no memory");
    for (size_t i = 0; i < count; i++) {
        int r = value_add(condition, list ? json_array_get(value, i) : value, error);
        if (r < 0) {
            if (list)
                error_prefix(error, "[%zu]", i);
            return r;
        }
    }
    return 0;
}

static int condition_read(const json_t *object, struct suppression_condition *condition,
                          struct error *error)
{
    const json_t *value = NULL;
    if (!json_is_object(object))
        return error_set(error, -EINVAL, ": not an object");
    int r = field_read(object, condition, error);
    if (r == 0)
        r = operator_read(object, condition, &value, error);
    if (r < 0)
        return r;
    r = values_read(condition, value, error);
    if (r < 0)
        error_prefix(error, ".%s", operator_names[condition->how]);
    return r;
}

static int conditions_read(const json_t *value, struct suppression *rule, struct error *error)
{
    size_t i;
    const json_t *object;
    if (!json_is_array(value) || json_array_size(value) > SUPPRESSION_CONDITIONS_MAX)
        return error_set(error, -EINVAL, ": not a list of at most %d conditions",
                         SUPPRESSION_CONDITIONS_MAX);
    json_array_foreach(value, i, object)
    {
        int r = condition_read(object, &rule->conditions[rule->condition_count++], error);
        if (r < 0) {
            error_prefix(error, "[%zu]", i);
            return r;
        }
    }
    return 0;
}

static int skip(const json_t *value, struct suppression *rule, struct error *error)
{
    (void)value, (void)rule, (void)error;
    return 0;
}

static const struct key {
    const char *name;
    int (*read)(const json_t *value, struct suppression *rule, struct error *error);
    bool required;
} keys[] = {
    {"name", name_read, true},
    {"alert_types", types_read, true},
    {"conditions", conditions_read, false},
    {"state", state_read, false},
    {"reason", reason_read, true},
    {"comment", comment_read, false},
    {"expires", expires_read, false},
    {"created", skip, false},
    {"modified", skip, false},
    {"hits", skip, false},
    {"last_hit", skip, false},
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

static int unknown_key_check(const json_t *object, struct error *error)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name, value)
    {
        bool known = false;
        for (size_t i = 0; i < KEYS; i++)
            known |= strcmp(keys[i].name, name) == 0;
        if (!known)
            return error_set(error, -EINVAL, "suppression rule: \"%.64s\" is not one of its keys",
                             name);
    }
    return 0;
}

static int rule_read(const json_t *object, struct suppression *rule, struct error *error)
{
    for (size_t i = 0; i < KEYS; i++) {
        const json_t *value = json_object_get(object, keys[i].name);
        if (!value && keys[i].required)
            return error_set(error, -EINVAL, "suppression rule: %s: missing", keys[i].name);
        if (value && keys[i].read(value, rule, error) < 0) {
            error_prefix(error, "suppression rule: %s", keys[i].name);
            return -EINVAL;
        }
    }
    if (rule->every_type && rule->condition_count == 0)
        return error_set(error, -EINVAL,
                         "suppression rule: with the type \"*\" and no conditions it would dismiss "
                         "every alert; name types or conditions");
    return 0;
}

int suppression_from_json(const json_t *object, struct suppression **ret_rule, struct error *error)
{
    if (!json_is_object(object))
        return error_set(error, -EINVAL, "suppression rule: not an object");
    struct suppression *rule = calloc(1, sizeof(*rule));
    if (!rule)
        return error_set(error, -ENOMEM, "suppression rule: no memory");
    int r = unknown_key_check(object, error);
    if (r == 0)
        r = rule_read(object, rule, error);
    if (r < 0)
        suppression_free(rule);
    else
        *ret_rule = rule;
    return r;
}

int suppression_parse(const char *text, size_t len, struct suppression **ret_rule,
                      struct error *error)
{
    json_error_t where;
    if (len > SUPPRESSION_JSON_MAX_BYTES)
        return error_set(error, -EINVAL, "suppression rule: longer than %d bytes",
                         SUPPRESSION_JSON_MAX_BYTES);
    json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &where);
    if (!root)
        return error_set(error, -EINVAL, "suppression rule: line %d, column %d: %s", where.line,
                         where.column, where.text);
    int r = suppression_from_json(root, ret_rule, error);
    json_decref(root);
    return r;
}

/* Writing. */

static void condition_write(const struct suppression_condition *condition, struct json *json)
{
    json_object_begin(json);
    json_pair(json, "field", field_rows[condition->field].name);
    json_key(json, operator_names[condition->how]);
    if (condition->how == SUPPRESSION_IN) {
        json_array_begin(json);
        for (unsigned i = 0; i < condition->count; i++)
            json_text(json, condition->values[i]);
        json_array_end(json);
    } else {
        json_text(json, condition->values[0]);
    }
    json_object_end(json);
}

static void types_write(const struct suppression *rule, struct json *json)
{
    json_key(json, "alert_types");
    json_array_begin(json);
    if (rule->every_type)
        json_text(json, "*");
    for (unsigned i = 0; i < rule->type_count; i++)
        json_text(json, rule->types[i]);
    json_array_end(json);
}

void suppression_to_json(const struct suppression *rule, enum suppression_state state,
                         struct json *json)
{
    char expires[TIME_TEXT_MAX];
    json_pair(json, "name", rule->name);
    types_write(rule, json);
    json_key(json, "conditions");
    json_array_begin(json);
    for (unsigned i = 0; i < rule->condition_count; i++)
        condition_write(&rule->conditions[i], json);
    json_array_end(json);
    json_pair(json, "state", suppression_state_names[state]);
    json_pair(json, "reason", disposition_names[rule->reason][LANGUAGE_EN]);
    json_pair_opt(json, "comment", rule->comment);
    if (rule->expires_ns) {
        time_format(rule->expires_ns, expires);
        json_pair(json, "expires", expires);
    }
}
