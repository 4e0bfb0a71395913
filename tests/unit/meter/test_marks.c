/* test_marks.c - marks last as long as they should and can be taken away
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/clock.h"
#include "meter/marks.h"

static void a_mark_lasts_as_long_as_it_was_put_there_for(void **state)
{
    (void)state;
    struct marks marks;
    assert_true(marks_init(&marks, 64));
    assert_false(marks_test(&marks, 1, NS_PER_S));
    marks_set(&marks, 1, 30, NS_PER_S);
    marks_set(&marks, 2, 0, NS_PER_S);
    assert_true(marks_test(&marks, 1, 30 * NS_PER_S));
    assert_false(marks_test(&marks, 1, 31 * NS_PER_S));
    assert_true(marks_test(&marks, 2, 1000000 * NS_PER_S));
    assert_false(marks_test(&marks, 3, NS_PER_S));
    marks_done(&marks);
}

static void a_mark_can_be_taken_away_and_put_back(void **state)
{
    (void)state;
    struct marks marks;
    assert_true(marks_init(&marks, 64));
    marks_clear(&marks, 1);
    marks_set(&marks, 1, 0, NS_PER_S);
    marks_clear(&marks, 1);
    assert_false(marks_test(&marks, 1, NS_PER_S));
    marks_set(&marks, 1, 5, 2 * NS_PER_S);
    assert_true(marks_test(&marks, 1, 3 * NS_PER_S));
    marks_done(&marks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mark_lasts_as_long_as_it_was_put_there_for),
        cmocka_unit_test(a_mark_can_be_taken_away_and_put_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
