/* test_buf.c - the text buffer grows to its maximum and not beyond
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/buf.h"

#include <string.h>

static void text_is_appended_in_order_and_ends_with_a_nul(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 1000);
    buf_text(&buf, "ab");
    buf_char(&buf, 'c');
    buf_append(&buf, "d\0e", 3);
    buf_printf(&buf, "%d-%s", 42, "x");
    assert_int_equal(buf.len, 10);
    assert_memory_equal(buf.data, "abcd\0e42-x", 11);
    assert_false(buf.overflow);
    buf_done(&buf);
    assert_null(buf.data);
}

static void exactly_the_maximum_fits(void **state)
{
    (void)state;
    for (size_t max = 0; max < 600; max += 7) {
        struct buf buf;
        buf_init(&buf, max);
        for (size_t i = 0; i < max; i++)
            buf_char(&buf, 'x');
        assert_false(buf.overflow);
        buf_char(&buf, 'y');
        assert_true(buf.overflow);
        assert_int_equal(buf.len, max);
        if (max)
            assert_int_equal(strlen(buf.data), max);
        buf_done(&buf);
    }
}

static void after_an_overflow_nothing_more_is_appended(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 8);
    buf_text(&buf, "1234");
    buf_printf(&buf, "%s", "too long");
    assert_true(buf.overflow);
    buf_char(&buf, '5');
    assert_string_equal(buf.data, "1234");
    buf_reset(&buf);
    assert_false(buf.overflow);
    buf_text(&buf, "12345678");
    assert_string_equal(buf.data, "12345678");
    buf_done(&buf);
}

static void an_empty_append_makes_an_empty_text(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 0);
    buf_text(&buf, "");
    assert_string_equal(buf.data, "");
    assert_false(buf.overflow);
    buf_done(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_appended_in_order_and_ends_with_a_nul),
        cmocka_unit_test(exactly_the_maximum_fits),
        cmocka_unit_test(after_an_overflow_nothing_more_is_appended),
        cmocka_unit_test(an_empty_append_makes_an_empty_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
