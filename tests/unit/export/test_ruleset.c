/* test_ruleset.c - rules choose alerts as the export's owner means, and bad rules are explained
 * SPDX-License-Identifier: Apache-2.0 */
#include "export/ruleset.h"

#include "alert_gallery.h"
#include "cmocka_all.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RULE(path, type, operator, value)                                                          \
    "{\"propertyJPath\":\"" path "\",\"propertyType\":\"" type "\",\"operator\":\""                \
    operator"\",\"expectedValue\":\"" value "\"}"
#define SET(rules) "{\"rules\":[" rules "]}"

static int matches(const char *sets, const struct alert *alert)
{
    struct ruleset *ruleset;
    struct error error = {""};
    if (ruleset_parse(sets, strlen(sets), &ruleset, &error) < 0)
        fail_msg("%s", error.text);
    int r = ruleset_matches(ruleset, alert);
    ruleset_free(ruleset);
    return r;
}

/* The alert is of threat intelligence, medium, about www.domain6.example, with two samples. */
static void each_operator_compares_as_its_name_says(void **state)
{
    (void)state;
    static const struct {
        const char *rule;
        int holds;
    } cases[] = {
        {RULE("severity", "String", "Equals", "medium"), 1},
        {RULE("severity", "String", "Equals", "High"), 0},
        {RULE("severity", "String", "NotEquals", "High"), 1},
        {RULE("severity", "String", "NotEquals", "MEDIUM"), 0},
        {RULE("severity", "String", "GreaterThan", "Low"), 1},
        {RULE("severity", "String", "GreaterThan", "Medium"), 0},
        {RULE("severity", "String", "GreaterThanOrEqualTo", "Medium"), 1},
        {RULE("severity", "String", "LesserThan", "High"), 1},
        {RULE("severity", "String", "LesserThanOrEqualTo", "Informational"), 0},
        {RULE("domain", "String", "Contains", "OMAIN6"), 1},
        {RULE("domain", "String", "StartsWith", "domain6"), 1},
        {RULE("domain", "String", "StartsWith", "omain6"), 0},
        {RULE("domain", "String", "EndsWith", ".EXAMPLE"), 1},
        {RULE("domain", "String", "EndsWith", "a.very.much.longer.text.than.domain6.example"), 0},
        {RULE("count", "Integer", "GreaterThan", "8"), 1},
        {RULE("count", "Integer", "LesserThan", "9"), 0},
        {RULE("count", "Number", "Equals", "9.0"), 1},
        {RULE("evidence.features.value", "Number", "Equals", "12.5"), 1},
        {RULE("preview", "Boolean", "Equals", "False"), 1},
        {RULE("preview", "Boolean", "Equals", "true"), 0},
    };
    struct alert alert;
    alert_gallery(&alert, DETECTOR_THREAT_INTEL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char sets[512];
        snprintf(sets, sizeof(sets), "[" SET("%s") "]", cases[i].rule);
        if (matches(sets, &alert) != cases[i].holds)
            fail_msg("%s", cases[i].rule);
    }
}

static void paths_lead_through_objects_and_lists_by_either_name(void **state)
{
    (void)state;
    static const struct {
        const char *rule;
        int holds;
    } cases[] = {
        {RULE("entity.ip", "String", "Equals", "198.51.100.7"), 1},
        {RULE("Entity.IP", "String", "Equals", "198.51.100.7"), 1},
        {RULE("entity.tags", "String", "Equals", "sales"), 1},
        {RULE("entity.tags", "String", "NotEquals", "sales"), 0},
        {RULE("entity.tags", "String", "NotEquals", "other"), 1},
        {RULE("evidence.samples.qname", "String", "StartsWith", "a\\\\046"), 1},
        {RULE("AlertType", "String", "Equals", "azuredns_threatintelsuspectdomain"), 1},
        {RULE("properties.alertType", "String", "Contains", "ThreatIntel"), 1},
        {RULE("properties.compromisedEntity", "String", "Contains", "laptop-7"), 1},
        {RULE("Intent", "String", "Equals", "Initial Access"), 1},
        {RULE("properties.intent", "String", "Equals", "InitialAccess"), 1},
        {RULE("entity", "String", "Contains", "a"), 0},
        {RULE("entity.ip.more", "String", "Contains", "1"), 0},
        {RULE("evidence.like.this", "String", "Equals", "x"), 0},
        {RULE("evidence.like.this", "String", "NotEquals", "x"), 1},
    };
    struct alert alert;
    alert_gallery(&alert, DETECTOR_THREAT_INTEL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char sets[512];
        snprintf(sets, sizeof(sets), "[" SET("%s") "]", cases[i].rule);
        if (matches(sets, &alert) != cases[i].holds)
            fail_msg("%s", cases[i].rule);
    }
}

static void rules_of_a_set_are_joined_by_and_sets_by_or(void **state)
{
    (void)state;
#define TRUE_RULE  RULE("severity", "String", "Equals", "Medium")
#define FALSE_RULE RULE("severity", "String", "Equals", "High")
    struct alert alert;
    alert_gallery(&alert, DETECTOR_THREAT_INTEL);
    assert_int_equal(matches("[]", &alert), 1);
    assert_int_equal(matches("[" SET(TRUE_RULE "," TRUE_RULE) "]", &alert), 1);
    assert_int_equal(matches("[" SET(TRUE_RULE "," FALSE_RULE) "]", &alert), 0);
    assert_int_equal(matches("[" SET(FALSE_RULE) "," SET(TRUE_RULE) "]", &alert), 1);
    assert_int_equal(matches("[" SET(FALSE_RULE) "," SET(FALSE_RULE) "]", &alert), 0);
    assert_int_equal(ruleset_matches(NULL, &alert), 1);
}

static void bad_rules_are_told_where_and_why(void **state)
{
    (void)state;
    static const struct {
        const char *sets, *message;
    } cases[] = {
        {"", "ruleSets: "},
        {"{}", "ruleSets: a list of at most 64 sets"},
        {"[{}]", "ruleSets[0].rules: a list of 1 to 64"},
        {"[" SET("") "]", "ruleSets[0].rules: a list of 1 to 64"},
        {"[" SET("7") "]", "ruleSets[0].rules[0].operator: a text"},
        {"[" SET(RULE("severity", "String", "Resembles", "x")) "]", "\\\"Resembles\\\" is none"},
        {"[" SET(RULE("severity", "Colour", "Equals", "x")) "]", ".propertyType: "},
        {"[" SET(RULE("", "String", "Equals", "x")) "]", ".propertyJPath: a text"},
        {"[" SET(RULE("severity", "String", "Equals", "")) "]", ".expectedValue: a text"},
        {"[" SET(RULE("count", "Integer", "Equals", "1.5")) "]", "\\\"1.5\\\" is no Integer"},
        {"[" SET(RULE("count", "Number", "Equals", "nan")) "]", "is no Number"},
        {"[" SET(RULE("count", "Number", "Contains", "1")) "]", "Contains is not for a Number"},
        {"[" SET(RULE("preview", "Boolean", "Equals", "maybe")) "]", "is no Boolean"},
        {"[" SET(RULE("preview", "Boolean", "GreaterThan", "true")) "]", "not for a Boolean"},
        {"[" SET(RULE("severty", "String", "Equals", "Low")) "]", "\\\"severty\\\" is no key"},
        {"[" SET(RULE("no.such.key", "String", "Equals", "x")) "]", "is no key of an alert"},
        {"[" SET(RULE("properties.state", "String", "Equals", "x")) "]", "is no key of an alert"},
        {"[" SET(RULE("severity", "String", "Equals", "Hgih")) "]", "\\\"Hgih\\\" is no severity"},
        {"[" SET(RULE("Severity", "String", "GreaterThan", "4")) "]", "is no severity"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf answer;
        buf_init(&answer, 4096);
        ruleset_validate(cases[i].sets, strlen(cases[i].sets), &answer);
        assert_memory_equal(answer.data, "{\"isValid\":false,", strlen("{\"isValid\":false,"));
        if (!strstr(answer.data, cases[i].message))
            fail_msg("no %s in %s", cases[i].message, answer.data);
        buf_done(&answer);
    }
}

static void good_rules_are_valid(void **state)
{
    (void)state;
    static const char sets[] = "[" SET(RULE("severity", "String", "Equals", "High")) "]";
    struct buf answer;
    buf_init(&answer, 4096);
    ruleset_validate(sets, strlen(sets), &answer);
    assert_string_equal(answer.data, "{\"isValid\":true,\"message\":\"\"}");
    buf_done(&answer);
}

/* What the schema of native records promises is what rules may be about. */
static void rules_are_about_every_key_of_native_records(void **state)
{
    (void)state;
    char path[512], sets[512];
    json_error_t why;
    const char *key;
    json_t *value;
    snprintf(path, sizeof(path), "%s/docs/schema/alert.schema.json", getenv("TEST_SOURCE_ROOT"));
    json_t *schema = json_load_file(path, 0, &why);
    assert_non_null(schema);
    json_object_foreach(json_object_get(schema, "properties"), key, value)
    {
        struct alert alert;
        if (strcmp(key, "truncated") == 0)
            continue; /* only a record that was cut has it */
        alert_gallery(&alert, DETECTOR_THREAT_INTEL);
        snprintf(sets, sizeof(sets), "[" SET(RULE("%s.x", "String", "NotEquals", "x")) "]", key);
        assert_int_equal(matches(sets, &alert), 1);
    }
    json_decref(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_operator_compares_as_its_name_says),
        cmocka_unit_test(paths_lead_through_objects_and_lists_by_either_name),
        cmocka_unit_test(rules_of_a_set_are_joined_by_and_sets_by_or),
        cmocka_unit_test(bad_rules_are_told_where_and_why),
        cmocka_unit_test(good_rules_are_valid),
        cmocka_unit_test(rules_are_about_every_key_of_native_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
