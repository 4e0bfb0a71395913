/* test_canary.c - a canary goes to every shard, is known by its client alone, and comes back once
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "knowledge.h"

#include "base/hash.h"
#include "pipeline/canary.h"
#include "pipeline/shard.h"

#include <string.h>

enum { SHARDS = 7, PORT = 53 };

static struct alert alert_of(const struct addr *client)
{
    struct alert alert = {0};
    addr_format(client, alert.entity_ip);
    return alert;
}

static void every_shard_gets_a_client_of_its_own(void **state)
{
    (void)state;
    struct canary canary;
    struct canary_flight flight;
    canary_init(&canary, SHARDS);
    assert_true(canary_start(&canary, 1));
    for (unsigned i = 0; i < SHARDS; i++) {
        canary_fly(&canary, i, PORT, 5, &flight);
        const struct packet *query = &flight.packets[0], *response = &flight.packets[1];
        assert_int_equal(shard_of(&query->src, SHARDS), i);
        assert_true(canary_is_client(&query->src));
        assert_true(addr_equal(&query->src, &response->dst));
        assert_int_equal(query->dst_port, PORT);
        assert_int_equal(response->data[2] & 0x80, 0x80);
        assert_memory_equal(query->data, response->data, 2); /* the id */
    }
    canary_done(&canary);
}

static void a_round_is_over_when_all_have_come_and_not_before(void **state)
{
    (void)state;
    struct canary canary;
    struct canary_flight flights[2];
    int64_t sent_ns, came_ns, travelled_ns;
    canary_init(&canary, 2);
    assert_true(canary_start(&canary, 100));
    for (unsigned i = 0; i < 2; i++)
        canary_fly(&canary, i, PORT, 5, &flights[i]);
    assert_false(canary_start(&canary, 200)); /* the last round is under way */
    const struct alert first = alert_of(&flights[0].packets[0].src);
    const struct alert second = alert_of(&flights[1].packets[0].src);
    canary_came(&canary, &first, 300);
    canary_came(&canary, &first, 301); /* twice is once */
    canary_look(&canary, &sent_ns, &came_ns, &travelled_ns);
    assert_int_equal(sent_ns, 100);
    assert_int_equal(came_ns, 0);
    assert_true(canary_is_awaited(&canary, &second));
    canary_came(&canary, &second, 350);
    canary_look(&canary, &sent_ns, &came_ns, &travelled_ns);
    assert_int_equal(sent_ns, 0);
    assert_int_equal(came_ns, 350);
    assert_int_equal(travelled_ns, 250);
    assert_true(canary_start(&canary, 400));
    canary_done(&canary);
}

static void others_are_no_canaries(void **state)
{
    (void)state;
    static const struct {
        const char *client;
        bool is;
    } cases[] = {{"100::1", true}, {"100:0:0:1::1", false}, {"192.0.2.1", false}, {"::1", false}};
    struct canary canary;
    canary_init(&canary, 1);
    canary_start(&canary, 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct addr client;
        assert_true(addr_parse(cases[i].client, strlen(cases[i].client), &client));
        const struct alert alert = alert_of(&client);
        assert_int_equal(canary_is(&alert), cases[i].is);
        assert_false(canary_is_awaited(&canary, &alert)); /* nobody else can send one */
    }
    canary_done(&canary);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_shard_gets_a_client_of_its_own),
        cmocka_unit_test(a_round_is_over_when_all_have_come_and_not_before),
        cmocka_unit_test(others_are_no_canaries),
    };
    hash_seed_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
