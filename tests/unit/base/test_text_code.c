/* test_text_code.c - hex, base32 and base64 are read as far as they go
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/text_code.h"

#include <string.h>

static const struct {
    enum text_code code;
    const char *text;
    const char *bytes;
} cases[] = {
    {TEXT_CODE_HEX, "", ""},
    {TEXT_CODE_HEX, "666F6f", "foo"},
    {TEXT_CODE_HEX, "666f6", "fo"}, /* half a byte is none */
    {TEXT_CODE_HEX, "66zz", "f"},
    {TEXT_CODE_BASE32, "MZXW6YTBOI======", "foobar"},
    {TEXT_CODE_BASE32, "mzxw6", "foo"},
    {TEXT_CODE_BASE32, "mzxw1", "fo"}, /* 0, 1, 8 and 9 are no digits of it */
    {TEXT_CODE_BASE64, "Zm9vYmFy", "foobar"},
    {TEXT_CODE_BASE64, "Zm9vYg==", "foob"},
    {TEXT_CODE_BASE64, "+/-_*/", "\xfb\xff\xbf\xfb"},
    {TEXT_CODE_BASE64, "Zm9v.YmFy", "foo"},
};

static void text_is_read_up_to_its_end_or_what_is_no_digit(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        uint8_t data[64];
        size_t len = strlen(cases[i].text);
        size_t count = text_decode(cases[i].code, (const uint8_t *)cases[i].text, len, data);
        if (count != strlen(cases[i].bytes) || memcmp(data, cases[i].bytes, count) != 0)
            fail_msg("%s gives %zu bytes", cases[i].text, count);
    }
}

static void the_result_is_never_longer_than_the_text(void **state)
{
    (void)state;
    uint8_t text[64], data[64];
    for (int code = 0; code < TEXT_CODE_COUNT; code++)
        for (unsigned byte = 0; byte < 256; byte++) {
            memset(text, (int)byte, sizeof(text));
            assert_true(text_decode((enum text_code)code, text, sizeof(text), data) <=
                        sizeof(text));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_read_up_to_its_end_or_what_is_no_digit),
        cmocka_unit_test(the_result_is_never_longer_than_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
