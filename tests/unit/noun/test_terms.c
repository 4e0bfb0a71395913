/* test_terms.c - the vocabularies of an alert: names in both languages, and lenient parsing
 * SPDX-License-Identifier: Apache-2.0 */
#include <dnsvigil/terms.h>

#include "cmocka_all.h"

static void every_word_has_two_names_and_is_found_by_its_english_one(void **state)
{
    (void)state;
    for (int i = 0; i < SEVERITY_COUNT; i++)
        assert_int_equal(severity_parse(severity_names[i][LANGUAGE_EN]), i);
    for (int i = 0; i < ALERT_STATUS_COUNT; i++)
        assert_int_equal(alert_status_parse(alert_status_names[i][LANGUAGE_EN]), i);
    for (int i = 0; i < DISPOSITION_COUNT; i++)
        assert_int_equal(disposition_parse(disposition_names[i][LANGUAGE_EN]), i);
    for (int i = 0; i < SEVERITY_COUNT; i++)
        assert_true(*severity_names[i][LANGUAGE_JA]);
    for (int i = 0; i < TACTIC_COUNT; i++)
        assert_true(*tactic_names[i][LANGUAGE_JA]);
}

static void case_and_separators_do_not_matter(void **state)
{
    (void)state;
    static const char *const spellings[] = {"InProgress",  "inprogress",  "in-progress",
                                            "IN_PROGRESS", "in progress", "in--progress-"};
    for (unsigned i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++)
        assert_int_equal(alert_status_parse(spellings[i]), ALERT_STATUS_IN_PROGRESS);
    assert_int_equal(disposition_parse("False Positive"), DISPOSITION_FALSE_POSITIVE);
}

static void a_part_of_a_word_or_more_is_not_the_word(void **state)
{
    (void)state;
    assert_int_equal(severity_parse("med"), -1);
    assert_int_equal(severity_parse("mediums"), -1);
    assert_int_equal(severity_parse(""), -1);
    assert_int_equal(severity_parse("中"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_has_two_names_and_is_found_by_its_english_one),
        cmocka_unit_test(case_and_separators_do_not_matter),
        cmocka_unit_test(a_part_of_a_word_or_more_is_not_the_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
