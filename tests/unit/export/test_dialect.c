/* test_dialect.c - every dialect writes one line, keeps to limits and never changes its mind
 * SPDX-License-Identifier: Apache-2.0 */
#include "export/dialect.h"

#include "alert_gallery.h"
#include "cmocka_all.h"

#include <errno.h>
#include <string.h>

static void slugs_find_their_dialects(void **state)
{
    (void)state;
    for (unsigned i = 0; i < DIALECT_COUNT; i++)
        assert_ptr_equal(dialect_find(dialects[i].slug), &dialects[i]);
    assert_null(dialect_find("klingon"));
    assert_null(dialect_find(""));
}

static void a_record_is_one_line_and_always_the_same(void **state)
{
    (void)state;
    struct dialect_context context = {0};
    struct alert alert;
    struct buf first, second;
    buf_init(&first, EXPORT_RECORD_MAX_BYTES);
    buf_init(&second, EXPORT_RECORD_MAX_BYTES);
    for (unsigned i = 0; i < DIALECT_COUNT * GALLERY_COUNT; i++) {
        const struct dialect *dialect = &dialects[i / GALLERY_COUNT];
        alert_gallery(&alert, i % GALLERY_COUNT);
        buf_reset(&first);
        buf_reset(&second);
        assert_int_equal(dialect_write(dialect, &context, &alert, &first), 0);
        assert_int_equal(dialect_write(dialect, &context, &alert, &second), 0);
        assert_null(memchr(first.data, '\n', first.len));
        assert_int_equal(first.len, strlen(first.data));
        assert_string_equal(first.data, second.data);
    }
    buf_done(&first);
    buf_done(&second);
}

static void a_record_over_the_limit_is_cut_and_says_so(void **state)
{
    (void)state;
    struct alert alert;
    struct buf record;
    alert_gallery(&alert, GALLERY_COUNT - 1);
    buf_init(&record, EXPORT_RECORD_MAX_BYTES);
    for (unsigned i = 0; i < DIALECT_COUNT; i++) {
        struct dialect_context context = {.limit_bytes = 32 * 1024};
        buf_reset(&record);
        buf_text(&record, "before ");
        assert_int_equal(dialect_write(&dialects[i], &context, &alert, &record), 0);
        assert_true(record.len <= strlen("before ") + context.limit_bytes);
        assert_memory_equal(record.data, "before ", strlen("before "));
    }
    buf_done(&record);
}

static void what_does_not_fit_at_all_leaves_nothing_behind(void **state)
{
    (void)state;
    struct dialect_context context = {.limit_bytes = 100};
    struct alert alert;
    struct buf record;
    alert_gallery(&alert, 0);
    buf_init(&record, EXPORT_RECORD_MAX_BYTES);
    buf_text(&record, "before ");
    for (unsigned i = 0; i < DIALECT_COUNT; i++) {
        assert_int_equal(dialect_write(&dialects[i], &context, &alert, &record), -EMSGSIZE);
        assert_string_equal(record.data, "before ");
    }
    buf_done(&record);
}

static void a_full_buffer_is_told_and_usable_again(void **state)
{
    (void)state;
    struct dialect_context context = {0};
    struct alert alert;
    struct buf record;
    alert_gallery(&alert, 0);
    buf_init(&record, 200);
    for (unsigned i = 0; i < DIALECT_COUNT; i++) {
        assert_int_equal(dialect_write(&dialects[i], &context, &alert, &record), -ENOMEM);
        assert_false(record.overflow);
        assert_int_equal(record.len, 0);
    }
    buf_done(&record);
}

static void an_empty_alert_is_written_too(void **state)
{
    (void)state;
    struct dialect_context context = {0};
    struct alert alert = {0};
    struct buf record;
    buf_init(&record, EXPORT_RECORD_MAX_BYTES);
    for (unsigned i = 0; i < DIALECT_COUNT; i++) {
        buf_reset(&record);
        assert_int_equal(dialect_write(&dialects[i], &context, &alert, &record), 0);
        assert_true(record.len > 0);
    }
    buf_done(&record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slugs_find_their_dialects),
        cmocka_unit_test(a_record_is_one_line_and_always_the_same),
        cmocka_unit_test(a_record_over_the_limit_is_cut_and_says_so),
        cmocka_unit_test(what_does_not_fit_at_all_leaves_nothing_behind),
        cmocka_unit_test(a_full_buffer_is_told_and_usable_again),
        cmocka_unit_test(an_empty_alert_is_written_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
