/* test_samples.c - there is a sample of every type, that nobody takes for a real alert
 * SPDX-License-Identifier: Apache-2.0 */
#include "respond/samples.h"

#include "alert/record.h"
#include "alert/render.h"
#include "base/clock.h"
#include "cmocka_all.h"

#include <string.h>

static const int64_t now_ns = 1767268800 * NS_PER_S;

static void every_type_has_a_sample_of_its_own_with_evidence(void **state)
{
    (void)state;
    for (unsigned i = 0; i < DETECTOR_COUNT; i++) {
        struct alert alert;
        sample_build((enum detector)i, "sensor", now_ns, &alert);
        assert_int_equal(alert.detector, i);
        assert_int_equal(reason_rows[alert.reason].detector, i);
        assert_true(alert.sample);
        assert_true(alert.feature_count > 0 && alert.count > 0);
        assert_true(alert.features[0].value >= alert.features[0].threshold);
        assert_true(alert.has_anomaly || alert.has_indicator || alert.has_tunnel ||
                    alert.has_burst || alert.has_random || alert.has_signature);
        assert_string_not_equal(alert.id, "");
    }
}

static void titles_say_that_they_are_samples(void **state)
{
    (void)state;
    static const char *const prefixes[LANGUAGE_COUNT] = {"[SAMPLE ALERT] ", "[サンプル アラート] "};
    for (unsigned i = 0; i < DETECTOR_COUNT; i++) {
        struct alert alert;
        sample_build((enum detector)i, "sensor", now_ns, &alert);
        for (unsigned language = 0; language < LANGUAGE_COUNT; language++) {
            struct buf title;
            buf_init(&title, 1024);
            alert_title(&alert, (enum language)language, &title);
            assert_memory_equal(title.data, prefixes[language], strlen(prefixes[language]));
            buf_done(&title);
        }
    }
}

static void names_and_addresses_are_reserved_ones(void **state)
{
    (void)state;
    for (unsigned i = 0; i < DETECTOR_COUNT; i++) {
        struct alert alert;
        sample_build((enum detector)i, "sensor", now_ns, &alert);
        assert_memory_equal(alert.entity_ip, "192.0.2.", 8);
        size_t len = strlen(alert.domain);
        assert_true(len == 0 || strcmp(alert.domain + len - 8, ".example") == 0);
    }
}

static void a_sample_reads_back_from_its_record(void **state)
{
    (void)state;
    for (unsigned i = 0; i < DETECTOR_COUNT; i++) {
        struct alert alert, read;
        struct error error;
        struct buf text;
        buf_init(&text, ALERT_JSON_MAX_BYTES);
        struct json json = json_writer(&text);
        sample_build((enum detector)i, "sensor", now_ns, &alert);
        alert_to_json(&alert, LANGUAGE_EN, &json);
        if (alert_from_json(text.data, text.len, &read, &error) < 0)
            fail_msg("%s: %s", detector_rows[i].slug, error.text);
        assert_string_equal(read.id, alert.id);
        assert_true(read.sample);
        buf_done(&text);
    }
}

static void samples_of_another_time_are_other_alerts(void **state)
{
    (void)state;
    struct alert first, second;
    sample_build(DETECTOR_DARK_WEB, "sensor", now_ns, &first);
    sample_build(DETECTOR_DARK_WEB, "sensor", now_ns + NS_PER_S, &second);
    assert_string_not_equal(first.id, second.id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_has_a_sample_of_its_own_with_evidence),
        cmocka_unit_test(titles_say_that_they_are_samples),
        cmocka_unit_test(names_and_addresses_are_reserved_ones),
        cmocka_unit_test(a_sample_reads_back_from_its_record),
        cmocka_unit_test(samples_of_another_time_are_other_alerts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
