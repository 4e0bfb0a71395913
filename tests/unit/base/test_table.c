/* test_table.c - the bounded table keeps the established and still takes newcomers
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/hash.h"
#include "base/table.h"

enum { ENTRIES = 8192 };

static uint64_t key(uint64_t n)
{
    return hash_mix(n ^ 0x5851f42d4c957f2dull, HASH_FIXED_SEED);
}

/* Keys that all fall into set 0 of a table of one set. */
static uint32_t *touch(struct table *table, uint64_t hash, uint32_t stamp)
{
    bool new;
    return table_touch(table, hash, stamp, &new);
}

static struct table table_of(size_t entries)
{
    struct table table;
    assert_true(table_init(&table, entries, sizeof(uint32_t)));
    return table;
}

static void what_was_put_in_is_found_again(void **state)
{
    (void)state;
    struct table table = table_of(ENTRIES);
    bool new;
    uint32_t *entry = table_touch(&table, key(1), 1, &new);
    assert_true(new);
    assert_int_equal(*entry, 0);
    *entry = 77;
    assert_int_equal(*(uint32_t *)table_find(&table, key(1)), 77);
    entry = table_touch(&table, key(1), 2, &new);
    assert_false(new);
    assert_int_equal(*entry, 77);
    assert_null(table_find(&table, key(2)));
    assert_int_equal(table.evicted, 0);
    table_done(&table);
}

static void a_hash_of_zero_is_a_key_like_any_other(void **state)
{
    (void)state;
    struct table table = table_of(8);
    assert_null(table_find(&table, 0));
    *touch(&table, 0, 1) = 5;
    assert_int_equal(*(uint32_t *)table_find(&table, 0), 5);
    table_done(&table);
}

/* Half of what the table holds, each seen twice, then a hundred times its size of keys seen once.
 */
static void established_entries_survive_a_flood_of_one_time_keys(void **state)
{
    (void)state;
    struct table table = table_of(ENTRIES);
    unsigned kept = 0;
    for (uint64_t i = 0; i < ENTRIES / 4; i++)
        for (unsigned twice = 0; twice < 2; twice++)
            *touch(&table, key(i), 1) = (uint32_t)i;
    for (uint64_t i = 0; i < 100 * ENTRIES; i++)
        touch(&table, key(1000000 + i), 10);
    for (uint64_t i = 0; i < ENTRIES / 4; i++) {
        uint32_t *entry = table_find(&table, key(i));
        kept += entry && *entry == i;
    }
    assert_true(kept > ENTRIES / 4 * 98 / 100);
    table_done(&table);
}

static void newcomers_are_tracked_in_the_middle_of_a_flood(void **state)
{
    (void)state;
    struct table table = table_of(ENTRIES);
    uint64_t flood = 1000000;
    for (uint64_t i = 0; i < 2 * ENTRIES; i++)
        for (unsigned twice = 0; twice < 2; twice++)
            touch(&table, key(i), 1); /* every established way is taken */
    unsigned tracked = 0;
    for (uint64_t n = 0; n < 1000; n++) {
        *touch(&table, key(500000 + n), 10) += 1;
        for (unsigned i = 0; i < ENTRIES / 32; i++)
            touch(&table, key(flood++), 10);
        *touch(&table, key(500000 + n), 10) += 1;
        tracked += *touch(&table, key(500000 + n), 10) == 2;
    }
    assert_true(tracked >= 950);
    table_done(&table);
}

static void a_newcomer_seen_again_takes_the_place_of_the_oldest(void **state)
{
    (void)state;
    struct table table = table_of(8);
    for (uint64_t i = 1; i <= 6; i++)
        for (unsigned twice = 0; twice < 2; twice++)
            *touch(&table, i << 32, (uint32_t)(100 + i)) = (uint32_t)i;
    touch(&table, 1ull << 32, 200); /* now number 2 is the oldest */
    touch(&table, 7ull << 32, 201);
    touch(&table, 7ull << 32, 202);
    assert_non_null(table_find(&table, 2ull << 32)); /* on probation, not lost */
    touch(&table, 8ull << 32, 203);
    touch(&table, 9ull << 32, 204);
    assert_null(table_find(&table, 2ull << 32));
    assert_non_null(table_find(&table, 1ull << 32));
    assert_non_null(table_find(&table, 7ull << 32));
    assert_int_equal(table.evicted, 1);
    table_done(&table);
}

static void stamps_may_wrap(void **state)
{
    (void)state;
    struct table table = table_of(8);
    for (uint64_t i = 1; i <= 6; i++)
        for (unsigned twice = 0; twice < 2; twice++)
            touch(&table, i << 32, (uint32_t)(UINT32_MAX - 3 + i)); /* 4 to 6 are past the wrap */
    touch(&table, 7ull << 32, 10);
    touch(&table, 7ull << 32, 11);
    touch(&table, 8ull << 32, 12);
    touch(&table, 9ull << 32, 13);
    assert_null(table_find(&table, 1ull << 32));
    for (uint64_t i = 2; i <= 6; i++)
        assert_non_null(table_find(&table, i << 32));
    table_done(&table);
}

static void a_reused_place_starts_zeroed(void **state)
{
    (void)state;
    struct table table = table_of(8);
    for (uint64_t i = 1; i < 100; i++) {
        uint32_t *entry = touch(&table, i << 32, (uint32_t)i);
        assert_int_equal(*entry, 0);
        *entry = UINT32_MAX;
    }
    assert_int_equal(table.evicted, 99 - TABLE_WAYS);
    table_done(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_in_is_found_again),
        cmocka_unit_test(a_hash_of_zero_is_a_key_like_any_other),
        cmocka_unit_test(established_entries_survive_a_flood_of_one_time_keys),
        cmocka_unit_test(newcomers_are_tracked_in_the_middle_of_a_flood),
        cmocka_unit_test(a_newcomer_seen_again_takes_the_place_of_the_oldest),
        cmocka_unit_test(stamps_may_wrap),
        cmocka_unit_test(a_reused_place_starts_zeroed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
