/* test_id.c - the identity of an alert follows from its facts alone
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "alert/id.h"
#include "base/clock.h"

#include <string.h>

/* 2026-01-31T23:59:59.123456Z */
static const int64_t start_ns = 1769903999123456000;

static struct alert alert_of(enum detector detector, const char *entity, const char *domain,
                             int64_t start)
{
    struct alert alert = {.detector = (uint8_t)detector, .start_ns = start};
    strcpy(alert.entity_ip, entity);
    strcpy(alert.domain, domain);
    alert_identify(&alert);
    return alert;
}

/* The expected values come from another implementation of RFC 4122:
 *   python3 -c 'import uuid; print(uuid.uuid5(uuid.UUID("5b0e8c4a-1f62-4d9b-937a-2cd16e40b538"),
 *     "AzureDNS_ThreatIntelSuspectDomain\n192.0.2.10\nevil-domain.net\n17699039991234560"))'
 * and the number is 3155378975999999999 - 621355968000000000 - 17699039991234560. */
static void the_id_is_a_version_5_uuid_behind_reversed_ticks(void **state)
{
    (void)state;
    struct alert alert = alert_of(DETECTOR_THREAT_INTEL, "192.0.2.10", "evil-domain.net", start_ns);
    assert_string_equal(alert.id, "2516323968008765439_edf6643a-5fcc-5b5d-8da8-b6fe198e0dea");
    assert_string_equal(alert.correlation_key, "af23097a-bf34-5c56-8437-ace68e05267a");
}

static void newer_alerts_sort_first(void **state)
{
    (void)state;
    static const int64_t times[] = {
        INT64_MIN, -NS_PER_S, 0, 100, start_ns, start_ns + 100, 4102444800 * NS_PER_S, INT64_MAX};
    for (size_t i = 1; i < sizeof(times) / sizeof(*times); i++) {
        struct alert older = alert_of(DETECTOR_DARK_WEB, "192.0.2.1", "a.onion", times[i - 1]);
        struct alert newer = alert_of(DETECTOR_DARK_WEB, "192.0.2.1", "a.onion", times[i]);
        assert_int_equal(strlen(older.id), 19 + 1 + 36);
        assert_int_equal(strlen(newer.id), 19 + 1 + 36);
        assert_true(strcmp(newer.id, older.id) < 0);
    }
}

static void every_fact_changes_the_id_and_only_the_entity_the_correlation(void **state)
{
    (void)state;
    struct alert base = alert_of(DETECTOR_DARK_WEB, "192.0.2.1", "a.onion", start_ns);
    struct alert same = alert_of(DETECTOR_DARK_WEB, "192.0.2.1", "a.onion", start_ns);
    const struct alert others[] = {
        alert_of(DETECTOR_DARK_WEB_PROXY, "192.0.2.1", "a.onion", start_ns),
        alert_of(DETECTOR_DARK_WEB, "192.0.2.1", "b.onion", start_ns),
        alert_of(DETECTOR_DARK_WEB, "192.0.2.1", "a.onion", start_ns + 100),
        alert_of(DETECTOR_DARK_WEB, "192.0.2.2", "a.onion", start_ns),
    };
    assert_string_equal(base.id, same.id);
    for (size_t i = 0; i < 4; i++) {
        assert_string_not_equal(others[i].id + 20, base.id + 20);
        bool same_entity = strcmp(others[i].entity_ip, base.entity_ip) == 0;
        assert_int_equal(strcmp(others[i].correlation_key, base.correlation_key) == 0, same_entity);
    }
}

static void anomalies_of_one_instant_have_ids_of_their_own(void **state)
{
    (void)state;
    struct alert base = alert_of(DETECTOR_PROTOCOL_ANOMALY, "192.0.2.1", "192.0.2.53", start_ns);
    struct alert a = base, b = base;
    a.has_anomaly = b.has_anomaly = true;
    a.anomaly.code = ANOMALY_OPCODE;
    b.anomaly.code = ANOMALY_Z_BIT;
    alert_identify(&a);
    alert_identify(&b);
    assert_string_not_equal(a.id, b.id);
    assert_string_not_equal(a.id, base.id);
}

static void the_longest_facts_fit(void **state)
{
    (void)state;
    char domain[NAME_TEXT_MAX];
    memset(domain, 'x', sizeof(domain) - 1);
    domain[sizeof(domain) - 1] = 0;
    struct alert a = alert_of(DETECTOR_GENERATED_DOMAINS, "2001:db8:1111:2222:3333:4444:5555:6666",
                              domain, INT64_MAX);
    struct alert b = alert_of(DETECTOR_GENERATED_DOMAINS, "2001:db8:1111:2222:3333:4444:5555:6666",
                              domain, INT64_MAX - 100);
    assert_string_not_equal(a.id + 20, b.id + 20); /* the start stands last and was not cut off */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_id_is_a_version_5_uuid_behind_reversed_ticks),
        cmocka_unit_test(newer_alerts_sort_first),
        cmocka_unit_test(every_fact_changes_the_id_and_only_the_entity_the_correlation),
        cmocka_unit_test(anomalies_of_one_instant_have_ids_of_their_own),
        cmocka_unit_test(the_longest_facts_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
