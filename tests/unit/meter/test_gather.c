/* test_gather.c - entries of an epoch are found by key, walked in order and forgotten at once
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "meter/gather.h"
#include "prng.h"

static void an_entry_is_made_once_and_zeroed(void **state)
{
    (void)state;
    struct gather gather;
    bool new;
    assert_true(gather_init(&gather, 8, sizeof(int)));
    int *entry = gather_touch(&gather, 5, &new);
    assert_true(new &&*entry == 0);
    *entry = 7;
    assert_ptr_equal(gather_touch(&gather, 5, &new), entry);
    assert_false(new);
    gather_clear(&gather);
    assert_int_equal(*(int *)gather_touch(&gather, 5, &new), 0);
    assert_true(new);
    gather_done(&gather);
}

static void what_finds_no_room_is_refused_and_displaces_nothing(void **state)
{
    (void)state;
    struct gather gather;
    bool new;
    assert_true(gather_init(&gather, 3, sizeof(int)));
    for (uint64_t key = 0; key < 3; key++)
        assert_non_null(gather_touch(&gather, key, &new));
    assert_null(gather_touch(&gather, 3, &new));
    for (uint64_t key = 0; key < 3; key++) {
        assert_non_null(gather_touch(&gather, key, &new));
        assert_false(new);
    }
    gather_done(&gather);
}

static void keys_that_share_a_cell_are_kept_apart_and_leave_nothing_behind(void **state)
{
    (void)state;
    struct gather gather;
    bool new;
    assert_true(gather_init(&gather, 64, sizeof(uint64_t)));
    for (unsigned round = 0; round < 50; round++) {
        for (uint64_t i = 0; i < 64; i++)
            *(uint64_t *)gather_touch(&gather, i * 128 + round, &new) = i;
        for (uint64_t i = 0; i < 64; i++)
            assert_int_equal(*(uint64_t *)gather_touch(&gather, i * 128 + round, &new), i);
        gather_clear(&gather);
        for (uint32_t cell = 0; cell <= gather.mask; cell++)
            assert_int_equal(gather.index[cell], 0);
    }
    gather_done(&gather);
}

static void several_are_walked_in_the_order_of_their_keys(void **state)
{
    (void)state;
    static const unsigned counts[] = {0, 1, 4, 100};
    struct gather gathers[3], *all[3];
    struct gathered order[600];
    struct prng prng = {.state = 3};
    for (size_t of = 0; of < sizeof(counts) / sizeof(*counts); of++) {
        for (unsigned i = 0; i < 3; i++) {
            all[i] = &gathers[i];
            assert_true(gather_init(all[i], 100, sizeof(uint64_t)));
            for (unsigned n = 0; n < counts[of]; n++) {
                bool new;
                uint64_t key = (uint64_t)prng_below(&prng, 150) << (n % 2 * 56);
                *(uint64_t *)gather_touch(all[i], key, &new) = key;
            }
        }
        size_t count = gather_sorted(all, 3, order);
        assert_int_equal(count, gathers[0].count + gathers[1].count + gathers[2].count);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(*(const uint64_t *)order[i].entry, order[i].key);
            assert_true(i == 0 || order[i - 1].key <= order[i].key);
        }
        for (unsigned i = 0; i < 3; i++)
            gather_done(all[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_is_made_once_and_zeroed),
        cmocka_unit_test(what_finds_no_room_is_refused_and_displaces_nothing),
        cmocka_unit_test(keys_that_share_a_cell_are_kept_apart_and_leave_nothing_behind),
        cmocka_unit_test(several_are_walked_in_the_order_of_their_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
