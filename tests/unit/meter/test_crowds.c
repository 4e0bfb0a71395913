/* test_crowds.c - what many clients do with one domain for longer than a week is a service
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/clock.h"
#include "meter/crowds.h"

enum { DOMAIN = 42 };

#define DAY_NS (86400 * NS_PER_S)

static struct gathered order[128];

static void note_in(struct crowd_notes *notes, unsigned client, int day)
{
    struct addr addr = addr_from_v4((uint8_t[]){10, 0, 0, (uint8_t)client});
    crowds_note(notes, DOMAIN, &addr, day * DAY_NS);
}

/* One note in an epoch of its own. */
static void note(struct crowds *crowds, unsigned client, int day)
{
    struct crowd_notes notes, *const all = &notes;
    assert_true(crowd_notes_init(&notes, 8));
    note_in(&notes, client, day);
    crowds_merge(crowds, &all, 1, order);
    assert_int_equal(notes.gather.count, 0);
    crowd_notes_done(&notes);
}

static bool is_service(const struct crowds *crowds, int day)
{
    return crowds_is_service(crowds, DOMAIN, day * DAY_NS);
}

static struct crowds crowds_of(void)
{
    struct crowds crowds;
    assert_true(crowds_init(&crowds, 64));
    return crowds;
}

static void five_clients_in_the_first_week_are_no_service_yet(void **state)
{
    (void)state;
    struct crowds crowds = crowds_of();
    for (unsigned client = 0; client < CROWD_CLIENTS; client++)
        note(&crowds, client, 100);
    assert_false(is_service(&crowds, 100));
    assert_false(is_service(&crowds, 106));
    assert_true(is_service(&crowds, 107));
    crowds_done(&crowds);
}

static void one_client_never_is_a_service(void **state)
{
    (void)state;
    struct crowds crowds = crowds_of();
    for (int day = 0; day < 60; day++)
        note(&crowds, 1, day);
    assert_false(is_service(&crowds, 60));
    crowds_done(&crowds);
}

static void clients_that_stay_away_no_longer_count(void **state)
{
    (void)state;
    struct crowds crowds = crowds_of();
    for (unsigned client = 0; client < CROWD_CLIENTS; client++)
        note(&crowds, client, 0);
    assert_true(is_service(&crowds, CROWD_DAYS));
    assert_false(is_service(&crowds, CROWD_DAYS + 1));
    for (unsigned client = 0; client < 20; client++)
        note(&crowds, client, 30);
    assert_true(is_service(&crowds, 30));
    crowds_done(&crowds);
}

static void notes_of_several_shards_make_the_same_crowd(void **state)
{
    (void)state;
    for (unsigned shards = 1; shards <= 7; shards++) {
        struct crowds crowds = crowds_of(), whole = crowds_of();
        struct crowd_notes notes[7], one, *all[7], *const only = &one;
        assert_true(crowd_notes_init(&one, 8));
        for (unsigned i = 0; i < shards; i++) {
            all[i] = &notes[i];
            assert_true(crowd_notes_init(all[i], 8));
        }
        for (unsigned i = 0; i < 40; i++) {
            note_in(&notes[i % 10 % shards], i % 10, (int)(i * 7 % 23));
            note_in(&one, i % 10, (int)(i * 7 % 23));
        }
        crowds_merge(&crowds, all, shards, order);
        crowds_merge(&whole, &only, 1, order);
        for (int day = 0; day < 40; day++)
            assert_int_equal(is_service(&crowds, day), is_service(&whole, day));
        assert_true(is_service(&whole, 22));
        for (unsigned i = 0; i < shards; i++)
            crowd_notes_done(all[i]);
        crowd_notes_done(&one);
        crowds_done(&crowds);
        crowds_done(&whole);
    }
}

static void an_unknown_domain_is_no_service(void **state)
{
    (void)state;
    struct crowds crowds = crowds_of();
    assert_false(is_service(&crowds, 30));
    crowds_done(&crowds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_clients_in_the_first_week_are_no_service_yet),
        cmocka_unit_test(one_client_never_is_a_service),
        cmocka_unit_test(clients_that_stay_away_no_longer_count),
        cmocka_unit_test(notes_of_several_shards_make_the_same_crowd),
        cmocka_unit_test(an_unknown_domain_is_no_service),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
