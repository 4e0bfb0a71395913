/* test_hashset.c - tests of the growing set of hashes
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/hashset.h"

#include "cmocka_all.h"

static void a_key_keeps_all_flags_it_was_given(void **state)
{
    (void)state;
    struct hashset set;
    assert_true(hashset_init(&set));
    assert_true(hashset_add(&set, 7, 1));
    assert_true(hashset_add(&set, 7, 4));
    assert_int_equal(hashset_get(&set, 7), 5);
    assert_int_equal(set.count, 1);
    hashset_done(&set);
}

static void keys_that_meet_in_one_slot_stay_apart(void **state)
{
    (void)state;
    struct hashset set;
    assert_true(hashset_init(&set));
    for (uint64_t i = 0; i < 40; i++)
        assert_true(hashset_add(&set, i << 32, (uint8_t)(1 + i)));
    for (uint64_t i = 0; i < 40; i++)
        assert_int_equal(hashset_get(&set, i << 32), 1 + i);
    assert_int_equal(hashset_get(&set, 41ull << 32), 0);
    hashset_done(&set);
}

static void keys_of_one_slot_and_different_marks_stay_apart(void **state)
{
    (void)state;
    struct hashset set;
    assert_true(hashset_init(&set));
    for (uint64_t i = 0; i < 40; i++)
        assert_true(hashset_add(&set, i << 56, (uint8_t)(1 + i)));
    for (uint64_t i = 0; i < 40; i++)
        assert_int_equal(hashset_get(&set, i << 56), 1 + i);
    assert_int_equal(hashset_get(&set, 41ull << 56), 0);
    assert_int_equal(hashset_get(&set, 3ull << 56 | 1ull << 32), 0);
    hashset_done(&set);
}

static void nothing_is_lost_when_the_set_grows(void **state)
{
    (void)state;
    struct hashset set;
    assert_true(hashset_init(&set));
    for (uint64_t i = 1; i <= 10000; i++)
        assert_true(hashset_add(&set, i * 0x9e3779b97f4a7c15ull, 1));
    assert_int_equal(set.count, 10000);
    for (uint64_t i = 1; i <= 10000; i++)
        assert_int_equal(hashset_get(&set, i * 0x9e3779b97f4a7c15ull), 1);
    assert_int_equal(hashset_get(&set, 1), 0);
    hashset_done(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_keeps_all_flags_it_was_given),
        cmocka_unit_test(keys_that_meet_in_one_slot_stay_apart),
        cmocka_unit_test(keys_of_one_slot_and_different_marks_stay_apart),
        cmocka_unit_test(nothing_is_lost_when_the_set_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
