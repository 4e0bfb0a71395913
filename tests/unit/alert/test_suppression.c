/* test_suppression.c - which alerts a suppression rule matches, and which rule an alert proposes
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert/suppression.h"

#include "alert_build.h"
#include "cmocka_all.h"

#include <errno.h>
#include <stdio.h>

static struct error error;

static struct suppression *parse(const char *text)
{
    struct suppression *rule = NULL;
    if (suppression_parse(text, strlen(text), &rule, &error) < 0)
        fail_msg("%s: %s", text, error.text);
    return rule;
}

/* An alert with a text for each field. */
static struct alert alert_make(void)
{
    struct alert alert;
    alert_build(&alert, 1);
    alert.detector = DETECTOR_THREAT_INTEL;
    alert.has_signature = true;
    alert.signature = (struct alert_signature){.gid = 1, .sid = 2010935, .msg = "Odd beacon"};
    alert.has_anomaly = false;
    snprintf(alert.entity_ip, sizeof(alert.entity_ip), "192.0.2.7");
    snprintf(alert.entity_name, sizeof(alert.entity_name), "Lab-PC.corp.example");
    snprintf(alert.entity_tags, sizeof(alert.entity_tags), "lab\nThird Floor");
    snprintf(alert.domain, sizeof(alert.domain), "bad.example");
    snprintf(alert.qname, sizeof(alert.qname), "www\\.cdn.bad.example");
    snprintf(alert.indicator.feed, sizeof(alert.indicator.feed), "abuse-list");
    snprintf(alert.indicator.matched, sizeof(alert.indicator.matched), "2001:db8::5");
    alert.indicator.field = MATCH_ADDRESS;
    return alert;
}

static void conditions_look_at_their_field_in_any_case(void **state)
{
    (void)state;
    static const struct {
        const char *condition;
        bool matches;
    } cases[] = {
        {"{\"field\":\"ip\",\"in\":[\"192.0.2.8\",\"192.0.2.7\"]}", true},
        {"{\"field\":\"ip\",\"in\":[\"192.0.2.70\"]}", false},
        {"{\"field\":\"ip\",\"in\":[\"2001:0DB8:0::5\"]}", true},
        {"{\"field\":\"ip\",\"cidr\":\"192.0.2.0/29\"}", true},
        {"{\"field\":\"ip\",\"cidr\":\"192.0.2.8/29\"}", false},
        {"{\"field\":\"ip\",\"cidr\":\"2001:db8::/32\"}", true},
        {"{\"field\":\"ip\",\"cidr\":\"::/0\"}", true},
        {"{\"field\":\"ip\",\"contains\":\"0.2.7\"}", true},
        {"{\"field\":\"entities.ip.address\",\"in\":[\"192.0.2.7\"]}", true},
        {"{\"field\":\"Entities.IP.Address\",\"in\":[\"192.0.2.7\"]}", true},
        {"{\"field\":\"entity\",\"in\":[\"lab-pc.CORP.example\"]}", true},
        {"{\"field\":\"entity\",\"suffix\":\"corp.example\"}", true},
        {"{\"field\":\"entity\",\"suffix\":\"orp.example\"}", false},
        {"{\"field\":\"entity\",\"cidr\":\"192.0.2.7/32\"}", true},
        {"{\"field\":\"entity\",\"in\":[\"2001:db8::5\"]}", false},
        {"{\"field\":\"domain\",\"in\":[\"BAD.example.\"]}", true},
        {"{\"field\":\"domain\",\"in\":[\"example\"]}", false},
        {"{\"field\":\"domain\",\"suffix\":\"example\"}", true},
        {"{\"field\":\"domain\",\"suffix\":\".bad.example\"}", true},
        {"{\"field\":\"domain\",\"suffix\":\"ad.example\"}", false},
        {"{\"field\":\"domain\",\"suffix\":\"www.cdn.bad.example\"}", false},
        {"{\"field\":\"domain\",\"suffix\":\"cdn.bad.example\"}", false},
        {"{\"field\":\"domain\",\"contains\":\"CDN\"}", true},
        {"{\"field\":\"tag\",\"in\":[\"third floor\"]}", true},
        {"{\"field\":\"tag\",\"in\":[\"floor\"]}", false},
        {"{\"field\":\"tag\",\"contains\":\"b\\u0020t\"}", false},
        {"{\"field\":\"rule\",\"in\":[\"2010935\"]}", true},
        {"{\"field\":\"rule\",\"in\":[\"1:2010935\"]}", true},
        {"{\"field\":\"rule\",\"in\":[\"2:2010935\"]}", false},
        {"{\"field\":\"rule\",\"contains\":\"beacon\"}", true},
        {"{\"field\":\"feed\",\"in\":[\"Abuse-List\"]}", true},
        {"{\"field\":\"feed\",\"contains\":\"other\"}", false},
    };
    struct alert alert = alert_make();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[512];
        snprintf(
            text, sizeof(text),
            "{\"name\":\"it\",\"alert_types\":[\"*\"],\"reason\":\"test\",\"conditions\":[%s]}",
            cases[i].condition);
        struct suppression *rule = parse(text);
        if (suppression_matches(rule, &alert) != cases[i].matches)
            fail_msg("%s", cases[i].condition);
        suppression_free(rule);
    }
}

static void types_match_by_slug_and_by_literal_id(void **state)
{
    (void)state;
    static const struct {
        const char *types;
        bool matches;
    } cases[] = {
        {"\"threat_intel\"", true},
        {"\"dark_web\",\"AzureDNS_ThreatIntelSuspectDomain\"", true},
        {"\"azuredns_threatintelsuspectdomain\"", true},
        {"\"dark_web\"", false},
        {"\"AzureDNS_NotInventedYet\"", false},
        {"\"AzureDNS_NotInventedYet\",\"threat_intel\"", true},
    };
    struct alert alert = alert_make();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[256];
        snprintf(text, sizeof(text), "{\"name\":\"it\",\"alert_types\":[%s],\"reason\":\"test\"}",
                 cases[i].types);
        struct suppression *rule = parse(text);
        if (suppression_matches(rule, &alert) != cases[i].matches)
            fail_msg("%s", cases[i].types);
        suppression_free(rule);
    }
}

static void all_conditions_must_hold(void **state)
{
    (void)state;
    struct alert alert = alert_make();
    struct suppression *rule =
        parse("{\"name\":\"it\",\"alert_types\":[\"*\"],\"reason\":\"test\",\"conditions\":["
              "{\"field\":\"ip\",\"in\":[\"192.0.2.7\"]},{\"field\":\"tag\",\"in\":[\"lab\"]}]}");
    assert_true(suppression_matches(rule, &alert));
    *alert.entity_tags = 0;
    assert_false(suppression_matches(rule, &alert));
    suppression_free(rule);
}

static void what_a_server_answers_cannot_hide_an_alert(void **state)
{
    (void)state;
    struct alert alert = alert_make();
    snprintf(alert.samples[0].answers, sizeof(alert.samples[0].answers),
             "bad.example 60 IN A 198.51.100.1");
    struct suppression *rule =
        parse("{\"name\":\"it\",\"alert_types\":[\"*\"],\"reason\":\"test\",\"conditions\":["
              "{\"field\":\"ip\",\"in\":[\"198.51.100.1\"]}]}");
    assert_false(suppression_matches(rule, &alert));
    suppression_free(rule);
}

static void a_rule_expires_at_its_time(void **state)
{
    (void)state;
    struct suppression *rule =
        parse("{\"name\":\"it\",\"alert_types\":[\"dark_web\"],\"reason\":\"test\","
              "\"expires\":\"1970-01-01T00:00:01Z\"}");
    assert_int_equal(suppression_state_at(rule, 999999999), SUPPRESSION_ENABLED);
    assert_int_equal(suppression_state_at(rule, 1000000000), SUPPRESSION_EXPIRED);
    rule->disabled = true;
    assert_int_equal(suppression_state_at(rule, 0), SUPPRESSION_DISABLED);
    suppression_free(rule);
}

static void a_proposed_rule_matches_its_alert_and_no_other(void **state)
{
    (void)state;
    struct alert alert = alert_make(), other = alert_make();
    struct suppression *rule;
    snprintf(other.entity_ip, sizeof(other.entity_ip), "192.0.2.99");
    for (enum suppression_scope scope = SUPPRESSION_SCOPE_ENTITY; scope <= SUPPRESSION_SCOPE_BOTH;
         scope++) {
        assert_int_equal(suppression_from_alert(&alert, scope, DISPOSITION_EXPECTED, &rule, &error),
                         0);
        assert_true(suppression_name_valid(rule->name));
        assert_true(suppression_matches(rule, &alert));
        assert_int_equal(suppression_matches(rule, &other), scope == SUPPRESSION_SCOPE_DOMAIN);
        struct alert another = alert;
        another.signature.sid++;
        assert_false(suppression_matches(rule, &another));
        suppression_free(rule);
    }
}

static void rules_about_several_machines_of_one_domain_have_names_of_their_own(void **state)
{
    (void)state;
    struct alert alert = alert_make(), other = alert_make();
    struct suppression *rule, *second;
    snprintf(other.entity_ip, sizeof(other.entity_ip), "192.0.2.99");
    suppression_from_alert(&alert, SUPPRESSION_SCOPE_BOTH, DISPOSITION_TEST, &rule, &error);
    suppression_from_alert(&other, SUPPRESSION_SCOPE_BOTH, DISPOSITION_TEST, &second, &error);
    assert_string_not_equal(rule->name, second->name);
    suppression_free(rule);
    suppression_free(second);
}

static void no_rule_is_proposed_for_a_domain_that_is_not_there(void **state)
{
    (void)state;
    struct alert alert = alert_make();
    struct suppression *rule;
    *alert.domain = 0;
    assert_int_equal(
        suppression_from_alert(&alert, SUPPRESSION_SCOPE_BOTH, DISPOSITION_TEST, &rule, &error),
        -EINVAL);
    assert_non_null(strstr(error.text, "domain"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conditions_look_at_their_field_in_any_case),
        cmocka_unit_test(types_match_by_slug_and_by_literal_id),
        cmocka_unit_test(all_conditions_must_hold),
        cmocka_unit_test(what_a_server_answers_cannot_hide_an_alert),
        cmocka_unit_test(a_rule_expires_at_its_time),
        cmocka_unit_test(a_proposed_rule_matches_its_alert_and_no_other),
        cmocka_unit_test(rules_about_several_machines_of_one_domain_have_names_of_their_own),
        cmocka_unit_test(no_rule_is_proposed_for_a_domain_that_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
