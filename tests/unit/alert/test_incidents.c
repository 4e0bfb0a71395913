/* test_incidents.c - alerts that belong together add up to the same incident in any order
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert/incidents.h"

#include "base/clock.h"
#include "cmocka_all.h"

#include <stdio.h>

static const struct incident_limits limits = {
    .window_ns = 3600 * NS_PER_S,
    .span_ns = 7 * 86400 * NS_PER_S,
    .types_min = 2,
    .entities_min = 2,
};

static struct incident gathering(enum detector detector, enum incident_scope scope,
                                 const char *entity, unsigned minute)
{
    struct incident incident;
    struct alert alert = {
        .detector = (uint8_t)detector,
        .severity = SEVERITY_LOW,
        .start_ns = (1000 + minute) * 60 * NS_PER_S,
        .end_ns = (1001 + minute) * 60 * NS_PER_S,
        .domain = "bad.example",
        .correlation_key = "machine",
    };
    snprintf(alert.entity_ip, sizeof(alert.entity_ip), "%s", entity);
    assert_true(incident_begin(&alert, scope, &limits, &incident));
    return incident;
}

static void types_on_one_machine_make_a_kind(void **state)
{
    (void)state;
    static const struct {
        enum detector types[3];
        unsigned count;
        enum incident_kind kind;
    } cases[] = {
        {{DETECTOR_DARK_WEB}, 1, INCIDENT_NONE},
        {{DETECTOR_DARK_WEB, DETECTOR_DARK_WEB}, 2, INCIDENT_NONE},
        {{DETECTOR_DARK_WEB, DETECTOR_RANDOM_DOMAIN}, 2, INCIDENT_ACTIVITY},
        {{DETECTOR_GENERATED_DOMAINS, DETECTOR_THREAT_INTEL}, 2, INCIDENT_BOTNET},
        {{DETECTOR_GENERATED_DOMAINS, DETECTOR_SINKHOLED_DOMAIN}, 2, INCIDENT_BOTNET},
        {{DETECTOR_GENERATED_DOMAINS, DETECTOR_SIGNATURE}, 2, INCIDENT_BOTNET},
        {{DETECTOR_SIGNATURE, DETECTOR_GENERATED_DOMAINS}, 2, INCIDENT_ACTIVITY},
        {{DETECTOR_GENERATED_DOMAINS, DETECTOR_DARK_WEB}, 2, INCIDENT_ACTIVITY},
        {{DETECTOR_DATA_EXFILTRATION, DETECTOR_DATA_OBFUSCATION}, 2, INCIDENT_ACTIVITY},
        {{DETECTOR_DATA_OBFUSCATION, DETECTOR_DARK_WEB}, 2, INCIDENT_EXFILTRATION},
        {{DETECTOR_GENERATED_DOMAINS, DETECTOR_SIGNATURE, DETECTOR_DATA_INFILTRATION},
         3,
         INCIDENT_EXFILTRATION},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct incident sum = gathering(cases[i].types[0], INCIDENT_SCOPE_ENTITY, "192.0.2.1", 0);
        for (unsigned k = 1; k < cases[i].count; k++) {
            struct incident more =
                gathering(cases[i].types[k], INCIDENT_SCOPE_ENTITY, "192.0.2.1", k);
            incident_add(&sum, &more);
        }
        incident_judge(&sum, &limits);
        if (sum.kind != cases[i].kind)
            fail_msg("case %zu", i);
    }
}

static void any_order_gives_the_same_sum(void **state)
{
    (void)state;
    static const uint8_t orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                        {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    struct incident first = {0};
    const struct incident parts[3] = {
        gathering(DETECTOR_GENERATED_DOMAINS, INCIDENT_SCOPE_ENTITY, "192.0.2.1", 0),
        gathering(DETECTOR_THREAT_INTEL, INCIDENT_SCOPE_ENTITY, "192.0.2.1", 30),
        gathering(DETECTOR_DARK_WEB, INCIDENT_SCOPE_ENTITY, "192.0.2.1", 10),
    };
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        struct incident sum = parts[orders[i][0]];
        incident_add(&sum, &parts[orders[i][1]]);
        incident_add(&sum, &parts[orders[i][2]]);
        incident_judge(&sum, &limits);
        if (i == 0)
            first = sum;
        assert_memory_equal(&first, &sum, sizeof(sum));
    }
    assert_int_equal(first.kind, INCIDENT_BOTNET);
    assert_int_equal(first.alerts, 3);
    assert_int_equal(first.revision, 3);
}

static void severity_is_that_of_the_kind_or_of_the_gravest_alert(void **state)
{
    (void)state;
    struct incident domain = gathering(DETECTOR_DARK_WEB, INCIDENT_SCOPE_DOMAIN, "192.0.2.1", 0);
    struct incident other = gathering(DETECTOR_DARK_WEB, INCIDENT_SCOPE_DOMAIN, "192.0.2.2", 1);
    other.severity = SEVERITY_MEDIUM;
    incident_add(&domain, &other);
    domain.entities = 2;
    incident_judge(&domain, &limits);
    assert_int_equal(domain.kind, INCIDENT_DOMAIN);
    assert_int_equal(incident_severity(&domain), SEVERITY_MEDIUM);

    struct incident miners =
        gathering(DETECTOR_CURRENCY_MINING, INCIDENT_SCOPE_MINERS, "192.0.2.1", 0);
    miners.entities = 2;
    incident_judge(&miners, &limits);
    assert_int_equal(miners.kind, INCIDENT_MINING);
    assert_int_equal(incident_severity(&miners), SEVERITY_HIGH);
}

static void gatherings_touch_within_the_window_and_the_span(void **state)
{
    (void)state;
    static const struct {
        int64_t a_s, b_s;
        bool touch;
    } cases[] = {
        {100, 100, true},
        {100, 3700, true},
        {100, 3701, false},
        {3701, 100, false},
        {7 * 86400 - 1, 7 * 86400, false}, /* a span ends between them */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct incident a = {.start_ns = cases[i].a_s * NS_PER_S,
                             .last_ns = cases[i].a_s * NS_PER_S};
        struct incident b = {.start_ns = cases[i].b_s * NS_PER_S,
                             .last_ns = cases[i].b_s * NS_PER_S};
        if (incident_touches(&a, &b, &limits) != cases[i].touch)
            fail_msg("case %zu", i);
    }
}

static void what_has_no_machine_and_what_is_a_sample_stays_alone(void **state)
{
    (void)state;
    struct incident incident;
    struct alert alert = {.domain = "bad.example", .detector = DETECTOR_CURRENCY_MINING};
    for (unsigned scope = 0; scope < INCIDENT_SCOPE_COUNT; scope++)
        assert_false(incident_begin(&alert, scope, &limits, &incident));
    snprintf(alert.entity_ip, sizeof(alert.entity_ip), "192.0.2.1");
    for (unsigned scope = 0; scope < INCIDENT_SCOPE_COUNT; scope++)
        assert_true(incident_begin(&alert, scope, &limits, &incident));
    alert.sample = true;
    for (unsigned scope = 0; scope < INCIDENT_SCOPE_COUNT; scope++)
        assert_false(incident_begin(&alert, scope, &limits, &incident));
}

static void ids_differ_by_scope_key_and_start_alone(void **state)
{
    (void)state;
    struct incident a = gathering(DETECTOR_DARK_WEB, INCIDENT_SCOPE_ENTITY, "192.0.2.1", 0);
    struct incident again = gathering(DETECTOR_SIGNATURE, INCIDENT_SCOPE_ENTITY, "192.0.2.1", 0);
    const struct incident others[] = {
        gathering(DETECTOR_DARK_WEB, INCIDENT_SCOPE_DOMAIN, "192.0.2.1", 0),
        gathering(DETECTOR_DARK_WEB, INCIDENT_SCOPE_ENTITY, "192.0.2.2", 0),
        gathering(DETECTOR_DARK_WEB, INCIDENT_SCOPE_ENTITY, "192.0.2.1", 1),
    };
    assert_string_equal(a.id, again.id);
    for (size_t i = 0; i < 3; i++)
        assert_string_not_equal(a.id, others[i].id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_on_one_machine_make_a_kind),
        cmocka_unit_test(any_order_gives_the_same_sum),
        cmocka_unit_test(severity_is_that_of_the_kind_or_of_the_gravest_alert),
        cmocka_unit_test(gatherings_touch_within_the_window_and_the_span),
        cmocka_unit_test(what_has_no_machine_and_what_is_a_sample_stays_alone),
        cmocka_unit_test(ids_differ_by_scope_key_and_start_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
