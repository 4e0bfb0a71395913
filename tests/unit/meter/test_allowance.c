/* test_allowance.c - unknown domains are counted and fade; so many a day may be told one by one
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/clock.h"
#include "base/hash.h"
#include "meter/allowance.h"

static const int64_t noon_ns = (20000 * 24ll + 12) * 3600 * NS_PER_S;
static const int64_t hour_ns = 3600 * NS_PER_S;
static const int64_t day_ns = 24 * hour_ns;

static struct allowance allowance;

static uint64_t entity(uint8_t n)
{
    return hash_mix(n + 1u, hash_seed);
}

static uint64_t hash_of(uint64_t domain)
{
    return hash_mix(domain, HASH_FIXED_SEED);
}

static uint32_t take(uint8_t n, uint64_t domain, int64_t time_ns)
{
    return allowance_take(&allowance, entity(n), hash_of(domain), time_ns);
}

static float meet(uint8_t n, uint64_t domain, int64_t time_ns)
{
    return allowance_meet(&allowance, entity(n), hash_of(domain), true, time_ns);
}

static void take_all(int64_t time_ns)
{
    for (uint64_t domain = 1; domain <= ALLOWANCE_DOMAINS_MAX; domain++)
        assert_int_equal(take(1, domain, time_ns), 0);
}

static int open_allowance(void **state)
{
    (void)state;
    return allowance_init(&allowance, 64) ? 0 : -1;
}

static int close_allowance(void **state)
{
    (void)state;
    allowance_done(&allowance);
    return 0;
}

static void so_many_domains_a_day_and_the_others_are_counted_once_each(void **state)
{
    (void)state;
    take_all(noon_ns);
    assert_int_equal(take(1, 1000, noon_ns), 1);
    assert_int_equal(take(1, 1001, noon_ns), 2);
    assert_int_equal(take(1, 1000, noon_ns), 2);
    assert_int_equal(take(1, 3, noon_ns), 0); /* not a new one */
}

static void every_entity_has_its_own(void **state)
{
    (void)state;
    take_all(noon_ns);
    assert_int_equal(take(1, 1000, noon_ns), 1);
    assert_int_equal(take(2, 1000, noon_ns), 0);
    meet(1, 1, noon_ns);
    assert_float_equal(meet(1, 2, noon_ns), 2, 0);
    assert_float_equal(meet(2, 2, noon_ns), 1, 0);
}

static void the_next_day_begins_anew_and_the_last_does_not_come_back(void **state)
{
    (void)state;
    take_all(noon_ns);
    assert_int_equal(take(1, 1000, noon_ns + day_ns / 2 - 1), 1);
    assert_int_equal(take(1, 1000, noon_ns + day_ns / 2), 0);
    for (uint64_t domain = 1; domain < ALLOWANCE_DOMAINS_MAX; domain++)
        take(1, domain, noon_ns + day_ns);
    assert_int_equal(take(1, 2000, noon_ns), 1); /* late traffic of the day before */
}

static void unknown_domains_count_once_and_fade_within_hours(void **state)
{
    (void)state;
    for (uint64_t domain = 1; domain <= 100; domain++)
        meet(1, domain, noon_ns);
    float met = meet(1, 100, noon_ns);
    assert_true(met > 95 && met <= 100); /* see seen.h */
    assert_float_equal(meet(1, 100, noon_ns + hour_ns), met * 0.367879f, 0.01);
    assert_float_equal(meet(1, 100, noon_ns + day_ns), 1, 0);
}

static void late_traffic_neither_fades_nor_grows_the_count(void **state)
{
    (void)state;
    meet(1, 1, noon_ns);
    assert_float_equal(meet(1, 2, noon_ns - hour_ns), 2, 0);
    assert_float_equal(meet(1, 2, noon_ns), 2, 0);
}

static void what_does_not_count_is_told_the_number_of_the_others(void **state)
{
    (void)state;
    assert_true(allowance_meet(&allowance, entity(1), hash_of(100), false, noon_ns) == 1);
    for (unsigned i = 1; i <= 5; i++)
        meet(1, i, noon_ns);
    assert_true(allowance_meet(&allowance, entity(1), hash_of(101), false, noon_ns) == 5);
    assert_true(meet(1, 6, noon_ns) == 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(so_many_domains_a_day_and_the_others_are_counted_once_each,
                                        open_allowance, close_allowance),
        cmocka_unit_test_setup_teardown(every_entity_has_its_own, open_allowance, close_allowance),
        cmocka_unit_test_setup_teardown(the_next_day_begins_anew_and_the_last_does_not_come_back,
                                        open_allowance, close_allowance),
        cmocka_unit_test_setup_teardown(unknown_domains_count_once_and_fade_within_hours,
                                        open_allowance, close_allowance),
        cmocka_unit_test_setup_teardown(late_traffic_neither_fades_nor_grows_the_count,
                                        open_allowance, close_allowance),
        cmocka_unit_test_setup_teardown(what_does_not_count_is_told_the_number_of_the_others,
                                        open_allowance, close_allowance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
