/* test_feed.c - tests of lines, formats and their detection
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/feed.h"

#include "cmocka_all.h"
#include "feed_once.h"

#include <stdlib.h>
#include <string.h>

static struct slice slice(const char *text)
{
    return (struct slice){text, strlen(text)};
}

static void lines_end_with_lf_crlf_or_the_file(void **state)
{
    (void)state;
    static const char text[] = "one\r\ntwo\n\nfour";
    static const char *const lines[] = {"one", "two", "", "four"};
    const char *at = text;
    struct slice line;
    for (size_t i = 0; i < 4; i++) {
        assert_true(feed_next_line(&at, text + strlen(text), &line));
        assert_true(slice_equal(line, lines[i]));
    }
    assert_false(feed_next_line(&at, text + strlen(text), &line));
}

static void comments_and_blank_lines_say_nothing(void **state)
{
    (void)state;
    static const char *const lines[] = {"",
                                        "   \t ",
                                        "# note",
                                        "; note",
                                        "// note",
                                        "! note",
                                        "[Adblock Plus 2.0]",
                                        "  # indented"};
    struct feed_line out;
    for (enum feed_format format = FEED_PLAIN; format <= FEED_SEED; format++)
        for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
            assert_int_equal(line_once(format, slice(lines[i]), &out), REFUSAL_NONE);
            assert_int_equal(out.item_count, 0);
        }
}

static void a_line_over_4_kib_is_refused(void **state)
{
    (void)state;
    char *text = malloc(FEED_LINE_MAX + 1);
    struct feed_line out;
    assert_non_null(text);
    memset(text, '#', FEED_LINE_MAX + 1);
    struct slice line = {text, FEED_LINE_MAX};
    assert_int_equal(line_once(FEED_PLAIN, line, &out), REFUSAL_NONE);
    line.len++;
    assert_int_equal(line_once(FEED_PLAIN, line, &out), REFUSAL_LONG_LINE);
    free(text);
}

static void every_category_is_known_by_its_slug(void **state)
{
    (void)state;
    assert_int_equal(category_parse(slice("mining")), CATEGORY_MINING);
    assert_int_equal(category_parse(slice("sinkhole_shared")), CATEGORY_SINKHOLE_SHARED);
    assert_int_equal(category_parse(slice("")), -1);
    assert_int_equal(category_parse(slice("MINING")), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_end_with_lf_crlf_or_the_file),
        cmocka_unit_test(comments_and_blank_lines_say_nothing),
        cmocka_unit_test(a_line_over_4_kib_is_refused),
        cmocka_unit_test(every_category_is_known_by_its_slug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
