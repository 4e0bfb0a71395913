/* test_slice.c - tests of cutting text
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/slice.h"

#include "cmocka_all.h"

#include <string.h>

static struct slice slice_of(const char *text)
{
    return (struct slice){text, strlen(text)};
}

static void blanks_are_cut_off_both_ends(void **state)
{
    (void)state;
    assert_true(slice_equal(slice_trim(slice_of(" \t a b\r ")), "a b"));
    assert_int_equal(slice_trim(slice_of(" \t")).len, 0);
}

static void cutting_takes_what_is_before_the_mark(void **state)
{
    (void)state;
    struct slice text = slice_of("a,b,");
    assert_true(slice_equal(slice_cut(&text, ','), "a"));
    assert_true(slice_equal(slice_cut(&text, ','), "b"));
    assert_int_equal(slice_cut(&text, ',').len, 0);
    text = slice_of("no mark");
    assert_true(slice_equal(slice_cut(&text, ','), "no mark"));
    assert_int_equal(text.len, 0);
}

static void a_word_is_taken_with_the_blanks_behind_it(void **state)
{
    (void)state;
    struct slice text = slice_of("one \t two");
    assert_true(slice_equal(slice_word(&text), "one"));
    assert_true(slice_equal(text, "two"));
}

static void texts_are_compared_whole_or_at_the_beginning(void **state)
{
    (void)state;
    assert_true(slice_equal_nocase(slice_of("CNAME"), "cname"));
    assert_false(slice_equal(slice_of("CNAME"), "cname"));
    assert_false(slice_equal(slice_of("ab"), "abc"));
    assert_true(slice_begins(slice_of("abc"), "ab"));
    assert_false(slice_begins(slice_of("a"), "ab"));
    assert_true(slice_equal(slice_skip(slice_of("abc"), 2), "c"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blanks_are_cut_off_both_ends),
        cmocka_unit_test(cutting_takes_what_is_before_the_mark),
        cmocka_unit_test(a_word_is_taken_with_the_blanks_behind_it),
        cmocka_unit_test(texts_are_compared_whole_or_at_the_beginning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
