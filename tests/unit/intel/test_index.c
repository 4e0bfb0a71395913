/* test_index.c - tests of the compact index from hashes to records
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/index.h"

#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A fixed sequence that covers all 64 bits. */
static uint64_t hash_of(uint64_t i)
{
    uint64_t x = (i + 1) * 0x9e3779b97f4a7c15ull;
    x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93ull;
    return x ^ (x >> 29);
}

static void add(struct draft *draft, uint64_t hash, uint64_t value, unsigned rank)
{
    struct draft_entry entry = {.hash = hash, .kind = (uint16_t)value, .rank = (uint8_t)rank};
    struct record record = {.key = (const uint8_t *)&value, .key_len = sizeof(value)};
    assert_int_equal(draft_add(draft, &entry, &record), DRAFT_ADDED);
}

static uint64_t value_of(const struct record *record)
{
    uint64_t value;
    memcpy(&value, record->key, sizeof(value));
    return value;
}

static unsigned count_of(const struct index *index, uint64_t hash, uint64_t value)
{
    struct index_walk walk = index_walk(index, hash);
    struct record record;
    unsigned found = 0;
    while (index_next(&walk, &record))
        found += value_of(&record) == value;
    return found;
}

static void every_entry_is_found_once(void **state)
{
    (void)state;
    enum { ENTRIES = 20000 };
    struct draft draft = {0};
    struct index index;
    draft_feed(&draft);
    for (uint64_t i = 0; i < ENTRIES; i++)
        add(&draft, hash_of(i), i, 0);
    assert_true(index_init(&index, &draft));
    draft_done(&draft);
    for (uint64_t i = 0; i < ENTRIES; i++) {
        assert_true(index_may_have(&index, hash_of(i)));
        assert_int_equal(count_of(&index, hash_of(i), i), 1);
    }
    index_done(&index);
}

static void the_filter_turns_most_strangers_away(void **state)
{
    (void)state;
    enum { ENTRIES = 50000, STRANGERS = 100000 };
    struct draft draft = {0};
    struct index index;
    draft_feed(&draft);
    for (uint64_t i = 0; i < ENTRIES; i++)
        add(&draft, hash_of(i), i, 0);
    assert_true(index_init(&index, &draft));
    draft_done(&draft);
    unsigned passed = 0;
    for (uint64_t i = ENTRIES; i < ENTRIES + STRANGERS; i++)
        passed += index_may_have(&index, hash_of(i));
    assert_in_range(passed, 0, STRANGERS / 100);
    index_done(&index);
}

static void an_empty_index_has_nothing(void **state)
{
    (void)state;
    struct draft draft = {0};
    struct index index;
    assert_true(index_init(&index, &draft));
    for (uint64_t i = 0; i < 100; i++) {
        assert_false(index_may_have(&index, hash_of(i)));
        assert_int_equal(count_of(&index, hash_of(i), 0), 0);
    }
    index_done(&index);
}

static void equal_hashes_come_by_rank_and_then_as_added(void **state)
{
    (void)state;
    static const struct {
        uint64_t value;
        unsigned rank;
    } in[] = {{1, 2}, {2, 3}, {3, 0}, {4, 2}, {5, 0}, {6, 1}};
    static const uint64_t out[] = {3, 5, 6, 1, 4, 2};
    struct draft draft = {0};
    struct index index;
    draft_feed(&draft);
    for (size_t i = 0; i < 6; i++) {
        add(&draft, hash_of(9), in[i].value, in[i].rank);
        for (uint64_t k = 0; k < 20; k++)
            add(&draft, hash_of(100 + 20 * i + k), 1000, 1);
    }
    assert_true(index_init(&index, &draft));
    struct index_walk walk = index_walk(&index, hash_of(9));
    struct record record, again;
    for (size_t i = 0; i < 6; i++) {
        assert_true(index_next(&walk, &record));
        assert_int_equal(value_of(&record), out[i]);
        index_record(&index, index_handle(&index, &record), &again);
        assert_ptr_equal(again.key, record.key);
    }
    assert_false(index_next(&walk, &record));
    draft_done(&draft);
    index_done(&index);
}

static void an_entry_costs_at_most_seven_hot_bytes(void **state)
{
    (void)state;
    struct draft draft = {0};
    struct index index;
    draft_feed(&draft);
    for (uint64_t i = 0; i < 100000; i++)
        add(&draft, hash_of(i), i, 0);
    assert_true(index_init(&index, &draft));
    size_t hot;
    size_t bytes = index_bytes(&index, &hot);
    assert_in_range(hot, 1, 7 * 100000);
    assert_true(bytes >= hot + draft.bytes);
    draft_done(&draft);
    index_done(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_entry_is_found_once),
        cmocka_unit_test(the_filter_turns_most_strangers_away),
        cmocka_unit_test(an_empty_index_has_nothing),
        cmocka_unit_test(equal_hashes_come_by_rank_and_then_as_added),
        cmocka_unit_test(an_entry_costs_at_most_seven_hot_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
