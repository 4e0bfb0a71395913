/* test_json.c - any bytes give valid JSON, and numbers stay readable
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/json.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void strings_are_escaped(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
        const char *json;
    } cases[] = {
        {"", 0, "\"\""},
        {"plain", 5, "\"plain\""},
        {"a\"b\\c", 5, "\"a\\\"b\\\\c\""},
        {"\n\r\t", 3, "\"\\n\\r\\t\""},
        {"\0\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\\u007f\""},
        {"</script>", 9, "\"</script>\""},
        {"日本", 6, "\"日本\""},
        {"\xf0\x9f\x90\x9f", 4, "\"\xf0\x9f\x90\x9f\""},
        {"a\xe2\x80\xa8z\xe2\x80\xa9", 8, "\"a\\u2028z\\u2029\""}, /* end lines in scripts */
        {"\xc2\x9b", 2, "\"\\u009b\""},                            /* C1: drives terminals */
        {"x\xffy", 3, "\"x\\ufffdy\""},                            /* no UTF-8 at all */
        {"\xc3", 1, "\"\\ufffd\""},                                /* cut in the middle */
        {"\xe2\x82", 2, "\"\\ufffd\\ufffd\""},
        {"\xc0\xaf", 2, "\"\\ufffd\\ufffd\""},                       /* overlong '/' */
        {"\xed\xa0\x80", 3, "\"\\ufffd\\ufffd\\ufffd\""},            /* surrogate */
        {"\xf4\x90\x80\x80", 4, "\"\\ufffd\\ufffd\\ufffd\\ufffd\""}, /* above U+10FFFF */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf buf;
        buf_init(&buf, 1000);
        struct json json = json_writer(&buf);
        json_text_len(&json, cases[i].text, cases[i].len);
        assert_string_equal(buf.data, cases[i].json);
        buf_done(&buf);
    }
}

static void every_pair_of_bytes_gives_json_that_a_strict_reader_takes(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 1000);
    for (unsigned pair = 0; pair <= UINT16_MAX; pair++) {
        char text[] = {(char)(pair >> 8), (char)pair, 'z'};
        buf_reset(&buf);
        struct json json = json_writer(&buf);
        json_array_begin(&json);
        json_text_len(&json, text, sizeof(text));
        json_array_end(&json);
        json_t *read = json_loadb(buf.data, buf.len, JSON_ALLOW_NUL, NULL);
        if (!read)
            fail_msg("bytes %04x gave %s", pair, buf.data);
        json_decref(read);
    }
    buf_done(&buf);
}

static void numbers_keep_six_digits_and_no_exponent(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *json;
    } cases[] = {
        {0, "0"},
        {-0.0, "0"},
        {1, "1"},
        {-3, "-3"},
        {0.5, "0.5"},
        {0.333333333, "0.333333"},
        {12.3456789, "12.3457"},
        {99999.96, "100000"},
        {123456.7, "123457"},
        {999999.7, "1000000"},
        {1234567.5, "1234568"},
        {123456789012.3, "123456789012"},
        {0.0001, "0.0001"},
        {0.00001, "0.000010000"},
        {-0.0000123, "-0.000012300"},
        {999999999999999, "999999999999999"},
        {1e300, "1e+300"},
        {NAN, "0"},
        {INFINITY, "0"},
        {-INFINITY, "0"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf buf;
        buf_init(&buf, 1000);
        struct json json = json_writer(&buf);
        json_number(&json, cases[i].value);
        assert_string_equal(buf.data, cases[i].json);
        buf_done(&buf);
    }
}

static void decimals_are_written_as_they_are(void **state)
{
    (void)state;
    static const struct {
        int64_t value;
        unsigned decimals;
        const char *json;
    } cases[] = {
        {0, 0, "0"},
        {0, 3, "0.000"},
        {-1, 0, "-1"},
        {-5, 3, "-0.005"},
        {1234, 3, "1.234"},
        {-1234, 3, "-1.234"},
        {100, 2, "1.00"},
        {18, 6, "0.000018"},
        {1000000, 6, "1.000000"},
        {7, 9, "0.000000007"},
        {INT64_MAX, 0, "9223372036854775807"},
        {INT64_MIN, 9, "-9223372036.854775808"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf buf;
        buf_init(&buf, 1000);
        struct json json = json_writer(&buf);
        json_decimal(&json, cases[i].value, cases[i].decimals);
        assert_string_equal(buf.data, cases[i].json);
        buf_done(&buf);
    }
}

static void commas_stand_between_values_on_every_level(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 1000);
    struct json json = json_writer(&buf);
    json_object_begin(&json);
    json_pair(&json, "a", "1");
    json_pair_opt(&json, "none", "");
    json_pair_opt(&json, "none", NULL);
    json_pair_int(&json, "b", INT64_MIN);
    json_key(&json, "c");
    json_array_begin(&json);
    json_bool(&json, true);
    json_bool(&json, false);
    json_object_begin(&json);
    json_object_end(&json);
    json_raw(&json, "null", 4);
    json_array_end(&json);
    json_pair(&json, "d\n", "x");
    json_object_end(&json);
    assert_string_equal(buf.data, "{\"a\":\"1\",\"b\":-9223372036854775808,"
                                  "\"c\":[true,false,{},null],\"d\\n\":\"x\"}");
    buf_done(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_are_escaped),
        cmocka_unit_test(every_pair_of_bytes_gives_json_that_a_strict_reader_takes),
        cmocka_unit_test(numbers_keep_six_digits_and_no_exponent),
        cmocka_unit_test(decimals_are_written_as_they_are),
        cmocka_unit_test(commas_stand_between_values_on_every_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
