/* test_automation.c - which alerts a rule is for
 * SPDX-License-Identifier: Apache-2.0 */
#include "respond/automation.h"

#include "alert_build.h"
#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct alert
    alert; /* of alert_build(): threat_intel, Medium, 198.51.0.1, tags laptop, sales */

static struct config *load(const char *rule)
{
    char text[512];
    struct config *config;
    struct error error;
    int len =
        snprintf(text, sizeof(text),
                 "state_dir: /tmp\nautomation: [{name: rule, command: [/bin/true]%s}]\n", rule);
    if (config_load_text("test", text, (size_t)len, &config, &error) < 0)
        fail_msg("%s", error.text);
    return config;
}

static void all_conditions_must_hold(void **state)
{
    (void)state;
    static const struct {
        const char *rule;
        bool matches;
    } cases[] = {
        {"", true},
        {", severity_min: medium", true},
        {", severity_min: high", false},
        {", types: [threat_intel]", true},
        {", types: [AzureDNS_ThreatIntelSuspectDomain]", true},
        {", types: [dark_web, signature]", false},
        {", entities: [198.51.0.0/16]", true},
        {", entities: [10.0.0.0/8, 198.51.0.1]", true},
        {", entities: [203.0.113.0/24]", false},
        {", domains: [example.test]", true},
        {", domains: [WWW.example.TEST]", true},
        {", domains: [ample.test]", false},
        {", domains: [domain1.example.test.example.org]", false},
        {", tags: [sales]", true},
        {", tags: [LAPTOP]", true},
        {", tags: [sale, top]", false},
        {", tags: [sales], severity_min: high", false},
    };
    alert_build(&alert, 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct config *config = load(cases[i].rule);
        if (automation_matches(automation_find(config, "rule"), &alert) != cases[i].matches)
            fail_msg("%s", cases[i].rule);
        config_free(config);
    }
}

static size_t planned(const char *rule)
{
    struct config *config = load(rule);
    struct plans plans = {0};
    automation_plan(config, &alert, 0, &plans);
    free(plans.items);
    config_free(config);
    return plans.count;
}

static void what_is_switched_off_suppressed_or_dismissed_does_not_run(void **state)
{
    (void)state;
    alert_build(&alert, 1);
    alert.suppressed_by[0] = 0;
    assert_int_equal(planned(""), 1);
    assert_int_equal(planned(", enabled: false"), 0);
    alert.status = ALERT_STATUS_DISMISSED;
    assert_int_equal(planned(""), 0);
    assert_int_equal(planned(", changed: true"), 1);
    snprintf(alert.suppressed_by, sizeof(alert.suppressed_by), "lab");
    assert_int_equal(planned(", changed: true"), 0);
}

static void a_rule_without_or_with_two_actions_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "automation: [{name: r}]\n",
        "automation: [{name: r, command: [/bin/true], webhook: {url: 'https://h.example'}}]\n",
        "automation: [{name: r, command: [true]}]\n",
        "automation: [{name: r, command: [/bin/true], types: [nonsense]}]\n",
        "automation: [{name: r, webhook: {url: 'http://h.example'}}]\n",
        "automation: [{name: 'r r', command: [/bin/true]}]\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct config *config;
        struct error error;
        if (config_load_text("test", texts[i], strlen(texts[i]), &config, &error) == 0)
            fail_msg("%s", texts[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_conditions_must_hold),
        cmocka_unit_test(what_is_switched_off_suppressed_or_dismissed_does_not_run),
        cmocka_unit_test(a_rule_without_or_with_two_actions_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
