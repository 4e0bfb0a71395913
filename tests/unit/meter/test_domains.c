/* test_domains.c - what is known of a domain changes at edges only, and its traits stay
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/clock.h"
#include "meter/domains.h"

enum { DOMAIN = 42, ROOM = 64 };

static struct domains domains;
static struct domain_counts counts;
static struct gathered order[2 * ROOM];

static int open_all(void **state)
{
    (void)state;
    return domains_init(&domains, ROOM) && domain_counts_init(&counts, ROOM) ? 0 : -1;
}

static int close_all(void **state)
{
    (void)state;
    domains_done(&domains);
    domain_counts_done(&counts);
    return 0;
}

static struct domain *count(uint64_t domain, uint8_t client, int64_t time_s)
{
    struct addr addr = addr_from_v4((uint8_t[]){10, 0, 0, client});
    return domains_count(&counts, &domains, domain, tally_client(&addr), time_s * NS_PER_S);
}

static void edge(void)
{
    struct domain_counts *const all = &counts;
    domains_merge(&domains, &all, 1, order);
}

static void what_is_counted_is_known_from_the_next_edge_on(void **state)
{
    (void)state;
    struct prevalence known;
    assert_int_equal(count(DOMAIN, 1, 50)->known.clients, 0);
    assert_int_equal(count(DOMAIN, 2, 51)->known.clients, 0);
    assert_false(domains_look(&domains, DOMAIN, &known));
    edge();
    assert_true(domains_look(&domains, DOMAIN, &known));
    assert_int_equal(known.clients, 2);
    assert_int_equal(known.queries, 2);
    assert_int_equal(known.first_ns, 50 * NS_PER_S);
    assert_int_equal(known.last_ns, 51 * NS_PER_S);
    const struct domain *domain = count(DOMAIN, 3, 55);
    assert_int_equal(domain->known.clients, 2);
    assert_true(domain_age_s(domain, 55 * NS_PER_S) == 5);
    edge();
    assert_true(domains_look(&domains, DOMAIN, &known));
    assert_int_equal(known.clients, 3);
}

static void an_unknown_domain_has_no_prevalence_and_no_age(void **state)
{
    (void)state;
    struct prevalence known;
    assert_false(domains_look(&domains, DOMAIN, &known));
    assert_true(domain_age_s(count(DOMAIN, 1, 1000), 1000 * NS_PER_S) == 0);
}

static void what_the_name_says_outlives_the_epoch(void **state)
{
    (void)state;
    struct enrichment kept = {.popularity = 17, .lexical = {true, 2.5f, 0.001f}}, got;
    assert_false(domain_traits_give(count(DOMAIN, 1, 1), &got));
    domain_traits_keep(count(DOMAIN, 1, 1), &kept);
    for (unsigned epoch = 0; epoch < 3; epoch++) {
        assert_true(domain_traits_give(count(DOMAIN, 1, 2), &got));
        assert_int_equal(got.popularity, 17);
        assert_true(got.lexical.known && got.lexical.score == 2.5f &&
                    got.lexical.benign_share == 0.001f);
        edge();
    }
    assert_false(domain_traits_give(count(DOMAIN + 1, 1, 2), &got));
}

static void what_finds_no_room_is_judged_and_counted_as_lost(void **state)
{
    (void)state;
    for (uint64_t domain = 1; domain <= ROOM; domain++)
        count(domain, 1, 1);
    edge();
    for (uint64_t domain = 101; domain <= 100 + ROOM; domain++)
        count(domain, 1, 2);
    assert_int_equal(counts.lost, 0);
    assert_int_equal(count(1, 2, 3)->known.clients, 1);
    assert_int_equal(count(999, 2, 3)->known.clients, 0);
    assert_int_equal(counts.lost, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_counted_is_known_from_the_next_edge_on, open_all,
                                        close_all),
        cmocka_unit_test_setup_teardown(an_unknown_domain_has_no_prevalence_and_no_age, open_all,
                                        close_all),
        cmocka_unit_test_setup_teardown(what_the_name_says_outlives_the_epoch, open_all, close_all),
        cmocka_unit_test_setup_teardown(what_finds_no_room_is_judged_and_counted_as_lost, open_all,
                                        close_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
