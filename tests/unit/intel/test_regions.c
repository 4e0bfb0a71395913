/* test_regions.c - no listed block is missed, and most of the address space is turned away
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "intel/regions.h"

#include <string.h>

static struct regions regions;

static struct prefix block_of(const char *text)
{
    struct prefix block;
    assert_true(prefix_parse(text, strlen(text), &block));
    return block;
}

static bool covers(const char *text)
{
    struct addr addr;
    assert_true(addr_parse(text, strlen(text), &addr));
    return regions_may_cover(&regions, &addr);
}

static void an_address_in_a_block_is_never_turned_away(void **state)
{
    (void)state;
    static const struct {
        const char *block;
        const char *inside[3];
    } cases[] = {
        {"192.0.2.7", {"192.0.2.7"}},
        {"192.0.2.0/24", {"192.0.2.0", "192.0.2.255"}},
        {"198.16.0.0/12", {"198.16.0.0", "198.24.3.4", "198.31.255.255"}},
        {"8.0.0.0/8", {"8.0.0.1", "8.255.0.1"}},
        {"0.0.0.0/0", {"0.0.0.0", "127.0.0.1", "255.255.255.255"}},
        {"2001:db8::1", {"2001:db8::1"}},
        {"2001:db8::/32", {"2001:db8::", "2001:db8:ffff::1"}},
        {"2000::/3", {"2001:db8::1", "2a00::1", "3fff::1"}},
        {"::/0", {"::1", "fe80::1"}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct prefix block = block_of(cases[i].block);
        memset(&regions, 0, sizeof(regions));
        regions_add(&regions, &block);
        for (size_t j = 0; j < 3 && cases[i].inside[j]; j++)
            if (!covers(cases[i].inside[j]))
                fail_msg("%s is in %s", cases[i].inside[j], cases[i].block);
    }
}

static void other_regions_and_the_other_family_are_turned_away(void **state)
{
    (void)state;
    struct prefix v4 = block_of("192.0.2.0/24"), v6 = block_of("2001:db8::/48");
    memset(&regions, 0, sizeof(regions));
    assert_false(covers("192.0.2.1"));
    regions_add(&regions, &v4);
    assert_false(covers("192.1.2.1"));
    assert_false(covers("191.255.2.1"));
    assert_false(covers("2001:db8::1"));
    regions_add(&regions, &v6);
    assert_true(covers("2001:db8::1"));
    assert_false(covers("2001:db9::1"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_in_a_block_is_never_turned_away),
        cmocka_unit_test(other_regions_and_the_other_family_are_turned_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
