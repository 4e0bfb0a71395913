/* test_rates.c - when it is time to tell of something that happens often
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/clock.h"
#include "meter/rates.h"

static void each_type_tells_at_its_own_times(void **state)
{
    (void)state;
    /* Ten events a second apart, then one 60 s later, in spans of 30 s. */
    static const struct {
        struct rate rate;
        const char *told;
    } cases[] = {
        {{RATE_LIMIT, 1, 30},
         "1000000000"
         "1"},
        {{RATE_LIMIT, 3, 30},
         "1110000000"
         "1"},
        {{RATE_EVERY, 3, 30},
         "0010010010"
         "0"},
        {{RATE_EVERY, 1, 30},
         "1111111111"
         "1"},
        {{RATE_BOTH, 4, 30},
         "0001000000"
         "0"},
        {{RATE_ABOVE, 7, 30},
         "0000000111"
         "0"},
        {{RATE_LIMIT, 1, 4},
         "1000010000"
         "1"},
    };
    for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct rates rates;
        assert_true(rates_init(&rates, 64));
        for (unsigned j = 0; j < 11; j++) {
            int64_t at_ns = (j < 10 ? 100 + j : 170) * NS_PER_S;
            bool told = rates_count(&rates, 5, &cases[i].rate, at_ns);
            if (told != (cases[i].told[j] == '1'))
                fail_msg("case %u, event %u", i, j);
        }
        rates_done(&rates);
    }
}

static void keys_are_counted_apart(void **state)
{
    (void)state;
    static const struct rate rate = {RATE_BOTH, 2, 60};
    struct rates rates;
    assert_true(rates_init(&rates, 64));
    assert_false(rates_count(&rates, 1, &rate, NS_PER_S));
    assert_false(rates_count(&rates, 2, &rate, NS_PER_S));
    assert_true(rates_count(&rates, 1, &rate, NS_PER_S));
    assert_true(rates_count(&rates, 2, &rate, NS_PER_S));
    rates_done(&rates);
}

static void time_that_jumps_back_begins_a_new_span(void **state)
{
    (void)state;
    static const struct rate rate = {RATE_LIMIT, 1, 60};
    struct rates rates;
    assert_true(rates_init(&rates, 64));
    assert_true(rates_count(&rates, 1, &rate, 1000 * NS_PER_S));
    assert_false(rates_count(&rates, 1, &rate, 1001 * NS_PER_S));
    assert_true(rates_count(&rates, 1, &rate, 10 * NS_PER_S));
    rates_done(&rates);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_type_tells_at_its_own_times),
        cmocka_unit_test(keys_are_counted_apart),
        cmocka_unit_test(time_that_jumps_back_begins_a_new_span),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
