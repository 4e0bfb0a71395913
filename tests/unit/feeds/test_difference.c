/* test_difference.c - what changed between two versions of a list
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "feeds/difference.h"
#include "intel/builder.h"

#include <string.h>

static struct suffix_list *suffixes;

static void compile(const char *text, struct buf *buf, struct compiled *ret_compiled)
{
    static const struct feed_config config = {
        .name = "a", .path = "a", .category = CATEGORY_C2, .format = FEED_PLAIN};
    struct intel_builder *builder = intel_builder_new(suffixes);
    struct feed_report report;
    struct error error;
    assert_int_equal(intel_builder_add_text(builder, &config, text, strlen(text), &report, &error),
                     0);
    buf_init(buf, COMPILED_BYTES_MAX);
    assert_true(intel_builder_compile(builder, buf));
    assert_int_equal(compiled_open(ret_compiled, buf->data, buf->len, &error), 0);
    intel_builder_free(builder);
}

static void entries_of_one_side_are_counted(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after;
        uint32_t added, removed;
    } cases[] = {
        {"a.example.net\n", "a.example.net\n", 0, 0},
        {"a.example.net\nb.example.net\n", "b.example.net\nc.example.net\nd.example.net\n", 2, 1},
        {"a.example.net\n", "=a.example.net\n", 1, 1},
        {"a.example.net\n192.0.2.1\n", "a.example.net # said otherwise\n192.0.2.2\n", 1, 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct buf bufs[2];
        struct compiled before, after;
        struct difference difference;
        compile(cases[i].before, &bufs[0], &before);
        compile(cases[i].after, &bufs[1], &after);
        assert_true(difference_of(&before, &after, &difference));
        assert_int_equal(difference.added, cases[i].added);
        assert_int_equal(difference.removed, cases[i].removed);
        assert_true(difference_of(NULL, &after, &difference));
        assert_int_equal(difference.added, after.name_count + after.block_count);
        assert_int_equal(difference.removed, 0);
        buf_done(&bufs[0]);
        buf_done(&bufs[1]);
    }
}

static int start(void **state)
{
    (void)state;
    struct error warning;
    suffixes = suffix_list_new(NULL, &warning);
    return suffixes ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    suffix_list_free(suffixes);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_of_one_side_are_counted),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
