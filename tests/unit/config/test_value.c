/* test_value.c - single values to and from text, at the edges of what is allowed
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "config/schema.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void numbers_are_decimal_and_in_range(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int rc;
    } cases[] = {
        {"2", 0},
        {"4294967295", 0},
        {"1", -EINVAL},
        {"4294967296", -EINVAL},
        {"99999999999999999999", -EINVAL},
        {"", -EINVAL},
        {"010", -EINVAL},
        {"0x10", -EINVAL},
        {"1_000", -EINVAL},
        {"+5", -EINVAL},
        {" 5", -EINVAL},
        {"5 ", -EINVAL},
        {"5.0", -EINVAL},
    };
    const struct config_key key = {.type = CONFIG_NUMBER, .min = 2, .max = UINT32_MAX};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        uint32_t value = 7;
        int rc = config_value_read(&key, &value, cases[i].text, strlen(cases[i].text));
        assert_int_equal(rc, cases[i].rc);
        assert_int_equal(value, rc == 0 ? strtoul(cases[i].text, NULL, 10) : 7);
    }
}

static void switches_know_the_words_of_yaml(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int value; /* -1: refused */
    } cases[] = {{"true", 1}, {"Yes", 1}, {"ON", 1},   {"false", 0}, {"no", 0},    {"off", 0},
                 {"1", -1},   {"y", -1},  {"tru", -1}, {"", -1},     {"maybe", -1}};
    const struct config_key key = {.type = CONFIG_SWITCH};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        bool value = false;
        int rc = config_value_read(&key, &value, cases[i].text, strlen(cases[i].text));
        assert_int_equal(rc, cases[i].value < 0 ? -EINVAL : 0);
        if (rc == 0)
            assert_int_equal(value, cases[i].value);
    }
}

static void texts_keep_to_their_length_and_hold_no_control_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
        int rc;
    } cases[] = {{"ab", 2, 0},          {"abcd", 4, 0},       {"a", 1, -EINVAL},
                 {"abcde", 5, -EINVAL}, {"a\nb", 3, -EINVAL}, {"a\0b", 3, -EINVAL},
                 {"a\x7f", 2, -EINVAL}, {"\xc3\xa9", 2, 0}};
    const struct config_key key = {.type = CONFIG_TEXT, .min = 2, .max = 4};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char *value = NULL;
        assert_int_equal(config_value_read(&key, &value, cases[i].text, cases[i].len), cases[i].rc);
        if (cases[i].rc == 0)
            assert_string_equal(value, cases[i].text);
        free(value);
    }
}

static void every_word_is_read_back_as_written(void **state)
{
    (void)state;
    for (int type = CONFIG_CONFIDENCE; type <= CONFIG_FORMAT; type++) {
        const struct config_key key = {.type = (uint8_t)type};
        for (const struct config_word *word = config_words(type); word->name; word++) {
            int8_t value = 99;
            struct buf text;
            assert_int_equal(config_value_read(&key, &value, word->name, strlen(word->name)), 0);
            assert_int_equal(value, word->value);
            buf_init(&text, 64);
            config_value_write(&key, &value, 0, &text);
            assert_string_equal(text.data, word->name);
            buf_done(&text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_decimal_and_in_range),
        cmocka_unit_test(switches_know_the_words_of_yaml),
        cmocka_unit_test(texts_keep_to_their_length_and_hold_no_control_bytes),
        cmocka_unit_test(every_word_is_read_back_as_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
