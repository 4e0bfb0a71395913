/* test_utf8.c - UTF-8 is read strictly, and shown without what hides or drives
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/utf8.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static size_t encode(uint32_t code, uint8_t out[4])
{
    if (code < 0x80) {
        out[0] = (uint8_t)code;
        return 1;
    }
    size_t len = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--, code >>= 6)
        out[i] = (uint8_t)(0x80 | (code & 0x3f));
    out[0] = (uint8_t)((0xf00 >> len) | code);
    return len;
}

static void every_code_point_is_read_and_no_surrogate(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        uint8_t bytes[4];
        uint32_t read = UINT32_MAX;
        size_t len = encode(code, bytes);
        bool surrogate = code >= 0xd800 && code <= 0xdfff;
        size_t got = utf8_decode(bytes, len, &read);
        if (got != (surrogate ? 0 : len) || (!surrogate && read != code))
            fail_msg("U+%04X", code);
        if (len > 1)
            assert_int_equal(utf8_decode(bytes, len - 1, &read), 0);
    }
}

static void broken_sequences_are_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "\x80",
        "\xbf",
        "\xc0\x80",
        "\xc1\xbf",
        "\xe0\x80\x80",
        "\xe0\x9f\xbf",
        "\xf0\x80\x80\x80",
        "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xff",
        "\xc3(",
        "\xe2\x82(",
        "\xf0\x9f\x90(",
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint32_t code;
        assert_int_equal(utf8_decode((const uint8_t *)cases[i], strlen(cases[i]), &code), 0);
    }
}

static void a_text_is_valid_when_all_of_it_is(void **state)
{
    (void)state;
    assert_true(utf8_valid("", 0));
    assert_true(utf8_valid("日本\n", 7));
    assert_false(utf8_valid("日本", 5));
    assert_false(utf8_valid("ok\xff", 3));
}

static void what_drives_or_hides_text_is_made_visible(void **state)
{
    (void)state;
    static const struct {
        const char *text, *visible;
    } cases[] = {
        {"", ""},
        {"www.example.com 日本", "www.example.com 日本"},
        {"a\tb", "a b"},
        {"\x1b]0;x\x07", "\\x1b]0;x\\x07"},
        {"\xc2\x85", "\\x85"},
        {"abc\xe2\x80\xae"
         "def",
         "abc\\u202edef"},           /* right to left from here */
        {"\xe2\x80\x8b", "\\u200b"}, /* a blank of no width */
        {"\xef\xbb\xbf", "\\ufeff"},
        {"ok\xff\xfe", "ok\xef\xbf\xbd\xef\xbf\xbd"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf buf;
        buf_init(&buf, 200);
        buf_text(&buf, "");
        utf8_append_visible(&buf, cases[i].text);
        assert_string_equal(buf.data, cases[i].visible);
        buf_done(&buf);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_is_read_and_no_surrogate),
        cmocka_unit_test(broken_sequences_are_refused),
        cmocka_unit_test(a_text_is_valid_when_all_of_it_is),
        cmocka_unit_test(what_drives_or_hides_text_is_made_visible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
