/* test_anomalies.c - when anomalies add up: one grave event, or several lighter ones in short time
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "decode/message.h"
#include "message_build.h"

#include "base/clock.h"
#include "base/hash.h"
#include "meter/anomalies.h"

static const struct config config = {
    .anomalies = {.records_max = 64, .window_s = 600, .medium_percent = 25, .low_percent = 5}};

static struct resolvers resolvers; /* none is known */

static struct message_build b;
static struct dns_message query, response;
static struct arena arena;
static struct enrichment enrichment = {.suffix_class = SUFFIX_ICANN};

static int setup(void **state)
{
    (void)state;
    return !arena_init(&arena, 4 * MESSAGE_ARENA_BYTES);
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct anomalies anomalies_new(void)
{
    struct anomalies anomalies;
    assert_true(anomalies_init(&anomalies, &config, &resolvers));
    return anomalies;
}

static struct transaction between(uint8_t client, uint8_t server, int64_t time_s)
{
    const uint8_t from[4] = {10, 0, 0, client}, to[4] = {192, 0, 2, server};
    return (struct transaction){
        .time_ns = time_s * NS_PER_S, .client = addr_from_v4(from), .server = addr_from_v4(to)};
}

/* One query of this type; whether it is worth an alert. */
static bool ask(struct anomalies *anomalies, uint16_t type, uint8_t client, uint8_t server,
                int64_t time_s)
{
    struct transaction transaction = between(client, server, time_s);
    arena_reset(&arena);
    build_query(&b, 1, "www.example.com", type);
    message_decode(&query, b.data, b.len, &arena);
    transaction.query = &query;
    transaction.question = &query.question;
    const struct anomaly_measure *measure = anomalies_count(anomalies, &transaction, &enrichment);
    assert_true(!measure || measure->message == &query);
    return measure && measure->sum >= measure->threshold;
}

static bool respond(struct anomalies *anomalies, enum unasked unasked, bool paired, uint16_t flags,
                    enum transport transport)
{
    struct transaction transaction = between(1, 1, 0);
    arena_reset(&arena);
    build_query(&b, 1, "www.example.com", DNS_TYPE_A);
    message_decode(&query, b.data, b.len, &arena);
    static struct message_build answer;
    build_response(&answer, 1, "www.example.com", DNS_TYPE_A, 0);
    answer.data[2] |= (uint8_t)(flags >> 8);
    message_decode(&response, answer.data, answer.len, &arena);
    transaction.transport = (uint8_t)transport;
    transaction.unasked = (uint8_t)unasked;
    transaction.query = paired ? &query : NULL;
    transaction.response = &response;
    transaction.question = &response.question;
    const struct anomaly_measure *measure = anomalies_count(anomalies, &transaction, &enrichment);
    return measure && measure->sum >= measure->threshold;
}

static void ordinary_traffic_has_no_measure(void **state)
{
    (void)state;
    struct anomalies anomalies = anomalies_new();
    assert_false(ask(&anomalies, DNS_TYPE_A, 1, 1, 0));
    assert_false(respond(&anomalies, UNASKED_NOT, true, 0, TRANSPORT_UDP));
    anomalies_done(&anomalies);
}

static void the_fourth_of_medium_weight_and_the_twentieth_of_low_is_enough(void **state)
{
    (void)state;
    struct anomalies anomalies = anomalies_new();
    for (int i = 1; i <= 30; i++)
        assert_int_equal(ask(&anomalies, DNS_TYPE_NULL, 1, 1, i), i >= 4);
    for (int i = 1; i <= 30; i++)
        assert_int_equal(ask(&anomalies, DNS_TYPE_ANY, 1, 1, i), i >= 20);
    anomalies_done(&anomalies);
}

/* Five bytes, and as many packets more that begin alike; whether they are worth an alert. */
static bool say(struct anomalies *anomalies, uint16_t repeats)
{
    struct transaction transaction = between(1, 1, 0);
    arena_reset(&arena);
    message_decode(&query, (const uint8_t *)"hello", 5, &arena);
    transaction.query = &query;
    transaction.repeats = repeats;
    const struct anomaly_measure *measure = anomalies_count(anomalies, &transaction, &enrichment);
    assert_true(measure && measure->anomaly == ANOMALY_NOT_DNS_SHORT);
    return measure->sum >= measure->threshold;
}

static void packets_that_are_no_dns_are_never_copies_of_one(void **state)
{
    (void)state;
    for (uint16_t repeats = 0; repeats < 10; repeats++) {
        struct anomalies anomalies = anomalies_new();
        assert_int_equal(say(&anomalies, repeats), repeats >= 3);
        anomalies_done(&anomalies);
    }
    struct anomalies anomalies = anomalies_new();
    assert_true(say(&anomalies, UINT16_MAX));
    anomalies_done(&anomalies);
}

/* One response that came back; whether it is worth an alert. */
static bool bounce(struct anomalies *anomalies, uint8_t client, int64_t time_s)
{
    struct transaction transaction = between(client, 1, time_s);
    arena_reset(&arena);
    build_response(&b, 1, "www.example.com", DNS_TYPE_A, 0);
    message_decode(&response, b.data, b.len, &arena);
    transaction.unasked = UNASKED_BOUNCED;
    transaction.response = &response;
    transaction.question = &response.question;
    const struct anomaly_measure *measure = anomalies_count(anomalies, &transaction, &enrichment);
    assert_non_null(measure);
    assert_true(measure->message == &response && measure->weight == 0.01);
    return measure->sum >= measure->threshold;
}

static void some_responses_in_every_minute_may_come_back(void **state)
{
    (void)state;
    enum { HOURS_S = 6 * 3600 };
    struct anomalies anomalies = anomalies_new();
    for (int time_s = 0; time_s < HOURS_S; time_s += 7)
        assert_false(bounce(&anomalies, 1, time_s));
    for (int i = 1; i <= 150; i++)
        assert_int_equal(bounce(&anomalies, 2, 0), i >= 100);
    for (int i = 1; i <= 300; i++) /* one a second is as many as some hosts ever send back */
        assert_int_equal(bounce(&anomalies, 3, i), i >= 110);
    anomalies_done(&anomalies);
}

static void clients_servers_and_kinds_are_counted_apart(void **state)
{
    (void)state;
    struct anomalies anomalies = anomalies_new();
    for (uint8_t i = 1; i <= 3; i++) {
        assert_false(ask(&anomalies, DNS_TYPE_NULL, 1, 1, 0));
        assert_false(ask(&anomalies, DNS_TYPE_NULL, 2, 1, 0));
        assert_false(ask(&anomalies, DNS_TYPE_NULL, 1, 2, 0));
        assert_false(ask(&anomalies, 38, 1, 1, 0));
    }
    assert_true(ask(&anomalies, DNS_TYPE_NULL, 1, 2, 0));
    anomalies_done(&anomalies);
}

static void a_sum_leaks_away_within_the_window(void **state)
{
    (void)state;
    struct anomalies anomalies = anomalies_new();
    for (int i = 0; i < 3; i++)
        assert_false(ask(&anomalies, DNS_TYPE_NULL, 1, 1, 0));
    assert_false(ask(&anomalies, DNS_TYPE_NULL, 1, 1, 600));
    for (int64_t day = 1; day < 10; day++)
        assert_false(ask(&anomalies, DNS_TYPE_NULL, 1, 1, day * 86400));
    anomalies_done(&anomalies);
}

static void a_long_flood_is_forgotten_as_fast_as_a_short_one(void **state)
{
    (void)state;
    struct anomalies anomalies = anomalies_new();
    for (int i = 0; i < 10000; i++)
        ask(&anomalies, DNS_TYPE_NULL, 1, 1, 0);
    assert_true(ask(&anomalies, DNS_TYPE_NULL, 1, 1, 600));
    assert_false(ask(&anomalies, DNS_TYPE_NULL, 1, 1, 2400));
    anomalies_done(&anomalies);
}

static void time_that_jumps_leaks_nothing_back(void **state)
{
    (void)state;
    struct anomalies anomalies = anomalies_new();
    for (int i = 0; i < 3; i++)
        assert_false(ask(&anomalies, DNS_TYPE_NULL, 1, 1, 5000));
    assert_true(ask(&anomalies, DNS_TYPE_NULL, 1, 1, 10));
    assert_false(ask(&anomalies, DNS_TYPE_NULL, 1, 1, INT64_MAX / NS_PER_S));
    anomalies_done(&anomalies);
}

static void the_weights_come_from_the_configuration(void **state)
{
    (void)state;
    struct config strict = config;
    struct anomalies anomalies;
    strict.anomalies.medium_percent = 50;
    assert_true(anomalies_init(&anomalies, &strict, &resolvers));
    assert_false(ask(&anomalies, DNS_TYPE_NULL, 1, 1, 0));
    assert_true(ask(&anomalies, DNS_TYPE_NULL, 1, 1, 0));
    anomalies_done(&anomalies);
}

static void what_nobody_asked_for_counts_where_the_server_answers_others(void **state)
{
    (void)state;
    struct anomalies anomalies = anomalies_new();
    for (int i = 0; i < 100; i++) /* one-sided: no query is ever seen */
        assert_false(respond(&anomalies, UNASKED_NO_QUERY, false, 0, TRANSPORT_UDP));
    respond(&anomalies, UNASKED_NOT, true, 0, TRANSPORT_UDP);
    assert_true(respond(&anomalies, UNASKED_NO_QUERY, false, 0, TRANSPORT_UDP));
    anomalies_done(&anomalies);
}

/* Asks one server, then another; whether the other one's turn is worth an alert. */
static bool alternate(struct anomalies *anomalies, struct addr usual, struct addr other, int64_t s)
{
    const struct addr servers[] = {usual, other};
    bool due = false;
    for (unsigned i = 0; i < 2; i++) {
        struct transaction transaction = between(1, 1, s);
        transaction.server = servers[i];
        transaction.server_port = 53;
        arena_reset(&arena);
        build_query(&b, 1, "www.example.com", DNS_TYPE_A);
        message_decode(&query, b.data, b.len, &arena);
        transaction.query = &query;
        transaction.question = &query.question;
        const struct anomaly_measure *measure =
            anomalies_count(anomalies, &transaction, &enrichment);
        due |= measure && measure->sum >= measure->threshold;
    }
    return due;
}

static struct addr v4(uint8_t a, uint8_t b2, uint8_t c, uint8_t d)
{
    return addr_from_v4((uint8_t[]){a, b2, c, d});
}

static void a_server_of_its_own_counts_beside_the_resolvers_of_the_network(void **state)
{
    (void)state;
    struct prefix own = {v4(10, 0, 0, 53), 128};
    struct config site = config;
    struct resolvers offered;
    const struct {
        struct addr usual, other;
        bool told;
    } cases[] = {
        {v4(10, 0, 0, 53), v4(198, 51, 100, 7), true},
        {v4(10, 0, 0, 53), v4(8, 8, 8, 8), false},         /* everybody's */
        {v4(10, 0, 0, 53), v4(10, 0, 9, 9), false},        /* inside */
        {v4(10, 0, 0, 53), v4(127, 0, 0, 1), false},       /* this machine */
        {v4(198, 51, 100, 7), v4(198, 51, 100, 7), false}, /* it has moved away altogether */
    };
    site.resolvers = (struct config_networks){&own, 1};
    assert_true(resolvers_init(&offered));
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct anomalies anomalies;
        bool told = false;
        assert_true(anomalies_init(&anomalies, &site, &offered));
        for (int n = 0; n < 30; n++)
            told |= alternate(&anomalies, cases[i].usual, cases[i].other, n);
        if (told != cases[i].told)
            fail_msg("case %zu", i);
        anomalies_done(&anomalies);
    }
    resolvers_done(&offered);
}

static void where_no_resolver_is_known_none_is_unexpected(void **state)
{
    (void)state;
    struct anomalies anomalies = anomalies_new();
    for (int n = 0; n < 30; n++)
        assert_false(alternate(&anomalies, v4(10, 0, 0, 53), v4(198, 51, 100, 7), n));
    anomalies_done(&anomalies);
}

static void one_lost_query_in_a_hundred_is_capture_loss(void **state)
{
    (void)state;
    for (int every = 10; every <= 100; every += 90) {
        struct anomalies anomalies = anomalies_new();
        bool due = false;
        for (int i = 1; i <= 10000; i++)
            due |= i % every ? respond(&anomalies, UNASKED_NOT, true, 0, TRANSPORT_UDP)
                             : respond(&anomalies, UNASKED_NO_QUERY, false, 0, TRANSPORT_UDP);
        assert_int_equal(due, every == 10);
        anomalies_done(&anomalies);
    }
}

static void a_retry_over_tcp_excuses_truncation(void **state)
{
    (void)state;
    for (int retry = 0; retry <= 1; retry++) {
        struct anomalies anomalies = anomalies_new();
        bool due = false;
        for (int i = 0; i < 40; i++) {
            due |= respond(&anomalies, UNASKED_NOT, true, DNS_FLAG_TC, TRANSPORT_UDP);
            if (retry)
                assert_false(respond(&anomalies, UNASKED_NOT, true, 0, TRANSPORT_TCP));
        }
        assert_int_equal(due, !retry);
        anomalies_done(&anomalies);
    }
}

static void the_result_does_not_depend_on_the_seed(void **state)
{
    (void)state;
    uint64_t seed = hash_seed;
    int first[3];
    for (int run = 0; run < 3; run++) {
        struct anomalies anomalies = anomalies_new();
        hash_seed = seed ^ (uint64_t)run * 0x123456789abcdefull;
        first[run] = 0;
        while (!ask(&anomalies, DNS_TYPE_NULL, 1, 1, first[run] * 20))
            assert_true(first[run]++ < 100);
        anomalies_done(&anomalies);
    }
    hash_seed = seed;
    assert_int_equal(first[0], first[1]);
    assert_int_equal(first[0], first[2]);
}

static void what_a_log_does_not_tell_is_not_held_against_anybody(void **state)
{
    (void)state;
    struct anomalies anomalies = anomalies_new();
    struct transaction transaction = between(1, 1, 0);
    arena_reset(&arena);
    build_message(&b, 1, DNS_FLAG_RD | DNS_FLAG_Z);
    build_question(&b, "www.example.com", DNS_TYPE_A, 1);
    message_decode(&query, b.data, b.len, &arena);
    transaction.query = &query;
    transaction.question = &query.question;
    assert_non_null(anomalies_count(&anomalies, &transaction, &enrichment));
    transaction.lacks = LACKS_WIRE;
    assert_null(anomalies_count(&anomalies, &transaction, &enrichment));
    anomalies_done(&anomalies);
}

static void what_a_log_tells_of_the_question_counts(void **state)
{
    (void)state;
    struct anomalies anomalies = anomalies_new();
    struct transaction transaction = between(1, 1, 0);
    arena_reset(&arena);
    build_query(&b, 1, "www.example.com", DNS_TYPE_NULL);
    message_decode(&query, b.data, b.len, &arena);
    transaction.query = &query;
    transaction.question = &query.question;
    transaction.lacks = LACKS_WIRE | LACKS_RESPONSE;
    assert_non_null(anomalies_count(&anomalies, &transaction, &enrichment));
    anomalies_done(&anomalies);
}

/* Otherwise one client's trouble costs all others a look-up. */
static void clients_of_one_network_have_bits_of_their_own(void **state)
{
    (void)state;
    struct anomalies anomalies = anomalies_new();
    unsigned bits = 0;
    static struct message_build answer;
    build_response(&answer, 1, "www.example.com", DNS_TYPE_A, 0);
    message_decode(&response, answer.data, answer.len, &arena);
    for (uint8_t client = 1; client <= 200; client++) {
        struct transaction transaction = between(client, 1, 0);
        transaction.unasked = UNASKED_NO_QUERY;
        transaction.response = &response;
        transaction.question = &response.question;
        anomalies_count(&anomalies, &transaction, &enrichment);
    }
    for (unsigned i = 0; i < ANOMALY_FILTER_WORDS; i++)
        bits += (unsigned)__builtin_popcountll(anomalies.unsettled.words[i]);
    assert_true(bits >= 195);
    anomalies_done(&anomalies);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordinary_traffic_has_no_measure),
        cmocka_unit_test(the_fourth_of_medium_weight_and_the_twentieth_of_low_is_enough),
        cmocka_unit_test(packets_that_are_no_dns_are_never_copies_of_one),
        cmocka_unit_test(some_responses_in_every_minute_may_come_back),
        cmocka_unit_test(clients_servers_and_kinds_are_counted_apart),
        cmocka_unit_test(a_sum_leaks_away_within_the_window),
        cmocka_unit_test(a_long_flood_is_forgotten_as_fast_as_a_short_one),
        cmocka_unit_test(time_that_jumps_leaks_nothing_back),
        cmocka_unit_test(the_weights_come_from_the_configuration),
        cmocka_unit_test(what_nobody_asked_for_counts_where_the_server_answers_others),
        cmocka_unit_test(a_server_of_its_own_counts_beside_the_resolvers_of_the_network),
        cmocka_unit_test(where_no_resolver_is_known_none_is_unexpected),
        cmocka_unit_test(one_lost_query_in_a_hundred_is_capture_loss),
        cmocka_unit_test(a_retry_over_tcp_excuses_truncation),
        cmocka_unit_test(the_result_does_not_depend_on_the_seed),
        cmocka_unit_test(what_a_log_does_not_tell_is_not_held_against_anybody),
        cmocka_unit_test(what_a_log_tells_of_the_question_counts),
        cmocka_unit_test(clients_of_one_network_have_bits_of_their_own),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
