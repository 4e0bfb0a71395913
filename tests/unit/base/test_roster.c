/* test_roster.c - records are found, renewed and displaced in the order of events
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/hash.h"
#include "base/roster.h"

enum { MAX = 8 };

static struct roster roster;
static unsigned dropped;

static void drop(void *arg, void *record)
{
    *(unsigned *)arg += *(uint32_t *)record;
}

static int open_roster(void **state)
{
    (void)state;
    dropped = 0;
    if (!roster_init(&roster, MAX, sizeof(uint32_t)))
        return -1;
    roster_on_drop(&roster, drop, &dropped);
    return 0;
}

static int close_roster(void **state)
{
    (void)state;
    roster_done(&roster);
    return 0;
}

/* Hashes that share a cell, whatever the number of cells. */
static void touch(uint32_t n)
{
    bool new;
    *(uint32_t *)roster_touch(&roster, (uint64_t)n << 32, &new) = n;
}

static uint32_t find(uint32_t n)
{
    const uint32_t *record = roster_find(&roster, (uint64_t)n << 32);
    return record ? *record : 0;
}

static void what_was_put_in_is_found_again(void **state)
{
    (void)state;
    bool new;
    for (uint32_t n = 1; n <= MAX; n++)
        touch(n);
    for (uint32_t n = 1; n <= MAX; n++)
        assert_int_equal(find(n), n);
    assert_int_equal(find(99), 0);
    assert_int_equal(*(uint32_t *)roster_touch(&roster, 3ull << 32, &new), 3);
    assert_false(new);
    assert_int_equal(roster.displaced, 0);
}

static void the_first_newcomer_goes_and_is_told(void **state)
{
    (void)state;
    bool new;
    for (uint32_t n = 1; n <= MAX; n++)
        touch(n);
    touch(1); /* established */
    assert_int_equal(*(uint32_t *)roster_touch(&roster, 100ull << 32, &new), 0);
    assert_true(new);
    assert_int_equal(dropped, 2);
    assert_int_equal(find(2), 0);
    assert_int_equal(find(1), 1);
}

static void the_established_survive_a_flood_and_the_newest_is_kept(void **state)
{
    (void)state;
    for (uint32_t n = 1; n <= MAX * 3 / 4; n++)
        touch(n), touch(n);
    for (uint32_t n = 100; n < 1100; n++) {
        touch(n);
        assert_int_equal(find(n), n);
    }
    for (uint32_t n = 1; n <= MAX * 3 / 4; n++)
        assert_int_equal(find(n), n);
}

static void one_too_many_established_sends_the_quietest_back(void **state)
{
    (void)state;
    for (uint32_t n = 1; n <= MAX * 3 / 4 + 1; n++)
        touch(n), touch(n);
    touch(100);
    touch(101);
    assert_int_equal(find(1), 0);
    assert_int_equal(find(2), 2);
    assert_int_equal(roster.displaced, 1);
}

static void a_record_can_be_displaced_though_there_is_room(void **state)
{
    (void)state;
    touch(1);
    assert_false(roster_displace(&roster, roster_find(&roster, 1ull << 32)));
    touch(2), touch(2);
    assert_true(roster_displace(&roster, roster_find(&roster, 1ull << 32)));
    assert_int_equal(find(2), 0);
    assert_true(roster_displace(&roster, NULL));
    assert_false(roster_displace(&roster, NULL));
    for (uint32_t n = 1; n <= MAX; n++)
        touch(n);
    assert_int_equal(find(1), 1);
    assert_int_equal(dropped, 3);
}

/* Two rosters that hold the same displace the same from then on. */
static void it_goes_on_as_if_nothing_had_been(void **state)
{
    (void)state;
    struct roster after;
    struct buf buf;
    bool new;
    buf_init(&buf, 1 << 16);
    for (uint32_t n = 1; n <= 3 * MAX; n++)
        touch(n % 11 + 1);
    roster_save(&roster, "roster", &buf);
    struct image image = {buf.data, buf.len};
    assert_true(roster_init(&after, MAX, sizeof(uint32_t)));
    assert_true(roster_load(&after, "roster", &image));
    assert_int_equal(image.left, 0);
    for (uint32_t n = 50; n < 56; n++) {
        touch(n);
        *(uint32_t *)roster_touch(&after, (uint64_t)n << 32, &new) = n;
        for (uint32_t k = 1; k < 60; k++) {
            const uint32_t *record = roster_find(&after, (uint64_t)k << 32);
            assert_int_equal(find(k), record ? *record : 0);
        }
    }
    roster_done(&after);
    for (size_t left = 0; left < buf.len; left++) {
        struct image part = {buf.data, left};
        assert_true(roster_init(&after, MAX, sizeof(uint32_t)));
        assert_false(roster_load(&after, "roster", &part));
        roster_done(&after);
    }
    image = (struct image){buf.data, buf.len};
    assert_true(roster_init(&after, MAX + 1, sizeof(uint32_t)));
    assert_false(roster_load(&after, "roster", &image));
    roster_done(&after);
    buf_done(&buf);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_roster, close_roster)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_put_in_is_found_again),
        TEST(the_first_newcomer_goes_and_is_told),
        TEST(the_established_survive_a_flood_and_the_newest_is_kept),
        TEST(one_too_many_established_sends_the_quietest_back),
        TEST(a_record_can_be_displaced_though_there_is_room),
        TEST(it_goes_on_as_if_nothing_had_been),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
