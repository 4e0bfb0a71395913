/* test_domains.c - how many clients asked for a domain, since when, in fixed memory
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/clock.h"
#include "base/hash.h"
#include "meter/domains.h"

enum { DOMAIN = 42 };

static struct addr client(uint32_t n)
{
    uint8_t bytes[4] = {10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
    return addr_from_v4(bytes);
}

static void count(struct domains *domains, uint32_t n, int64_t time_ns)
{
    struct addr addr = client(n);
    domains_count(domains, DOMAIN, &addr, time_ns);
}

static struct domains domains_of(size_t records)
{
    struct domains domains;
    assert_true(domains_init(&domains, records));
    return domains;
}

static struct prevalence look(const struct domains *domains)
{
    struct prevalence prevalence;
    assert_true(domains_look(domains, DOMAIN, &prevalence));
    return prevalence;
}

static void up_to_eight_clients_are_counted_exactly(void **state)
{
    (void)state;
    struct domains domains = domains_of(64);
    for (uint32_t n = 0; n < 8; n++) {
        for (unsigned again = 0; again < 3; again++)
            for (uint32_t i = 0; i <= n; i++)
                count(&domains, i, NS_PER_S);
        assert_int_equal(look(&domains).clients, n + 1);
    }
    count(&domains, 8, NS_PER_S);
    assert_true(look(&domains).clients > 8);
    domains_done(&domains);
}

static void more_clients_are_estimated_within_the_error_of_the_sketch(void **state)
{
    (void)state;
    static const double error = 3 * 0.18; /* three times the standard error of 32 registers */
    struct domains domains = domains_of(64);
    for (uint32_t n = 1; n <= 10000; n++) {
        count(&domains, n, NS_PER_S);
        double share = (double)look(&domains).clients / n;
        if (share < 1 - error || share > 1 + error)
            fail_msg("%u clients were taken for %.0f", n, share * n);
    }
    domains_done(&domains);
}

static void the_order_of_clients_and_the_seed_make_no_difference(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {5, 8, 9, 200, 5000};
    uint64_t seed = hash_seed;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        struct domains up = domains_of(64), down = domains_of(64);
        for (uint32_t n = 0; n < sizes[i]; n++)
            count(&up, n, NS_PER_S);
        hash_seed ^= 0x123456789abcdefull;
        for (uint32_t n = sizes[i]; n-- > 0;) {
            count(&down, n, NS_PER_S);
            count(&down, sizes[i] - 1, NS_PER_S);
        }
        assert_int_equal(look(&up).clients, look(&down).clients);
        domains_done(&up);
        domains_done(&down);
    }
    hash_seed = seed;
}

static void first_and_last_use_are_those_of_event_time(void **state)
{
    (void)state;
    struct domains domains = domains_of(64);
    count(&domains, 1, 50 * NS_PER_S);
    count(&domains, 1, 20 * NS_PER_S); /* out of order */
    count(&domains, 2, 70 * NS_PER_S);
    count(&domains, 2, 60 * NS_PER_S);
    struct prevalence prevalence = look(&domains);
    assert_int_equal(prevalence.first_ns, 20 * NS_PER_S);
    assert_int_equal(prevalence.last_ns, 70 * NS_PER_S);
    assert_int_equal(prevalence.queries, 4);
    assert_int_equal(prevalence.clients, 2);
    domains_done(&domains);
}

static void an_unknown_domain_has_no_prevalence(void **state)
{
    (void)state;
    struct domains domains = domains_of(64);
    struct prevalence prevalence;
    assert_false(domains_look(&domains, DOMAIN, &prevalence));
    domains_done(&domains);
}

static void what_the_name_says_is_kept_until_the_record_goes(void **state)
{
    (void)state;
    struct domains domains = domains_of(64);
    struct addr addr = client(1);
    struct enrichment kept = {.popularity = 17, .lexical = {true, 2.5f, 0.001f}}, got;
    assert_false(domain_traits(domains_count(&domains, DOMAIN, &addr, NS_PER_S), &got));
    domain_traits_keep(domains_count(&domains, DOMAIN, &addr, NS_PER_S), &kept);
    assert_true(domain_traits(domains_count(&domains, DOMAIN, &addr, 2 * NS_PER_S), &got));
    assert_int_equal(got.popularity, 17);
    assert_true(got.lexical.known && got.lexical.score == 2.5f &&
                got.lexical.benign_share == 0.001f);
    assert_false(domain_traits(domains_count(&domains, DOMAIN + 1, &addr, NS_PER_S), &got));
    domains_done(&domains);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(up_to_eight_clients_are_counted_exactly),
        cmocka_unit_test(more_clients_are_estimated_within_the_error_of_the_sketch),
        cmocka_unit_test(the_order_of_clients_and_the_seed_make_no_difference),
        cmocka_unit_test(first_and_last_use_are_those_of_event_time),
        cmocka_unit_test(an_unknown_domain_has_no_prevalence),
        cmocka_unit_test(what_the_name_says_is_kept_until_the_record_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
