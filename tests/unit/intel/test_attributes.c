/* test_attributes.c - tests of the table of what indicators share
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/attributes.h"

#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

static int row(struct attributes *table, uint8_t category, const char *before, const char *after)
{
    struct attribute attribute = {.category = category};
    return attributes_row(table, &attribute, before, strlen(before), after, strlen(after));
}

static void equal_rows_are_kept_once(void **state)
{
    (void)state;
    struct attributes table;
    assert_true(attributes_init(&table));
    assert_int_equal(attributes_feed(&table, "feed"), 0);
    int a = row(&table, 1, "0.0.0.0 ", "");
    assert_int_equal(row(&table, 1, "0.0.0.0 ", ""), a);
    assert_int_not_equal(row(&table, 2, "0.0.0.0 ", ""), a);
    assert_int_not_equal(row(&table, 1, "0.0.0.0", ""), a);
    assert_int_not_equal(row(&table, 1, "", "0.0.0.0 "), a);
    assert_int_equal(table.count, 4);
    assert_string_equal(table.texts.data + table.rows[a].before, "0.0.0.0 ");
    assert_string_equal(table.texts.data + table.rows[a].after, "");
    attributes_done(&table);
}

static void a_feed_has_few_shapes_but_always_room_for_the_shapeless(void **state)
{
    (void)state;
    struct attributes table;
    char shape[16];
    assert_true(attributes_init(&table));
    attributes_feed(&table, "odd");
    for (unsigned i = 0; i < SHAPES_MAX; i++) {
        snprintf(shape, sizeof(shape), " # %u", i);
        assert_true(row(&table, 1, "", shape) >= 0);
    }
    assert_int_equal(row(&table, 1, "", " # one more"), -1);
    assert_true(row(&table, 1, "", " # 0") >= 0);
    assert_true(row(&table, 1, "", "") >= 0);
    attributes_feed(&table, "next");
    assert_true(row(&table, 1, "", " # one more") >= 0);
    attributes_done(&table);
}

static void a_rewound_feed_leaves_no_rows(void **state)
{
    (void)state;
    struct attributes table;
    assert_true(attributes_init(&table));
    attributes_feed(&table, "good");
    row(&table, 1, "x", "");
    size_t texts = table.texts.len;
    attributes_feed(&table, "bad");
    row(&table, 1, "y", "");
    attributes_rewind(&table);
    assert_int_equal(table.feed_count, 1);
    assert_int_equal(table.count, 1);
    assert_int_equal(table.texts.len, texts);
    assert_int_equal(attributes_feed(&table, "better"), 1);
    assert_string_equal(table.texts.data + table.feeds[1], "better");
    attributes_done(&table);
}

static void feeds_are_limited(void **state)
{
    (void)state;
    struct attributes table;
    assert_true(attributes_init(&table));
    for (int i = 0; i < FEEDS_MAX; i++)
        assert_int_equal(attributes_feed(&table, "f"), i);
    assert_int_equal(attributes_feed(&table, "f"), -1);
    attributes_done(&table);
}

static void rows_of_a_feed_are_limited(void **state)
{
    (void)state;
    struct attributes table;
    assert_true(attributes_init(&table));
    for (int feed = 0; feed < 2; feed++) {
        attributes_feed(&table, "f");
        struct attribute made = {.feed = (uint16_t)feed};
        for (made.expires_ns = 1; made.expires_ns <= FEED_ROWS_MAX; made.expires_ns++)
            assert_true(attributes_row(&table, &made, "", 0, "", 0) >= 0);
        assert_int_equal(attributes_row(&table, &made, "", 0, "", 0), -1);
    }
    attributes_done(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_rows_are_kept_once),
        cmocka_unit_test(a_feed_has_few_shapes_but_always_room_for_the_shapeless),
        cmocka_unit_test(a_rewound_feed_leaves_no_rows),
        cmocka_unit_test(feeds_are_limited),
        cmocka_unit_test(rows_of_a_feed_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
