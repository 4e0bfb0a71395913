/* test_suppression_json.c - suppression rules are read strictly, and written as they were read
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert/suppression.h"

#include "cmocka_all.h"

#include <errno.h>
#include <stdio.h>

static struct error error;

static void a_refusal_names_the_key(void **state)
{
    (void)state;
    static const struct {
        const char *rule;
        const char *says;
    } cases[] = {
        {"[]", "not an object"},
        {"{\"name\":\"ab\"", "line 1"},
        {"{\"alert_types\":[\"dark_web\"],\"reason\":\"test\"}", "name: missing"},
        {"{\"name\":\"a\",\"alert_types\":[\"dark_web\"],\"reason\":\"test\"}", "name: not 2"},
        {"{\"name\":\"-ab\",\"alert_types\":[\"dark_web\"],\"reason\":\"test\"}", "name: not"},
        {"{\"name\":\"a b\",\"alert_types\":[\"dark_web\"],\"reason\":\"test\"}", "name: not"},
        {"{\"name\":\"ab\\u0000c\",\"alert_types\":[\"dark_web\"],\"reason\":\"test\"}", "\\u0000"},
        {"{\"name\":\"ab\",\"reason\":\"test\"}", "alert_types: missing"},
        {"{\"name\":\"ab\",\"alert_types\":[],\"reason\":\"test\"}", "alert_types: not a list"},
        {"{\"name\":\"ab\",\"alert_types\":[\"a b\"],\"reason\":\"test\"}", "alert_types[0]"},
        {"{\"name\":\"ab\",\"alert_types\":[\"*\"],\"reason\":\"test\"}", "every alert"},
        {"{\"name\":\"ab\",\"alert_types\":[\"dark_web\"]}", "reason: missing"},
        {"{\"name\":\"ab\",\"alert_types\":[\"dark_web\"],\"reason\":\"true_positive\"}",
         "reason: not"},
        {"{\"name\":\"ab\",\"alert_types\":[\"dark_web\"],\"reason\":\"\"}", "reason: not"},
        {"{\"name\":\"ab\",\"alert_types\":[\"dark_web\"],\"reason\":\"test\",\"colour\":1}",
         "\"colour\""},
        {"{\"name\":\"ab\",\"alert_types\":[\"dark_web\"],\"reason\":\"test\",\"state\":\"on\"}",
         "state: not"},
        {"{\"name\":\"ab\",\"alert_types\":[\"dark_web\"],\"reason\":\"test\",\"expires\":"
         "\"soon\"}",
         "expires: not"},
        {"{\"name\":\"ab\",\"alert_types\":[\"dark_web\"],\"reason\":\"test\",\"comment\":"
         "\"a\\nb\"}",
         "comment: not"},
        {"{\"name\":\"ab\",\"name\":\"cd\",\"alert_types\":[\"dark_web\"],\"reason\":\"test\"}",
         "duplicate"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct suppression *rule;
        assert_int_equal(suppression_parse(cases[i].rule, strlen(cases[i].rule), &rule, &error),
                         -EINVAL);
        if (!strstr(error.text, cases[i].says))
            fail_msg("%s: %s", cases[i].rule, error.text);
    }
}

static void a_refused_condition_is_named_by_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *condition;
        const char *says;
    } cases[] = {
        {"7", "conditions[1]: not an object"},
        {"{\"field\":\"colour\",\"in\":[\"red\"]}", "conditions[1].field: not one of entity ip"},
        {"{\"field\":\"ip\"}", "one of in, contains"},
        {"{\"field\":\"ip\",\"in\":[\"192.0.2.1\"],\"contains\":\"1\"}", "alone"},
        {"{\"field\":\"ip\",\"in\":[]}", "conditions[1].in: not a list"},
        {"{\"field\":\"ip\",\"in\":\"192.0.2.1\"}", "conditions[1].in: not a list"},
        {"{\"field\":\"ip\",\"in\":[\"192.0.2.1\",\"x\"]}", "conditions[1].in[1]: \"x\""},
        {"{\"field\":\"ip\",\"suffix\":\"example\"}", "does not go with the field \"ip\""},
        {"{\"field\":\"tag\",\"cidr\":\"192.0.2.0/24\"}", "does not go with"},
        {"{\"field\":\"ip\",\"cidr\":\"192.0.2.1/24\"}", "conditions[1].cidr: \"192.0.2.1/24\""},
        {"{\"field\":\"ip\",\"contains\":\"\"}", "conditions[1].contains: not a text of 1"},
        {"{\"field\":\"domain\",\"in\":[\"a..b\"]}", "not a domain name"},
        {"{\"field\":\"entity\",\"suffix\":\".\"}", "conditions[1].suffix"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[512];
        struct suppression *rule;
        snprintf(text, sizeof(text),
                 "{\"name\":\"ab\",\"alert_types\":[\"*\"],\"reason\":\"test\",\"conditions\":"
                 "[{\"field\":\"feed\",\"in\":[\"x\"]},%s]}",
                 cases[i].condition);
        assert_int_equal(suppression_parse(text, strlen(text), &rule, &error), -EINVAL);
        if (!strstr(error.text, cases[i].says))
            fail_msg("%s: %s", cases[i].condition, error.text);
    }
}

/* Reads a rule and writes it again. */
static void rewrite(const char *text, char *out, size_t size)
{
    struct suppression *rule;
    struct buf buf;
    struct json json = json_writer(&buf);
    if (suppression_parse(text, strlen(text), &rule, &error) < 0)
        fail_msg("%s", error.text);
    buf_init(&buf, SUPPRESSION_JSON_MAX_BYTES);
    json_object_begin(&json);
    suppression_to_json(rule, SUPPRESSION_ENABLED, &json);
    json_object_end(&json);
    snprintf(out, size, "%s", buf.data);
    buf_done(&buf);
    suppression_free(rule);
}

static void a_rule_is_written_in_canonical_form(void **state)
{
    (void)state;
    char once[1024], twice[1024];
    rewrite("{\"reason\":\"FalsePositive\",\"name\":\"Lab_1\",\"hits\":7,\"last_hit\":null,"
            "\"alert_types\":[\"AzureDNS_NotYet\",\"dark_web\"],\"comment\":\"\\u00e9\","
            "\"expires\":\"2027-01-31T00:00:00Z\",\"conditions\":["
            "{\"in\":[\"2001:DB8:0::1\"],\"field\":\"entities.ip.address\"},"
            "{\"field\":\"domain\",\"suffix\":\".Example.COM.\"},"
            "{\"field\":\"ip\",\"cidr\":\"192.0.2.0/24\"}]}",
            once, sizeof(once));
    assert_string_equal(once,
                        "{\"name\":\"Lab_1\",\"alert_types\":[\"AzureDNS_NotYet\",\"dark_web\"],"
                        "\"conditions\":[{\"field\":\"ip\",\"in\":[\"2001:db8::1\"]},"
                        "{\"field\":\"domain\",\"suffix\":\"example.com\"},"
                        "{\"field\":\"ip\",\"cidr\":\"192.0.2.0/24\"}],\"state\":\"enabled\","
                        "\"reason\":\"false_positive\",\"comment\":\"\xc3\xa9\","
                        "\"expires\":\"2027-01-31T00:00:00.000000Z\"}");
    rewrite(once, twice, sizeof(twice));
    assert_string_equal(once, twice);
}

/* Escapes make a name longer than it was typed, and it must be readable as it was written. */
static void a_name_full_of_escapes_is_read_back(void **state)
{
    (void)state;
    char text[512], once[2048], twice[2048], name[128];
    memset(name, ';', sizeof(name));
    snprintf(text, sizeof(text),
             "{\"name\":\"ab\",\"alert_types\":[\"*\"],\"reason\":\"test\",\"conditions\":"
             "[{\"field\":\"domain\",\"in\":[\"%.60s.%.60s.%.60s.%.60s\"]}]}",
             name, name, name, name);
    rewrite(text, once, sizeof(once));
    rewrite(once, twice, sizeof(twice));
    assert_string_equal(once, twice);
}

static void limits_are_exact(void **state)
{
    (void)state;
    static const struct {
        unsigned values;
        int result;
    } cases[] = {{SUPPRESSION_VALUES_MAX, 0}, {SUPPRESSION_VALUES_MAX + 1, -EINVAL}};
    for (size_t i = 0; i < 2; i++) {
        struct suppression *rule = NULL;
        struct buf buf;
        buf_init(&buf, SUPPRESSION_JSON_MAX_BYTES);
        buf_text(&buf,
                 "{\"name\":\"ab\",\"alert_types\":[\"*\"],\"reason\":\"test\",\"conditions\":"
                 "[{\"field\":\"feed\",\"in\":[\"x\"");
        for (unsigned k = 1; k < cases[i].values; k++)
            buf_text(&buf, ",\"x\"");
        buf_text(&buf, "]}]}");
        assert_int_equal(suppression_parse(buf.data, buf.len, &rule, &error), cases[i].result);
        buf_done(&buf);
        suppression_free(rule);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refusal_names_the_key),
        cmocka_unit_test(a_refused_condition_is_named_by_its_place),
        cmocka_unit_test(a_rule_is_written_in_canonical_form),
        cmocka_unit_test(a_name_full_of_escapes_is_read_back),
        cmocka_unit_test(limits_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
