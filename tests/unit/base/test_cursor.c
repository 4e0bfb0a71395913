/* test_cursor.c - reading forward, with an error that sticks
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/cursor.h"

static void numbers_are_read_in_network_order(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {1, 2, 3, 0x84, 5, 6, 7, 8};
    struct cursor c = cursor_of(bytes, sizeof(bytes));
    assert_int_equal(cursor_u8(&c), 1);
    assert_int_equal(cursor_be16(&c), 0x0203);
    assert_int_equal(cursor_be32(&c), 0x84050607);
    assert_int_equal(cursor_left(&c), 1);
    cursor_skip(&c, 1);
    assert_false(c.bad);
}

static void a_read_past_the_end_is_zero_and_the_error_sticks(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0xff, 0xff, 0xff};
    struct cursor c = cursor_of(bytes, sizeof(bytes));
    assert_int_equal(cursor_be32(&c), 0);
    assert_true(c.bad);
    assert_int_equal(cursor_u8(&c), 0); /* the three bytes are not offered again */
    assert_int_equal(cursor_be16(&c), 0);
    assert_null(cursor_take(&c, 1));
    assert_int_equal(cursor_left(&c), 0);
    assert_true(c.bad);
}

static void an_absurd_length_is_only_an_error(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {1};
    struct cursor c = cursor_of(bytes, sizeof(bytes));
    assert_null(cursor_take(&c, SIZE_MAX));
    assert_true(c.bad);
    struct cursor empty = cursor_of(bytes, 0);
    assert_non_null(cursor_take(&empty, 0));
    assert_false(empty.bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_in_network_order),
        cmocka_unit_test(a_read_past_the_end_is_zero_and_the_error_sticks),
        cmocka_unit_test(an_absurd_length_is_only_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
