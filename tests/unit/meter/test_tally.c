/* test_tally.c - tallies add up to the same whichever way transactions are split over them
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/hash.h"
#include "meter/tally.h"
#include "prng.h"

#include <string.h>

static uint32_t client(uint32_t n)
{
    uint8_t bytes[4] = {10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
    struct addr addr = addr_from_v4(bytes);
    return tally_client(&addr);
}

static void up_to_eight_clients_are_counted_exactly(void **state)
{
    (void)state;
    struct tally tally = {0};
    for (uint32_t n = 0; n < 8; n++) {
        for (unsigned again = 0; again < 3; again++)
            for (uint32_t i = 0; i <= n; i++)
                tally_add(&tally, client(i), 1);
        assert_int_equal(tally_clients(&tally), n + 1);
    }
    tally_add(&tally, client(8), 1);
    assert_true(tally_clients(&tally) > 8);
}

static void more_clients_are_estimated_within_the_error_of_the_sketch(void **state)
{
    (void)state;
    static const double error = 3 * 0.18; /* three times the standard error of 32 registers */
    struct tally tally = {0};
    for (uint32_t n = 1; n <= 10000; n++) {
        tally_add(&tally, client(n), 1);
        double share = (double)tally_clients(&tally) / n;
        if (share < 1 - error || share > 1 + error)
            fail_msg("%u clients were taken for %.0f", n, share * n);
    }
}

static void first_and_last_use_are_those_of_event_time(void **state)
{
    (void)state;
    static const int64_t times[] = {50, 20, 70, 60}; /* out of order */
    struct tally tally = {0}, before = {0};
    for (size_t i = 0; i < 4; i++)
        tally_add(&tally, client(1), times[i]);
    assert_int_equal(tally.first_ns, 20);
    assert_int_equal(tally.last_ns, 70);
    assert_int_equal(tally.queries, 4);
    tally_add(&before, client(1), -5); /* before 1970 */
    tally_merge(&tally, &before);
    assert_int_equal(tally.first_ns, -5);
    assert_int_equal(tally.last_ns, 70);
}

/* Splits `count` transactions of `clients` clients over `parts` tallies and merges them from the
 * end `backwards` says. */
static struct tally split(unsigned count, unsigned clients, unsigned parts, bool backwards)
{
    struct tally part[7] = {0}, sum = {0};
    struct prng prng = {.state = 7};
    assert_true(parts <= 7);
    for (unsigned i = 0; i < count; i++) {
        uint32_t who = prng_below(&prng, clients);
        tally_add(&part[who % parts], client(who), prng_below(&prng, 1000));
    }
    for (unsigned i = 0; i < parts; i++)
        tally_merge(&sum, &part[backwards ? parts - 1 - i : i]);
    return sum;
}

static void however_they_are_split_and_merged_tallies_are_the_same(void **state)
{
    (void)state;
    static const unsigned clients[] = {1, 2, 7, 8, 9, 20, 300};
    for (size_t i = 0; i < sizeof(clients) / sizeof(*clients); i++) {
        struct tally whole = split(2000, clients[i], 1, false);
        for (unsigned parts = 2; parts <= 7; parts++)
            for (int backwards = 0; backwards < 2; backwards++) {
                struct tally sum = split(2000, clients[i], parts, backwards);
                assert_memory_equal(&sum, &whole, sizeof(sum));
            }
    }
}

static void the_number_of_queries_stays_at_its_largest(void **state)
{
    (void)state;
    struct tally a = {0}, b = {0};
    tally_add(&a, client(1), 1);
    tally_add(&b, client(1), 1);
    a.queries = b.queries = UINT32_MAX - 1;
    tally_merge(&a, &b);
    assert_int_equal(a.queries, UINT32_MAX);
    tally_add(&a, client(1), 1);
    assert_int_equal(a.queries, UINT32_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(up_to_eight_clients_are_counted_exactly),
        cmocka_unit_test(more_clients_are_estimated_within_the_error_of_the_sketch),
        cmocka_unit_test(first_and_last_use_are_those_of_event_time),
        cmocka_unit_test(however_they_are_split_and_merged_tallies_are_the_same),
        cmocka_unit_test(the_number_of_queries_stays_at_its_largest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
