/* test_allowance.c - so many domains a day, for each entity, and the same ones again and again
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/clock.h"
#include "meter/allowance.h"

static const int64_t noon_ns = (20000 * 24ll + 12) * 3600 * NS_PER_S;
static const int64_t day_ns = 24ll * 3600 * NS_PER_S;

static struct allowance allowance;

static struct addr entity(uint8_t n)
{
    return addr_from_v4((uint8_t[4]){192, 0, 2, n});
}

static bool take(uint8_t n, uint64_t domain, int64_t time_ns)
{
    struct addr addr = entity(n);
    return allowance_take(&allowance, &addr, domain, time_ns);
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

static void so_many_domains_a_day_and_no_more(void **state)
{
    (void)state;
    for (uint64_t domain = 1; domain <= ALLOWANCE_DOMAINS_MAX; domain++)
        assert_true(take(1, domain, noon_ns));
    assert_false(take(1, 1000, noon_ns));
    assert_true(take(1, 3, noon_ns)); /* not a new one */
}

static void every_entity_has_its_own(void **state)
{
    (void)state;
    for (uint64_t domain = 1; domain <= ALLOWANCE_DOMAINS_MAX + 1; domain++)
        take(1, domain, noon_ns);
    assert_true(take(2, 1000, noon_ns));
}

static void the_next_day_begins_anew_and_the_last_does_not_come_back(void **state)
{
    (void)state;
    for (uint64_t domain = 1; domain <= ALLOWANCE_DOMAINS_MAX; domain++)
        take(1, domain, noon_ns);
    assert_false(take(1, 1000, noon_ns + day_ns / 2 - 1));
    assert_true(take(1, 1000, noon_ns + day_ns / 2));
    for (uint64_t domain = 1; domain < ALLOWANCE_DOMAINS_MAX; domain++)
        take(1, domain, noon_ns + day_ns);
    assert_false(take(1, 2000, noon_ns)); /* late traffic of the day before */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(so_many_domains_a_day_and_no_more, open_allowance,
                                        close_allowance),
        cmocka_unit_test_setup_teardown(every_entity_has_its_own, open_allowance, close_allowance),
        cmocka_unit_test_setup_teardown(the_next_day_begins_anew_and_the_last_does_not_come_back,
                                        open_allowance, close_allowance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
