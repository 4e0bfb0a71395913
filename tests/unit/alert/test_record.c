/* test_record.c - the native record holds every field, reads back equal, and refuses anything else
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert/record.h"

#include "alert_build.h"
#include "cmocka_all.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static char *record_text(const struct alert *alert, enum language language)
{
    struct buf buf;
    struct json json = json_writer(&buf);
    buf_init(&buf, ALERT_JSON_MAX_BYTES);
    alert_to_json(alert, language, &json);
    assert_false(buf.overflow);
    return buf.data;
}

/* The texts behind the NUL of a field are not part of its value: compare what the records say. */
static void assert_reads_back(const struct alert *alert)
{
    struct alert copy;
    struct error error;
    char *text = record_text(alert, LANGUAGE_EN);
    assert_int_equal(alert_from_json(text, strlen(text), &copy, &error), 0);
    assert_memory_equal(alert, &copy, sizeof(copy));
    free(text);
}

static void every_field_reads_back_equal(void **state)
{
    (void)state;
    struct alert alert;
    alert_build(&alert, 7);
    assert_reads_back(&alert);
    alert.status = ALERT_STATUS_DISMISSED;
    alert.disposition = DISPOSITION_FALSE_POSITIVE;
    alert.is_incident = alert.retroactive = true;
    alert.preview = false;
    alert.revision = UINT32_MAX;
    alert.count = INT64_MAX;
    assert_reads_back(&alert);
}

static void what_is_unknown_stays_unknown(void **state)
{
    (void)state;
    struct alert alert = {.id = "1_2", .start_ns = 1000, .end_ns = 1000};
    assert_reads_back(&alert);
    char *text = record_text(&alert, LANGUAGE_EN);
    static const char *const absent[] = {"null",       "disposition", "generated\"", "sensor",
                                         "resolver",   "domain",      "\"qname\"",   "features",
                                         "indicator",  "samples",     "prevalence",  "name\"",
                                         "correlation"};
    for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
        if (strstr(text, absent[i]))
            fail_msg("%s stands in %s", absent[i], text);
    free(text);
}

static void the_largest_alert_fits(void **state)
{
    (void)state;
    struct alert *alert = calloc(1, sizeof(*alert));
    alert_build(alert, 7);
    alert->sample_count = ALERT_SAMPLES_MAX;
    for (int i = 0; i < ALERT_SAMPLES_MAX; i++) {
        alert->samples[i] = alert->samples[0];
        memset(alert->samples[i].qname, '\\', sizeof(alert->samples[i].qname) - 1);
        memset(alert->samples[i].answers, 1, sizeof(alert->samples[i].answers) - 1);
    }
    assert_reads_back(alert);
    free(alert);
}

static void every_detector_and_reason_has_a_record(void **state)
{
    (void)state;
    struct alert alert;
    alert_build(&alert, 7);
    for (int i = 0; i < DETECTOR_COUNT; i++) {
        alert.detector = (uint8_t)i;
        assert_reads_back(&alert);
    }
    for (int i = 0; i < REASON_COUNT; i++) {
        alert.reason = (uint8_t)i;
        assert_reads_back(&alert);
    }
}

/* Drops the keys that may differ. */
static json_t *without_words(const char *text)
{
    json_t *record = json_loads(text, 0, NULL);
    json_t *evidence = json_object_get(record, "evidence");
    assert_int_equal(json_object_del(record, "title"), 0);
    assert_int_equal(json_object_del(record, "description"), 0);
    assert_int_equal(json_object_del(evidence, "summary"), 0);
    assert_int_equal(json_object_del(evidence, "benign_if"), 0);
    return record;
}

static void the_language_changes_only_the_sentences(void **state)
{
    (void)state;
    struct alert alert;
    alert_build(&alert, 7);
    char *en = record_text(&alert, LANGUAGE_EN), *ja = record_text(&alert, LANGUAGE_JA);
    assert_string_not_equal(en, ja);
    json_t *en_rest = without_words(en), *ja_rest = without_words(ja);
    assert_true(json_equal(en_rest, ja_rest));
    json_decref(en_rest);
    json_decref(ja_rest);
    free(en);
    free(ja);
}

static void hostile_texts_are_kept_as_they_are(void **state)
{
    (void)state;
    struct alert alert;
    alert_build(&alert, 7);
    strcpy(alert.indicator.entry, "\033]0;x\007\r\n\"},{\"id\":\"\xe2\x80\xae</script>\x7f");
    assert_reads_back(&alert);
    char *text = record_text(&alert, LANGUAGE_EN);
    for (const char *c = text; *c; c++)
        assert_true((unsigned char)*c >= 0x20 && *c != 0x7f);
    free(text);
}

/* Each case replaces the first `from` of a good record by `to`. */
static void anything_else_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *message;
    } cases[] = {
        {"{\"id\"", "{\"ID\"", ".ID: not a key of this record"},
        {"\"revision\":1,", "", ".revision: missing"},
        {"\"revision\":1,", "\"revision\":-1,", ".revision: not a whole number in range"},
        {"\"revision\":1,", "\"revision\":4294967296,", ".revision: not a whole number in range"},
        {"\"revision\":1,", "\"revision\":\"1\",", ".revision: not a whole number in range"},
        {"\"threat_intel\"", "\"threat\"", ".detector: not a word of its vocabulary"},
        {"\"Medium\"", "\"medium\"", ".severity: not a word of its vocabulary"},
        {"\"preview\":true", "\"preview\":1", ".preview: not true or false"},
        {"2026-01-01T00:00:07.123456Z", "today", ".start: not a time as in"},
        {"\"ip\":\"198.51.0.7\"", "\"ip\":7", ".entity.ip: not a text that fits"},
        {"\"value\":80", "\"value\":null", ".evidence.features[0].value: not a number"},
        {"\"qtype\":\"A\"", "\"qtype\":\"?\"", ".evidence.samples[0].qtype: not a record type"},
        {"\"rcode\":\"NOERROR\"", "\"rcode\":\"?\"", ".evidence.samples[0].rcode: not a resp"},
        {"\"answers\":[", "\"answers\":[1,", ".evidence.samples[0].answers: not a list of"},
        {"\"feed\":\"example-feed\"", "\"x\":1", ".evidence.indicator.x: not a key"},
        {"\"features\":[", "\"features\":[{},{},{},{},{},", ".evidence.features: not a list of at"},
        {"\"example-feed\"", "\"\\u0000\"", "alert record: \\u0000 is not allowed"},
        {"\"count\":3", "\"count\":3,\"count\":3", "alert record: duplicate object key"},
        {"}", "", "alert record: "},
    };
    struct alert alert;
    alert_build(&alert, 7);
    char *text = record_text(&alert, LANGUAGE_EN);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf bad;
        struct error error;
        const char *at = strstr(text, cases[i].from);
        assert_non_null(at);
        buf_init(&bad, ALERT_JSON_MAX_BYTES);
        buf_append(&bad, text, (size_t)(at - text));
        buf_text(&bad, cases[i].to);
        buf_text(&bad, at + strlen(cases[i].from));
        assert_int_equal(alert_from_json(bad.data, bad.len, &alert, &error), -EBADMSG);
        if (!strstr(error.text, cases[i].message))
            fail_msg("\"%s\" says: %s", cases[i].to, error.text);
        buf_done(&bad);
    }
    free(text);
}

static void a_record_cut_anywhere_is_refused(void **state)
{
    (void)state;
    struct alert alert;
    struct error error;
    alert_build(&alert, 7);
    char *text = record_text(&alert, LANGUAGE_EN);
    for (size_t len = 0; len < strlen(text); len++)
        assert_int_equal(alert_from_json(text, len, &alert, &error), -EBADMSG);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_reads_back_equal),
        cmocka_unit_test(what_is_unknown_stays_unknown),
        cmocka_unit_test(the_largest_alert_fits),
        cmocka_unit_test(every_detector_and_reason_has_a_record),
        cmocka_unit_test(the_language_changes_only_the_sentences),
        cmocka_unit_test(hostile_texts_are_kept_as_they_are),
        cmocka_unit_test(anything_else_is_refused_by_name),
        cmocka_unit_test(a_record_cut_anywhere_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
