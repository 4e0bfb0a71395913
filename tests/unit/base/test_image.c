/* test_image.c - state comes back from its image as it was, and what is no image is refused
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/image.h"

#include <string.h>

enum { ENTRIES = 200 };

static struct buf buf;

static int start(void **context)
{
    (void)context;
    buf_init(&buf, 1 << 20);
    return 0;
}

static int finish(void **context)
{
    (void)context;
    buf_done(&buf);
    return 0;
}

static struct image image_now(void)
{
    return (struct image){buf.data, buf.len};
}

static void parts_come_back_in_their_order(void **context)
{
    (void)context;
    uint32_t number = 7;
    char word[4] = "abc";
    image_put(&buf, "number", &number, sizeof(number));
    image_put(&buf, "nothing", NULL, 0);
    image_put(&buf, "word", word, sizeof(word));
    struct image image = image_now();
    uint32_t number_back = 0;
    char word_back[4] = "";
    assert_true(image_get(&image, "number", &number_back, sizeof(number_back)));
    assert_true(image_get(&image, "nothing", NULL, 0));
    assert_true(image_get(&image, "word", word_back, sizeof(word_back)));
    assert_int_equal(number_back, 7);
    assert_string_equal(word_back, "abc");
    assert_int_equal(image.left, 0);
}

static void another_tag_or_length_is_refused(void **context)
{
    (void)context;
    uint32_t number = 7, back = 1;
    image_put(&buf, "number", &number, sizeof(number));
    struct image image = image_now();
    assert_false(image_get(&image, "numbers", &back, sizeof(back)));
    assert_false(image_get(&image, "number", &back, 2));
    assert_int_equal(back, 1);
    assert_true(image_get(&image, "number", &back, sizeof(back)));
}

static void fill(struct table *table)
{
    bool new;
    assert_true(table_init(table, 64, sizeof(uint64_t)));
    for (uint64_t i = 1; i <= ENTRIES; i++) /* some twice, and more than there is room for */
        for (unsigned times = 0; times < 1 + i % 2; times++)
            *(uint64_t *)table_touch(table, i * 0x9e3779b97f4a7c15ull, (uint32_t)i, &new) = i;
}

/* Two tables that hold the same displace the same from then on. */
static void a_table_goes_on_as_if_nothing_had_been(void **context)
{
    (void)context;
    bool new;
    struct table before, after;
    fill(&before);
    table_save(&before, "table", &buf);
    struct image image = image_now();
    assert_true(table_init(&after, 64, sizeof(uint64_t)));
    assert_true(table_load(&after, "table", &image));
    for (uint64_t i = ENTRIES + 1; i <= 2 * ENTRIES; i++) {
        *(uint64_t *)table_touch(&before, i * 0x9e3779b97f4a7c15ull, (uint32_t)i, &new) = i;
        *(uint64_t *)table_touch(&after, i * 0x9e3779b97f4a7c15ull, (uint32_t)i, &new) = i;
    }
    unsigned found = 0;
    for (uint64_t i = 1; i <= 2 * ENTRIES; i++) {
        uint64_t *a = table_find(&before, i * 0x9e3779b97f4a7c15ull);
        uint64_t *b = table_find(&after, i * 0x9e3779b97f4a7c15ull);
        assert_int_equal(a == NULL, b == NULL);
        found += a != NULL;
        if (a)
            assert_int_equal(*a, *b);
    }
    assert_in_range(found, 1, 64);
    assert_int_equal(before.evicted, after.evicted);
    table_done(&before);
    table_done(&after);
}

static void a_table_of_another_size_is_refused(void **context)
{
    (void)context;
    struct table before, larger, wider;
    fill(&before);
    table_save(&before, "table", &buf);
    assert_true(table_init(&larger, 1024, sizeof(uint64_t)));
    assert_true(table_init(&wider, 64, 2 * sizeof(uint64_t)));
    struct image image = image_now();
    assert_false(table_load(&larger, "table", &image));
    image = image_now();
    assert_false(table_load(&wider, "table", &image));
    table_done(&before);
    table_done(&larger);
    table_done(&wider);
}

static void an_image_cut_anywhere_is_refused(void **context)
{
    (void)context;
    struct table before;
    fill(&before);
    table_save(&before, "table", &buf);
    for (size_t len = 0; len < buf.len; len++) {
        struct table after;
        struct image image = {buf.data, len};
        assert_true(table_init(&after, 64, sizeof(uint64_t)));
        assert_false(table_load(&after, "table", &image));
        table_done(&after);
    }
    table_done(&before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(parts_come_back_in_their_order, start, finish),
        cmocka_unit_test_setup_teardown(another_tag_or_length_is_refused, start, finish),
        cmocka_unit_test_setup_teardown(a_table_goes_on_as_if_nothing_had_been, start, finish),
        cmocka_unit_test_setup_teardown(a_table_of_another_size_is_refused, start, finish),
        cmocka_unit_test_setup_teardown(an_image_cut_anywhere_is_refused, start, finish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
