/* test_leaks.c - many clients that carry little each are told when it adds up under one domain
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/clock.h"
#include "meter/leaks.h"
#include "prng.h"
#include "tunnel_ask.h"

#include <stdio.h>

enum { NOTES = 4096 };

static struct leaks leaks;
static struct leak_notes notes;
static struct domains domains;
static struct crowds crowds;
static struct ask ask;
static struct prng prng;
static unsigned told;
static struct tunnel_measure last;
static struct addr last_entity;

static int open_all(void **state)
{
    (void)state;
    const struct leaks_config config = {.bytes = 1000, .clients_min = 4, .hooks = ask_hooks};
    prng.state = 1;
    told = 0;
    return leaks_init(&leaks, &config, NOTES) && leak_notes_init(&notes, NOTES) &&
                   domains_init(&domains, 64) && crowds_init(&crowds, 64)
               ? 0
               : -1;
}

static int close_all(void **state)
{
    (void)state;
    leaks_done(&leaks);
    leak_notes_done(&notes);
    domains_done(&domains);
    crowds_done(&crowds);
    ask_done(&ask);
    return 0;
}

static struct addr client(unsigned n)
{
    return addr_from_v4((uint8_t[]){10, 0, (uint8_t)(n >> 8), (uint8_t)n});
}

static void note(unsigned who, const char *label, const char *domain, int64_t time_s)
{
    char name[128];
    struct place place;
    struct addr addr = client(who);
    snprintf(name, sizeof(name), "%s.%s", label, domain);
    ask_begin(&ask, name, DNS_TYPE_A, 0);
    ask_finish(&ask, time_s * NS_PER_S);
    assert_true(place_find(&ask.transaction, ask.enrichment.registrable, SUFFIX_ICANN, &place));
    leaks_note(&notes, &ask.transaction, &addr, &place);
}

static const char *random_label(void)
{
    static char label[41];
    for (size_t i = 0; i < 40; i++)
        label[i] = "abcdefghijklmnopqrstuvwxyz234567"[prng_below(&prng, 32)];
    return label;
}

static void tell(void *arg, const struct transaction *transaction, const struct addr *entity,
                 const struct tunnel_measure *measure)
{
    (void)arg;
    assert_non_null(transaction->question);
    told++;
    last = *measure;
    last_entity = *entity;
}

static void edge(int64_t time_s)
{
    struct leak_notes *const all = &notes;
    leaks_merge(&leaks, &all, 1, time_s * NS_PER_S, &domains, &crowds, tell, NULL);
    assert_int_equal(notes.count, 0);
}

static void many_clients_that_say_little_each_are_one_leak(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 60; i++)
        note(i, random_label(), "drop.com", i);
    edge(60);
    assert_int_equal(told, 1);
    assert_int_equal(last.level, KNOB_MEDIUM);
    assert_int_equal(last.direction, TUNNEL_UP);
    assert_int_equal(last.names, 60);
    assert_true(last.clients > 30 && last.up >= 1000);
    struct addr entity = last_entity;
    note(7, random_label(), "drop.com", 61); /* it goes on, and is told of the same machine */
    edge(65);
    assert_int_equal(told, 2);
    assert_true(addr_equal(&entity, &last_entity));
}

static void what_every_client_says_alike_is_said_once(void **state)
{
    (void)state;
    char label[41];
    strcpy(label, random_label());
    for (unsigned i = 0; i < 1000; i++)
        note(i, label, "site.com", i);
    edge(1000);
    assert_int_equal(told, 0);
}

static void a_few_clients_are_pairs_and_no_leak(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 200; i++)
        note(i % 3, random_label(), "drop.com", i);
    edge(200);
    assert_int_equal(told, 0);
}

static void many_domains_are_not_added_up(void **state)
{
    (void)state;
    char domain[32];
    for (unsigned i = 0; i < 3000; i++) {
        snprintf(domain, sizeof(domain), "site%u.com", i);
        note(i, random_label(), domain, i);
    }
    edge(3000);
    assert_int_equal(leaks.count, LEAKS_MAX);
    assert_int_equal(told, 0);
}

static void a_flood_of_other_domains_does_not_hide_a_leak(void **state)
{
    (void)state;
    char domain[32];
    for (unsigned i = 0; i < 100; i++) {
        note(i, random_label(), "drop.com", i);
        for (unsigned k = 0; k < 20; k++) {
            snprintf(domain, sizeof(domain), "site%u.com", 20 * i + k);
            note(i, "word", domain, i);
        }
        edge(i);
    }
    assert_true(told > 0);
}

static void what_is_spread_over_weeks_fades(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 60; i++) {
        note(i, random_label(), "slow.com", i * 21600);
        edge(i * 21600);
    }
    assert_int_equal(told, 0);
}

static void a_domain_in_use_for_a_week_is_a_service(void **state)
{
    (void)state;
    struct domain_counts counts, *const all = &counts;
    struct gathered order[64];
    note(0, random_label(), "use.com", 0);
    assert_true(domain_counts_init(&counts, 8));
    for (unsigned i = 0; i < CROWD_CLIENTS; i++) {
        struct addr addr = client(i);
        domains_count(&counts, &domains, ask.message.question.hash[1], tally_client(&addr), 0);
    }
    domains_merge(&domains, &all, 1, order);
    for (unsigned i = 0; i < 60; i++)
        note(i, random_label(), "use.com", CROWD_DAYS * 86400 + i);
    edge(CROWD_DAYS * 86400 + 60);
    assert_int_equal(told, 0);
    assert_int_equal(leaks.services, 1);
    domain_counts_done(&counts);
}

static void notes_without_room_are_counted(void **state)
{
    (void)state;
    for (unsigned i = 0; i < NOTES + 5; i++)
        note(1, "word", "site.com", 0);
    assert_int_equal(notes.lost, 5);
}

#define LEAK_TEST(test) cmocka_unit_test_setup_teardown(test, open_all, close_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LEAK_TEST(many_clients_that_say_little_each_are_one_leak),
        LEAK_TEST(what_every_client_says_alike_is_said_once),
        LEAK_TEST(a_few_clients_are_pairs_and_no_leak),
        LEAK_TEST(many_domains_are_not_added_up),
        LEAK_TEST(a_flood_of_other_domains_does_not_hide_a_leak),
        LEAK_TEST(what_is_spread_over_weeks_fades),
        LEAK_TEST(a_domain_in_use_for_a_week_is_a_service),
        LEAK_TEST(notes_without_room_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
