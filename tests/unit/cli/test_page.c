/* test_page.c - paragraphs fill their lines, in both scripts, and never drive a terminal
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/page.h"

#include "cmocka_all.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

static char *wrapped(unsigned width, unsigned indent, const char *text)
{
    char *data;
    size_t len;
    struct page page = {.width = width, .bold = "", .plain = ""};
    page.stream = open_memstream(&data, &len);
    page_wrap(&page, indent, text);
    fclose(page.stream);
    return data;
}

static void lines_end_where_a_reader_expects(void **state)
{
    (void)state;
    static const struct {
        unsigned width, indent;
        const char *text, *lines;
    } cases[] = {
        {30, 0, "", "\n"},
        {30, 0, "short", "short\n"},
        {30, 0, "one two three four five six seven", "one two three four five six\nseven\n"},
        {30, 4, "one two three four five six seven", "one two three four five\n    six seven\n"},
        {20, 0, "abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrst\nuvwxyz\n"},
        {20, 0, "端末の責任者に、この活動が想定内か。", "端末の責任者に、この\n活動が想定内か。\n"},
        {20, 0, "一二三四五六七八九十。", "一二三四五六七八九\n十。\n"},
        {20, 0, "応答のメール ゲートウェイ。", "応答のメール\nゲートウェイ。\n"},
        {20, 0, "再インストールしますので", "再インストールします\nので\n"},
        {30, 0, "a\033[31mb\nc\td", "a\\x1b[31mb\\x0ac d\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *lines = wrapped(cases[i].width, cases[i].indent, cases[i].text);
        assert_string_equal(lines, cases[i].lines);
        free(lines);
    }
}

static void a_heading_never_drives_a_terminal(void **state)
{
    (void)state;
    char *data;
    size_t len;
    struct page page = {.width = 30, .bold = "<", .plain = ">"};
    page.stream = open_memstream(&data, &len);
    page_heading(&page, "a\033[31mb\xff");
    fclose(page.stream);
    assert_string_equal(data, "\n<a\\x1b[31mb\xef\xbf\xbd\n>");
    free(data);
}

static void wide_characters_take_two_columns(void **state)
{
    (void)state;
    assert_int_equal(page_text_width(""), 0);
    assert_int_equal(page_text_width("abc"), 3);
    assert_int_equal(page_text_width("重大度"), 6);
    assert_int_equal(page_text_width("é"), 1);
    assert_int_equal(page_text_width("\xff"), 1);
}

static int locale_set(void **state)
{
    (void)state;
    return setlocale(LC_CTYPE, "C.UTF-8") ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_end_where_a_reader_expects),
        cmocka_unit_test(a_heading_never_drives_a_terminal),
        cmocka_unit_test(wide_characters_take_two_columns),
    };
    return cmocka_run_group_tests(tests, locale_set, NULL);
}
