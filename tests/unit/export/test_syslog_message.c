/* test_syslog_message.c - a message is what RFC 5424 says, whatever the alert holds
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/clock.h"
#include "export/syslog_message.h"

#include <stdio.h>
#include <string.h>

static struct config_export config;
static struct alert alert;
static char text[8192];

static int begin(void **state)
{
    (void)state;
    config = (struct config_export){
        .facility = 16, .app_name = (char *)"dnsvigil", .enterprise_number = 32473};
    alert = (struct alert){.detector = DETECTOR_DARK_WEB, .severity = SEVERITY_MEDIUM};
    assert_int_equal(time_parse("2026-01-31T23:59:59.123456Z", &alert.generated_ns), 0);
    snprintf(alert.sensor, sizeof(alert.sensor), "sensor-1");
    snprintf(alert.entity_ip, sizeof(alert.entity_ip), "2001:db8::1");
    return 0;
}

static const char *message(const char *id, const char *bytes)
{
    const struct sink_record record = {
        .id = id, .revision = 2, .alert = &alert, .bytes = bytes, .len = strlen(bytes)};
    struct buf buf;
    buf_init(&buf, sizeof(text));
    syslog_message_write(&config, &record, &buf);
    assert_false(buf.overflow);
    assert_int_equal(buf.len, strlen(buf.data));
    snprintf(text, sizeof(text), "%s", buf.data);
    buf_done(&buf);
    return text;
}

static void a_message_has_all_parts_of_the_standard(void **state)
{
    (void)state;
    assert_string_equal(message("7_a", "CEF:0|x"),
                        "<132>1 2026-01-31T23:59:59.123Z sensor-1 dnsvigil - dark_web "
                        "[dnsvigil@32473 id=\"7_a\" revision=\"2\" type=\"AzureDNS_DarkWeb\" "
                        "severity=\"Medium\" entity=\"2001:db8::1\"] CEF:0|x");
}

static void the_priority_is_of_facility_and_severity(void **state)
{
    (void)state;
    static const struct {
        uint8_t facility, severity;
        const char *priority;
    } cases[] = {
        {0, SEVERITY_HIGH, "<2>1 "},
        {16, SEVERITY_INFORMATIONAL, "<134>1 "},
        {16, SEVERITY_LOW, "<133>1 "},
        {23, SEVERITY_HIGH, "<186>1 "},
    };
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        config.facility = (int8_t)cases[i].facility;
        alert.severity = cases[i].severity;
        assert_memory_equal(message("1", "x"), cases[i].priority, strlen(cases[i].priority));
    }
}

static void what_is_not_known_is_a_dash(void **state)
{
    (void)state;
    alert.generated_ns = 0;
    alert.sensor[0] = 0;
    const char *start = "<132>1 - - dnsvigil - dark_web [";
    assert_memory_equal(message("1", "x"), start, strlen(start));
}

static void values_are_escaped_and_have_no_line_ends(void **state)
{
    (void)state;
    snprintf(alert.entity_ip, sizeof(alert.entity_ip), "]\n\"\x1b\xff");
    const char *found = message("a\"b\\c]d", "x");
    assert_non_null(strstr(found, " id=\"a\\\"b\\\\c\\]d\" "));
    assert_non_null(strstr(found, " entity=\"\\]\\\\x0a\\\"\\\\x1b\xef\xbf\xbd\"] x"));
    assert_null(strpbrk(found, "\n\x1b"));
}

static void names_of_the_header_are_printable_words_of_limited_length(void **state)
{
    (void)state;
    snprintf(alert.sensor, sizeof(alert.sensor), "a b\n\xc3\xa4");
    config.app_name = (char *)"0123456789012345678901234567890123456789012345678901234567890123";
    const char *found = message("1", "x");
    assert_non_null(strstr(found, "Z a_b___ 012345678901234567890123456789012345678901234567 - "));
}

static void the_mark_of_utf8_is_written_only_where_it_is_asked_for(void **state)
{
    (void)state;
    assert_non_null(strstr(message("1", "text"), "] text"));
    config.bom = true;
    assert_non_null(strstr(message("1", "text"), "] \xef\xbb\xbftext"));
}

static void the_largest_header_stays_below_its_bound(void **state)
{
    (void)state;
    char id[ALERT_ID_MAX];
    memset(id, ']', sizeof(id) - 1);
    id[sizeof(id) - 1] = 0;
    memset(alert.sensor, 'x', sizeof(alert.sensor) - 1);
    memset(alert.entity_ip, '\\', sizeof(alert.entity_ip) - 1);
    config.app_name = (char *)"012345678901234567890123456789012345678901234567";
    config.enterprise_number = UINT32_MAX;
    config.facility = 23;
    config.bom = true;
    for (unsigned i = 0; i < DETECTOR_COUNT; i++) {
        alert.detector = (uint8_t)i;
        assert_true(strlen(message(id, "")) <= SYSLOG_HEADER_MAX);
        assert_true(strlen(detector_rows[i].slug) <= 32);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define STORY(name) cmocka_unit_test_setup(name, begin)
        STORY(a_message_has_all_parts_of_the_standard),
        STORY(the_priority_is_of_facility_and_severity),
        STORY(what_is_not_known_is_a_dash),
        STORY(values_are_escaped_and_have_no_line_ends),
        STORY(names_of_the_header_are_printable_words_of_limited_length),
        STORY(the_mark_of_utf8_is_written_only_where_it_is_asked_for),
        STORY(the_largest_header_stays_below_its_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
