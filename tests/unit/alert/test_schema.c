/* test_schema.c - the native record is what docs/schema/alert.schema.json says, key by key
 * SPDX-License-Identifier: Apache-2.0
 *
 * A validator for the words of JSON Schema 2020-12 that our schema uses, and stricter in one point:
 * a key the schema does not describe is a failure. */
#include "alert/record.h"

#include "alert_build.h"
#include "cmocka_all.h"

#include <jansson.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *schema;

static int schema_load(void **state)
{
    (void)state;
    char path[4096];
    const char *root = getenv("TEST_SOURCE_ROOT");
    snprintf(path, sizeof(path), "%s/docs/schema/alert.schema.json", root ? root : ".");
    schema = json_load_file(path, 0, NULL);
    return schema ? 0 : -1;
}

static int schema_free(void **state)
{
    (void)state;
    json_decref(schema);
    return 0;
}

static bool valid(const json_t *rule, const json_t *value);

static bool type_valid(const json_t *rule, const json_t *value)
{
    const char *type = json_string_value(json_object_get(rule, "type"));
    return !type || (strcmp(type, "object") == 0 && json_is_object(value)) ||
           (strcmp(type, "array") == 0 && json_is_array(value)) ||
           (strcmp(type, "string") == 0 && json_is_string(value)) ||
           (strcmp(type, "integer") == 0 && json_is_integer(value)) ||
           (strcmp(type, "number") == 0 && json_is_number(value)) ||
           (strcmp(type, "boolean") == 0 && json_is_boolean(value));
}

static bool enum_valid(const json_t *rule, const json_t *value)
{
    const json_t *words = json_object_get(rule, "enum"), *word;
    size_t i;
    json_array_foreach(words, i, word)
    {
        if (json_equal(word, value))
            return true;
    }
    return !words;
}

static bool pattern_valid(const json_t *rule, const json_t *value)
{
    const char *pattern = json_string_value(json_object_get(rule, "pattern"));
    regex_t regex;
    if (!pattern)
        return true;
    assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
    bool matches = regexec(&regex, json_string_value(value), 0, NULL, 0) == 0;
    regfree(&regex);
    return matches;
}

static bool range_valid(const json_t *rule, const json_t *value)
{
    const json_t *least = json_object_get(rule, "minimum"),
                 *most = json_object_get(rule, "maximum");
    const json_t *items = json_object_get(rule, "maxItems");
    return (!least || json_number_value(value) >= json_number_value(least)) &&
           (!most || json_number_value(value) <= json_number_value(most)) &&
           (!items || json_array_size(value) <= (size_t)json_integer_value(items));
}

static bool keys_valid(const json_t *rule, const json_t *value)
{
    const json_t *properties = json_object_get(rule, "properties"), *required, *name;
    const char *key;
    json_t *member;
    size_t i;
    json_object_foreach((json_t *)value, key, member)
    {
        const json_t *property = json_object_get(properties, key);
        if (!property || !valid(property, member)) {
            print_message("%s is not as the schema says\n", key);
            return false;
        }
    }
    required = json_object_get(rule, "required");
    json_array_foreach(required, i, name)
    {
        if (!json_object_get(value, json_string_value(name)))
            return false;
    }
    return true;
}

static bool items_valid(const json_t *rule, const json_t *value)
{
    const json_t *items = json_object_get(rule, "items"), *item;
    size_t i;
    json_array_foreach(value, i, item)
    {
        if (!valid(items, item))
            return false;
    }
    return true;
}

static bool valid(const json_t *rule, const json_t *value)
{
    if (json_object_get(rule, "$ref")) /* there is one */
        rule = json_object_get(json_object_get(schema, "$defs"), "time");
    return type_valid(rule, value) && enum_valid(rule, value) && pattern_valid(rule, value) &&
           range_valid(rule, value) && (!json_is_object(value) || keys_valid(rule, value)) &&
           (!json_is_array(value) || items_valid(rule, value));
}

static json_t *record_of(const struct alert *alert, enum language language)
{
    struct buf buf;
    struct json json = json_writer(&buf);
    buf_init(&buf, ALERT_JSON_MAX_BYTES);
    alert_to_json(alert, language, &json);
    json_t *record = json_loadb(buf.data, buf.len, 0, NULL);
    buf_done(&buf);
    assert_non_null(record);
    return record;
}

static void assert_valid(const struct alert *alert, enum language language)
{
    json_t *record = record_of(alert, language);
    assert_true(valid(schema, record));
    json_decref(record);
}

static void every_record_is_as_the_schema_says(void **state)
{
    (void)state;
    struct alert alert, bare = {.id = "1_2", .start_ns = 1000, .end_ns = 1000};
    alert_build(&alert, 7);
    assert_valid(&bare, LANGUAGE_EN);
    for (int i = 0; i < DETECTOR_COUNT; i++) {
        alert.detector = (uint8_t)i;
        assert_valid(&alert, LANGUAGE_JA);
    }
    for (int i = 0; i < REASON_COUNT; i++) {
        alert.reason = (uint8_t)i;
        assert_valid(&alert, LANGUAGE_EN);
    }
    for (int i = 0; i < ALERT_STATUS_COUNT; i++) {
        alert.status = (uint8_t)i;
        assert_valid(&alert, LANGUAGE_EN);
    }
    for (int i = 0; i < DISPOSITION_COUNT; i++) {
        alert.disposition = (uint8_t)i;
        assert_valid(&alert, LANGUAGE_EN);
    }
    for (int i = 0; i < SEVERITY_COUNT; i++) {
        alert.severity = (uint8_t)i;
        assert_valid(&alert, LANGUAGE_EN);
    }
    for (int i = 0; i < MATCH_FIELD_COUNT; i++) {
        alert.indicator.field = (uint8_t)i;
        assert_valid(&alert, LANGUAGE_EN);
    }
}

static void a_full_record_has_every_key_of_the_schema(void **state)
{
    (void)state;
    struct alert alert;
    const char *key;
    json_t *property;
    alert_build(&alert, 7);
    alert.disposition = DISPOSITION_TEST;
    json_t *record = record_of(&alert, LANGUAGE_EN);
    json_object_foreach(json_object_get(schema, "properties"), key, property)
    {
        bool of_exports = strcmp(key, "truncated") == 0; /* only of records that were cut */
        if (!of_exports && !json_object_get(record, key))
            fail_msg("no %s", key);
    }
    json_decref(record);
}

static void what_the_schema_does_not_say_is_noticed(void **state)
{
    (void)state;
    struct alert alert;
    alert_build(&alert, 7);
    json_t *record = record_of(&alert, LANGUAGE_EN);
    json_t *evidence = json_object_get(record, "evidence");
    json_object_set_new(evidence, "confidence", json_integer(101));
    assert_false(valid(schema, record));
    json_object_set_new(evidence, "confidence", json_integer(100));
    assert_true(valid(schema, record));
    json_object_set_new(record, "extra", json_true());
    assert_false(valid(schema, record));
    json_object_del(record, "extra");
    json_object_del(record, "count");
    assert_false(valid(schema, record));
    json_decref(record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_is_as_the_schema_says),
        cmocka_unit_test(a_full_record_has_every_key_of_the_schema),
        cmocka_unit_test(what_the_schema_does_not_say_is_noticed),
    };
    return cmocka_run_group_tests(tests, schema_load, schema_free);
}
