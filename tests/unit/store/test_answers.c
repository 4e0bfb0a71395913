/* test_answers.c - answers are kept once each and few, and damaged ones are not read
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/answers.h"

#include "cmocka_all.h"

#include <string.h>

static const uint8_t alias[] = "\3www\7example\3com"; /* with the final NUL as its root */

static struct answer address(uint8_t number, uint8_t bytes[ANSWER_ADDRESS_BYTES])
{
    memset(bytes, number, ANSWER_ADDRESS_BYTES);
    return (struct answer){MATCH_ADDRESS, ANSWER_ADDRESS_BYTES, bytes};
}

static unsigned count(const uint8_t *bytes, size_t len)
{
    struct cursor cursor = cursor_of(bytes, len);
    struct answer answer;
    unsigned found = 0;
    while (answers_next(&cursor, &answer))
        found++;
    return found;
}

static void what_was_added_is_read_in_order(void **state)
{
    (void)state;
    struct answers answers = {0};
    uint8_t bytes[ANSWER_ADDRESS_BYTES];
    struct answer one = address(1, bytes), read;
    assert_true(answers_add(&answers, &one));
    assert_true(answers_add(&answers, &(struct answer){MATCH_CNAME, sizeof(alias), alias}));
    struct cursor cursor = cursor_of(answers.bytes, answers.len);
    assert_true(answers_next(&cursor, &read));
    assert_int_equal(read.field, MATCH_ADDRESS);
    assert_memory_equal(read.data, bytes, sizeof(bytes));
    assert_true(answers_next(&cursor, &read));
    assert_int_equal(read.field, MATCH_CNAME);
    assert_int_equal(read.len, sizeof(alias));
    assert_memory_equal(read.data, alias, sizeof(alias));
    assert_false(answers_next(&cursor, &read));
}

static void the_same_answer_is_kept_once(void **state)
{
    (void)state;
    struct answers answers = {0};
    uint8_t bytes[ANSWER_ADDRESS_BYTES];
    struct answer one = address(1, bytes);
    assert_true(answers_add(&answers, &one));
    assert_true(answers_add(&answers, &one));
    assert_int_equal(count(answers.bytes, answers.len), 1);
}

static void there_is_room_for_few_of_each_kind(void **state)
{
    (void)state;
    struct answers answers = {0};
    uint8_t bytes[ANSWER_ADDRESS_BYTES], longest[NAME_WIRE_MAX];
    for (unsigned i = 0; i < 20; i++) {
        struct answer one = address((uint8_t)i, bytes);
        assert_int_equal(answers_add(&answers, &one), i < HISTORY_ADDRESSES_MAX);
    }
    memset(longest, 'a', sizeof(longest));
    for (unsigned i = 0; i < 4; i++)
        longest[i * 64] = i < 3 ? 63 : 61;
    longest[254] = 0;
    for (unsigned i = 0; i < 5; i++) {
        longest[1] = (uint8_t)('a' + i);
        assert_int_equal(
            answers_add(&answers, &(struct answer){MATCH_CNAME, sizeof(longest), longest}),
            i < HISTORY_ALIASES_MAX);
    }
    assert_int_equal(count(answers.bytes, answers.len),
                     HISTORY_ADDRESSES_MAX + HISTORY_ALIASES_MAX);
    assert_true(answers.len <= sizeof(answers.bytes));
}

static void damaged_answers_end_the_reading(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
    } cases[] = {
        {"", 0},                                 /* nothing */
        {"\1\1\1\1", 4},                         /* an address cut short */
        {"\2\3www", 5},                          /* an alias without a root */
        {"\2\77www", 5},                         /* a label longer than what is left */
        {"\2\100aaaaaaaaaaaaaaaaaaaaaaaaa", 27}, /* a length that is none */
        {"\2", 1},                               /* an alias without anything */
        {"\7aaaaaaaaaaaaaaaaaaaaaaa", 24},       /* no kind we know */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        assert_int_equal(count((const uint8_t *)cases[i].bytes, cases[i].len), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_added_is_read_in_order),
        cmocka_unit_test(the_same_answer_is_kept_once),
        cmocka_unit_test(there_is_room_for_few_of_each_kind),
        cmocka_unit_test(damaged_answers_end_the_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
