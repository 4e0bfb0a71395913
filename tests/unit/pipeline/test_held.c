/* test_held.c - what waits for a tunnel's direction is given out once, whatever comes
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "decode/message.h"
#include "pipeline/held.h"

#include <dnsvigil/name.h>
#include <stdio.h>

#include "message_build.h"

enum { TUNNELS = 3 };

/* What was given out. */
struct given {
    unsigned count;
    uint64_t keys[64];
    uint8_t directions[64];
    int64_t decided_ns;
    char names[64][NAME_TEXT_MAX];
    unsigned records;
    bool answered;
};

static struct message_build build;
static struct given given;

static void give(void *arg, const struct transaction *transaction, const struct addr *entity,
                 const struct tunnel_measure *tunnel)
{
    struct given *to = arg;
    assert_int_equal(entity->bytes[15], 7);
    to->keys[to->count] = tunnel->key;
    to->directions[to->count] = tunnel->direction;
    to->decided_ns = tunnel->decide_ns;
    name_to_text(transaction->question, 0, to->names[to->count]);
    to->answered = transaction->response;
    to->records = transaction->response ? transaction->response->record_count : 0;
    to->count++;
}

static void keep(struct held *held, uint64_t key, unsigned number, enum tunnel_direction leaning,
                 int64_t decide_ns, bool answered)
{
    struct dns_message message;
    struct arena arena;
    char name[64];
    const struct addr entity = {.bytes = {[15] = 7}};
    const struct tunnel_measure tunnel = {
        .key = key, .leaning = (uint8_t)leaning, .decide_ns = decide_ns};
    assert_true(arena_init(&arena, 64 * 1024));
    snprintf(name, sizeof(name), "data%u.host.example", number);
    if (answered) {
        build_response(&build, 1, name, DNS_TYPE_TXT, 0);
        build_record(&build, DNS_SECTION_ANSWER, name, DNS_TYPE_TXT, 0, "\"text\"");
    } else {
        build_query(&build, 1, name, DNS_TYPE_TXT);
    }
    message_decode(&message, build.data, build.len, &arena);
    const struct transaction transaction = {
        .question = &message.question,
        .query = answered ? NULL : &message,
        .response = answered ? &message : NULL,
    };
    held_keep(held, &transaction, &entity, &tunnel, give, &given);
    arena_done(&arena);
    memset(build.data, 0xee, sizeof(build.data)); /* batch memory is gone */
}

static struct held held_of(void)
{
    struct held held;
    assert_true(held_init(&held, TUNNELS));
    memset(&given, 0, sizeof(given));
    return held;
}

static void what_was_kept_is_given_out_when_the_direction_is_decided(void **state)
{
    (void)state;
    struct held held = held_of();
    for (unsigned i = 0; i < 10; i++)
        keep(&held, 5, i, TUNNEL_UP, 100, true);
    const struct tunnel_measure decided = {.key = 5, .direction = TUNNEL_DOWN, .decide_ns = 60};
    held_release(&held, &decided, give, &given);
    assert_int_equal(given.count, HELD_SAMPLES);
    assert_string_equal(given.names[0], "data0.host.example");
    assert_string_equal(given.names[3], "data3.host.example");
    assert_int_equal(given.directions[0], TUNNEL_DOWN);
    assert_int_equal(given.decided_ns, 60); /* not when it would have been at the latest */
    assert_true(given.answered);
    assert_int_equal(given.records, 1);
    held_release(&held, &decided, give, &given);
    held_expire(&held, INT64_MAX, give, &given);
    assert_int_equal(given.count, HELD_SAMPLES);
    held_done(&held);
}

static void what_is_due_is_given_out_with_the_direction_it_leans_to(void **state)
{
    (void)state;
    struct held held = held_of();
    keep(&held, 1, 1, TUNNEL_UP, 100, false);
    keep(&held, 2, 2, TUNNEL_DOWN, 50, false);
    keep(&held, 3, 3, TUNNEL_BOTH, 200, false);
    held_expire(&held, 50, give, &given);
    assert_int_equal(given.count, 0);
    held_expire(&held, 101, give, &given);
    assert_int_equal(given.count, 2);
    assert_int_equal(given.keys[0], 1);
    assert_int_equal(given.directions[0], TUNNEL_UP);
    assert_int_equal(given.directions[1], TUNNEL_DOWN);
    assert_false(given.answered);
    held_expire(&held, INT64_MAX, give, &given);
    assert_int_equal(given.directions[2], TUNNEL_BOTH);
    held_done(&held);
}

static void the_oldest_is_decided_early_when_there_is_no_room(void **state)
{
    (void)state;
    struct held held = held_of();
    for (uint64_t key = 1; key <= 20; key++)
        keep(&held, key, (unsigned)key, TUNNEL_UP, 100, false);
    assert_int_equal(held.early, 20 - TUNNELS);
    assert_int_equal(given.count, 20 - TUNNELS);
    for (unsigned i = 0; i < given.count; i++)
        assert_int_equal(given.keys[i], i + 1);
    held_expire(&held, INT64_MAX, give, &given);
    assert_int_equal(given.count, 20);
    held_done(&held);
}

static void of_a_long_message_the_front_is_enough(void **state)
{
    (void)state;
    struct held held = held_of();
    struct dns_message message;
    struct arena arena;
    const struct addr entity = {.bytes = {[15] = 7}};
    const struct tunnel_measure tunnel = {.key = 1, .leaning = TUNNEL_UP, .decide_ns = 1};
    assert_true(arena_init(&arena, 64 * 1024));
    build_response(&build, 1, "long.host.example", DNS_TYPE_TXT, 0);
    for (unsigned i = 0; i < 100; i++)
        build_record(&build, DNS_SECTION_ANSWER, "long.host.example", DNS_TYPE_TXT, 0,
                     "\"0123456789012345678901234567890123456789\"");
    assert_true(build.len > HELD_BYTES);
    message_decode(&message, build.data, build.len, &arena);
    const struct transaction transaction = {.question = &message.question, .response = &message};
    held_keep(&held, &transaction, &entity, &tunnel, give, &given);
    held_expire(&held, INT64_MAX, give, &given);
    assert_string_equal(given.names[0], "long.host.example");
    assert_true(given.records > 10);
    arena_done(&arena);
    held_done(&held);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_kept_is_given_out_when_the_direction_is_decided),
        cmocka_unit_test(what_is_due_is_given_out_with_the_direction_it_leans_to),
        cmocka_unit_test(the_oldest_is_decided_early_when_there_is_no_room),
        cmocka_unit_test(of_a_long_message_the_front_is_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
