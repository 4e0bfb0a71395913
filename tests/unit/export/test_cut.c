/* test_cut.c - texts are cut between characters, lists between lines, and what matters stays
 * SPDX-License-Identifier: Apache-2.0 */
#include "export/cut.h"

#include "alert_build.h"
#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

static void a_text_is_cut_between_characters(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t max, kept;
    } cases[] = {
        {"", 0, 0},
        {"abc", 3, 3},
        {"abc", 2, 2},
        {"\xc3\xbc", 1, 0},
        {"a\xe4\xbe\x8b", 4, 4},
        {"a\xe4\xbe\x8b", 3, 1},
        {"a\xe4\xbe\x8b", 2, 1},
        {"\xf0\x9f\x98\x80!", 4, 4},
        {"\xf0\x9f\x98\x80!", 3, 0},
        {"\x80\x80\x80\x80\x80\x80\x80\x80", 6, 6}, /* no UTF-8: nothing to split */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(text_fit(cases[i].text, cases[i].max), cases[i].kept);
}

static void each_step_leaves_less_and_the_last_leaves_who_and_what(void **state)
{
    (void)state;
    struct alert alert, shorter;
    alert_build(&alert, 7);
    memset(alert.indicator.entry, 'x', sizeof(alert.indicator.entry) - 1);
    unsigned before = UINT8_MAX;
    for (unsigned step = 0; step < CUT_COUNT; step++) {
        alert_cut(&alert, step, &shorter);
        assert_true(shorter.sample_count <= before);
        before = shorter.sample_count;
    }
    assert_int_equal(shorter.sample_count, 0);
    assert_int_equal(strlen(shorter.indicator.entry), 48);
    assert_string_equal(shorter.id, alert.id);
    assert_string_equal(shorter.domain, alert.domain);
    assert_string_equal(shorter.qname, alert.qname);
    assert_string_equal(shorter.entity_ip, alert.entity_ip);
    assert_int_equal(shorter.feature_count, alert.feature_count);
}

static void a_list_loses_whole_lines(void **state)
{
    (void)state;
    struct alert alert, shorter;
    alert_build(&alert, 7);
    alert.burst.samples[0] = 0;
    for (unsigned i = 0; i < 20; i++)
        snprintf(alert.burst.samples + strlen(alert.burst.samples), 32, "%sname-%02u.example",
                 i ? "\n" : "", i);
    alert_cut(&alert, 2, &shorter);
    assert_true(strlen(shorter.burst.samples) <= 128);
    assert_memory_equal(shorter.burst.samples, alert.burst.samples, strlen(shorter.burst.samples));
    assert_int_equal(alert.burst.samples[strlen(shorter.burst.samples)], '\n');
}

static void scores_stay_with_their_names_and_a_curve_is_whole_or_gone(void **state)
{
    (void)state;
    struct alert alert, shorter;
    alert_build(&alert, 7);
    alert_cut(&alert, 0, &shorter);
    assert_int_equal(shorter.burst.score_count, 2);
    assert_int_equal(shorter.tunnel.point_count, 2);
    memset(alert.burst.samples + 20, 'x', 200);
    alert_cut(&alert, 2, &shorter);
    assert_int_equal(shorter.burst.score_count, 1);
    assert_int_equal(shorter.tunnel.point_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_cut_between_characters),
        cmocka_unit_test(each_step_leaves_less_and_the_last_leaves_who_and_what),
        cmocka_unit_test(a_list_loses_whole_lines),
        cmocka_unit_test(scores_stay_with_their_names_and_a_curve_is_whole_or_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
