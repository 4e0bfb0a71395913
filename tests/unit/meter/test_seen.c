/* test_seen.c - what was shown is known, what is new is nearly always new, until it starts over
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/hash.h"
#include "meter/seen.h"

static uint64_t hash_of(uint32_t n)
{
    return hash_bytes(&n, sizeof(n), HASH_FIXED_SEED);
}

static void what_was_shown_is_known(void **state)
{
    (void)state;
    struct seen seen = {0};
    for (uint32_t n = 0; n < 200; n++) {
        seen_add(&seen, hash_of(n));
        for (uint32_t known = 0; known <= n; known += 17)
            assert_false(seen_add(&seen, hash_of(known)));
    }
}

static void at_least_nine_of_ten_new_ones_are_new(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {100, 1000, 5000, 50000};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        struct seen seen = {0};
        uint32_t counted = 0;
        for (uint32_t n = 0; n < sizes[i]; n++)
            counted += seen_add(&seen, hash_of(n));
        assert_true(counted >= sizes[i] * 9 / 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_shown_is_known),
        cmocka_unit_test(at_least_nine_of_ten_new_ones_are_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
