/* test_render.c - templates are filled from the alert, and every template of the catalogue can be
 * SPDX-License-Identifier: Apache-2.0 */
#include "alert/render.h"

#include "alert_build.h"
#include "cmocka_all.h"

#include <string.h>

static void assert_renders(const struct alert *alert, const char *template, const char *expected)
{
    struct buf buf;
    buf_init(&buf, 4096);
    alert_render(alert, template, &buf);
    assert_string_equal(buf.data, expected);
    buf_done(&buf);
}

static void every_place_is_filled_from_the_alert(void **state)
{
    (void)state;
    static const struct {
        const char *template;
        const char *expected;
    } cases[] = {
        {"plain", "plain"},
        {"%{CompromisedEntity}", "laptop-7 (198.51.0.7)"},
        {"%{Domain}", "domain7.example.test"},
        {"<%{QueryName}>", "<www.example.test>"},
        {"%{Matched}%{Feed}", "beacon.example.testexample-feed"},
        {"%{Entry}", "example.test,c2 # \"quoted\""},
        {"%{Category} x%{Count}", "c2 x3"},
        {"100 % {Count}", "100 % {Count}"},
    };
    struct alert alert;
    alert_build(&alert, 7);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_renders(&alert, cases[i].template, cases[i].expected);
}

static void an_entry_of_our_own_lists_is_who_it_is(void **state)
{
    (void)state;
    struct alert alert;
    alert_build(&alert, 1);
    strcpy(alert.indicator.entry, "131.253.18.12\tsinkhole\t95\tSome Operator\twhere from");
    assert_renders(&alert, "%{Entry}", "Some Operator");
    strcpy(alert.indicator.entry, "one\ttwo\tthree");
    assert_renders(&alert, "%{Entry}", "one\ttwo\tthree");
}

static void what_is_unknown_is_a_dash(void **state)
{
    (void)state;
    struct alert alert = {0};
    assert_renders(&alert, "%{CompromisedEntity} %{Domain} %{Feed}", "- - -");
}

static void an_entity_without_a_name_is_its_address(void **state)
{
    (void)state;
    struct alert alert;
    alert_build(&alert, 7);
    alert.entity_name[0] = 0;
    assert_renders(&alert, "%{CompromisedEntity}", "198.51.0.7");
}

static void what_the_wire_sent_is_not_taken_for_a_template(void **state)
{
    (void)state;
    struct alert alert;
    alert_build(&alert, 7);
    strcpy(alert.qname, "%{Feed}.test");
    assert_renders(&alert, "%{QueryName}", "%{Feed}.test");
}

static void an_unknown_or_open_place_is_not_valid(void **state)
{
    (void)state;
    assert_true(alert_template_valid("%{Domain} and %{Count}"));
    assert_false(alert_template_valid("%{Domain} and %{Operator}"));
    assert_false(alert_template_valid("%{Domain"));
}

static void every_template_of_the_catalogue_is_valid(void **state)
{
    (void)state;
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        for (int i = 0; i < DETECTOR_COUNT; i++) {
            const char *description = detector_rows[i].description[language];
            assert_true(alert_template_valid(description));
            assert_non_null(strstr(description, "%{CompromisedEntity}"));
        }
        for (int i = 0; i < REASON_COUNT; i++) {
            assert_true(alert_template_valid(reason_rows[i].summary[language]));
            assert_true(alert_template_valid(reason_rows[i].benign_if[language]));
            assert_true(*reason_rows[i].benign_if[language]);
        }
    }
}

static void both_languages_name_the_same_places(void **state)
{
    (void)state;
    static const char *const places[] = {"%{QueryName}", "%{Matched}", "%{Feed}", "%{Entry}",
                                         "%{Category}",  "%{Domain}",  "%{Count}"};
    for (int i = 0; i < REASON_COUNT; i++) {
        for (size_t p = 0; p < sizeof(places) / sizeof(places[0]); p++) {
            bool en = strstr(reason_rows[i].summary[LANGUAGE_EN], places[p]);
            bool ja = strstr(reason_rows[i].summary[LANGUAGE_JA], places[p]);
            assert_int_equal(en, ja);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_place_is_filled_from_the_alert),
        cmocka_unit_test(an_entry_of_our_own_lists_is_who_it_is),
        cmocka_unit_test(what_is_unknown_is_a_dash),
        cmocka_unit_test(an_entity_without_a_name_is_its_address),
        cmocka_unit_test(what_the_wire_sent_is_not_taken_for_a_template),
        cmocka_unit_test(an_unknown_or_open_place_is_not_valid),
        cmocka_unit_test(every_template_of_the_catalogue_is_valid),
        cmocka_unit_test(both_languages_name_the_same_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
