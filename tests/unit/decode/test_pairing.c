/* test_pairing.c - queries meet their responses, and every message is accounted for
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "message_build.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "decode/message.h"
#include "decode/pairing.h"

#include <dnsvigil/name.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMEOUT_S = 5, SEEN_MAX = 64 };

/* What of a transaction outlives its delivery. */
struct seen {
    struct transaction transaction; /* its pointers are only good as "was there" */
    char question[NAME_TEXT_MAX];
    unsigned query_records;
    uint16_t query_id;
};

struct bench {
    struct pairing *pairing;
    struct metrics metrics;
    struct arena records;
    struct message_build build;
    struct dns_message message;
    unsigned count; /* delivered; the first SEEN_MAX are in seen[] */
    struct seen seen[SEEN_MAX];
};

static void see(void *arg, const struct transaction *transaction)
{
    struct bench *bench = arg;
    assert_true(transaction->query || transaction->response);
    struct seen *seen = &bench->seen[bench->count++ % SEEN_MAX];
    *seen = (struct seen){.transaction = *transaction};
    if (transaction->question) {
        const struct dns_message *half =
            transaction->response && transaction->response->has_question ? transaction->response
                                                                         : transaction->query;
        assert_ptr_equal(transaction->question, &half->question);
        name_to_text(transaction->question, 0, seen->question);
    }
    if (transaction->query) {
        seen->query_records = transaction->query->record_count;
        seen->query_id = transaction->query->id;
    }
}

static struct bench *bench_new(void)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    const struct pairing_config config = {.timeout_ns = TIMEOUT_S * NS_PER_S};
    bench->pairing = pairing_new(&config, &bench->metrics, see, bench);
    assert_non_null(bench->pairing);
    assert_true(arena_init(&bench->records, MESSAGE_ARENA_BYTES));
    return bench;
}

/* Ends the input; every message must be accounted for. */
static void bench_finish(struct bench *bench)
{
    const uint64_t *value = bench->metrics.value;
    pairing_finish(bench->pairing);
    assert_int_equal(value[METRIC_QUERIES], value[METRIC_TRANSACTIONS_PAIRED] +
                                                value[METRIC_TRANSACTIONS_QUERY_ONLY] +
                                                value[METRIC_QUERIES_REPEATED]);
    assert_int_equal(value[METRIC_RESPONSES], value[METRIC_TRANSACTIONS_PAIRED] +
                                                  value[METRIC_TRANSACTIONS_RESPONSE_ONLY] +
                                                  value[METRIC_RESPONSES_DUPLICATE]);
    assert_int_equal(value[METRIC_TRANSACTIONS], bench->count);
}

static void bench_free(struct bench *bench)
{
    pairing_free(bench->pairing);
    arena_done(&bench->records);
    free(bench);
}

static struct addr addr(const char *text)
{
    struct addr addr;
    assert_true(addr_parse(text, strlen(text), &addr));
    return addr;
}

/* Sends what is in bench->build, from the client's port or back to it. */
static void send_from_port(struct bench *bench, double at_s, bool to_server, uint16_t port)
{
    struct packet packet = {
        .time_ns = (int64_t)(at_s * (double)NS_PER_S),
        .src = addr(to_server ? "192.0.2.1" : "198.51.100.53"),
        .dst = addr(to_server ? "198.51.100.53" : "192.0.2.1"),
        .src_port = to_server ? port : 53,
        .dst_port = to_server ? 53 : port,
        .len = (uint32_t)bench->build.len,
        .data = bench->build.data,
    };
    arena_reset(&bench->records);
    message_decode(&bench->message, packet.data, packet.len, &bench->records);
    uint64_t key = pairing_prefetch(bench->pairing, &packet, to_server, bench->message.id);
    if (!to_server)
        pairing_prefetch_query(bench->pairing, key);
    pairing_message(bench->pairing, &packet, &bench->message, to_server, key);
}

static void ask(struct bench *bench, double at_s, uint16_t id, const char *name)
{
    build_query(&bench->build, id, name, DNS_TYPE_A);
    send_from_port(bench, at_s, true, 4000);
}

static void answer(struct bench *bench, double at_s, uint16_t id, const char *name,
                   const char *address)
{
    build_response(&bench->build, id, name, DNS_TYPE_A, 0);
    build_record(&bench->build, DNS_SECTION_ANSWER, name, DNS_TYPE_A, 60, address);
    send_from_port(bench, at_s, false, 4000);
}

static void a_query_and_its_response_are_one_transaction(void **state)
{
    (void)state;
    struct bench *bench = bench_new();
    build_query(&bench->build, 7, "WWW.Example.com", DNS_TYPE_A);
    build_edns(&bench->build, 1232, true);
    send_from_port(bench, 1, true, 4000);
    assert_int_equal(bench->count, 0);
    build_response(&bench->build, 7, "www.EXAMPLE.com", DNS_TYPE_A, 3); /* case plays no part */
    send_from_port(bench, 1.25, false, 4000);
    bench_finish(bench);
    assert_int_equal(bench->count, 1);
    const struct seen *seen = &bench->seen[0];
    struct addr client = addr("192.0.2.1"), server = addr("198.51.100.53");
    assert_string_equal(seen->question, "www.example.com");
    assert_non_null(seen->transaction.query);
    assert_non_null(seen->transaction.response);
    assert_int_equal(seen->transaction.time_ns, NS_PER_S);
    assert_int_equal(seen->transaction.response_time_ns, 1250 * NS_PER_MS);
    assert_int_equal(seen->transaction.rcode, 3);
    assert_int_equal(seen->transaction.qtype, DNS_TYPE_A);
    assert_int_equal(seen->transaction.client_port, 4000);
    assert_int_equal(seen->transaction.server_port, 53);
    assert_true(addr_equal(&seen->transaction.client, &client));
    assert_true(addr_equal(&seen->transaction.server, &server));
    assert_int_equal(seen->query_records, 1); /* the query's own OPT record */
    assert_int_equal(seen->query_id, 7);
    bench_free(bench);
}

static void an_unanswered_query_is_given_up_after_the_timeout(void **state)
{
    (void)state;
    struct bench *bench = bench_new();
    ask(bench, 1, 1, "lost.example");
    ask(bench, 1 + TIMEOUT_S, 2, "other.example");
    assert_int_equal(bench->count, 0);
    ask(bench, 1.001 + TIMEOUT_S, 3, "third.example");
    assert_int_equal(bench->count, 1);
    assert_string_equal(bench->seen[0].question, "lost.example");
    assert_null(bench->seen[0].transaction.response);
    assert_int_equal(bench->seen[0].transaction.response_time_ns, 0);
    bench_finish(bench);
    assert_int_equal(bench->count, 3);
    bench_free(bench);
}

static void a_response_without_its_query_stands_alone(void **state)
{
    (void)state;
    struct bench *bench = bench_new();
    answer(bench, 1, 1, "www.example", "192.0.2.9");
    bench_finish(bench);
    assert_int_equal(bench->count, 1);
    assert_null(bench->seen[0].transaction.query);
    assert_false(bench->seen[0].transaction.late);
    assert_string_equal(bench->seen[0].question, "www.example");
    struct addr client = addr("192.0.2.1");
    assert_true(addr_equal(&bench->seen[0].transaction.client, &client));
    bench_free(bench);
}

static void a_response_after_the_timeout_is_late(void **state)
{
    (void)state;
    struct bench *bench = bench_new();
    ask(bench, 1, 1, "slow.example");
    answer(bench, 2 + TIMEOUT_S, 1, "slow.example", "192.0.2.9");
    bench_finish(bench);
    assert_int_equal(bench->count, 2);
    assert_null(bench->seen[0].transaction.response);
    assert_null(bench->seen[1].transaction.query);
    assert_true(bench->seen[1].transaction.late);
    assert_int_equal(bench->metrics.value[METRIC_RESPONSES_LATE], 1);
    bench_free(bench);
}

static void the_same_answer_again_is_counted_and_another_answer_is_delivered(void **state)
{
    (void)state;
    struct bench *bench = bench_new();
    ask(bench, 1, 1, "www.example");
    answer(bench, 1.1, 1, "www.example", "192.0.2.9");
    answer(bench, 1.2, 1, "www.example", "192.0.2.9");
    assert_int_equal(bench->count, 1);
    assert_int_equal(bench->metrics.value[METRIC_RESPONSES_DUPLICATE], 1);
    answer(bench, 1.3, 1, "www.example", "203.0.113.66"); /* somebody raced the resolver */
    assert_int_equal(bench->count, 2);
    assert_null(bench->seen[1].transaction.query);
    assert_false(bench->seen[1].transaction.late);
    bench_finish(bench);
    bench_free(bench);
}

static void a_repeated_query_is_counted_in_its_transaction(void **state)
{
    (void)state;
    struct bench *bench = bench_new();
    for (unsigned i = 0; i < 3; i++)
        ask(bench, 1 + i, 1, "www.example");
    answer(bench, 4, 1, "www.example", "192.0.2.9");
    assert_int_equal(bench->count, 1);
    assert_int_equal(bench->seen[0].transaction.repeats, 2);
    assert_int_equal(bench->seen[0].transaction.time_ns, NS_PER_S);
    ask(bench, 4.5, 1, "www.example"); /* answered already: a new one */
    bench_finish(bench);
    assert_int_equal(bench->count, 2);
    assert_int_equal(bench->seen[1].transaction.repeats, 0);
    bench_free(bench);
}

static void one_port_and_id_may_carry_several_questions(void **state)
{
    (void)state;
    struct bench *bench = bench_new();
    static const char *const names[] = {"a.example", "b.example", "c.example", "d.example"};
    for (unsigned i = 0; i < 4; i++)
        ask(bench, 1, 9, names[i]);
    for (unsigned i = 4; i-- > 0;)
        answer(bench, 2, 9, names[i], "192.0.2.9");
    assert_int_equal(bench->count, 4);
    for (unsigned i = 0; i < 4; i++) {
        assert_string_equal(bench->seen[i].question, names[3 - i]);
        assert_non_null(bench->seen[i].transaction.query);
        assert_non_null(bench->seen[i].transaction.response);
    }
    bench_finish(bench);
    bench_free(bench);
}

static void what_differs_in_any_part_is_no_match(void **state)
{
    (void)state;
    static const struct {
        uint16_t port, id, type;
        const char *name;
    } others[] = {
        {4001, 1, DNS_TYPE_A, "www.example"},
        {4000, 2, DNS_TYPE_A, "www.example"},
        {4000, 1, DNS_TYPE_AAAA, "www.example"},
        {4000, 1, DNS_TYPE_A, "ww.example"},
    };
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        struct bench *bench = bench_new();
        ask(bench, 1, 1, "www.example");
        build_response(&bench->build, others[i].id, others[i].name, others[i].type, 0);
        send_from_port(bench, 1.1, false, others[i].port);
        bench_finish(bench);
        assert_int_equal(bench->metrics.value[METRIC_TRANSACTIONS_PAIRED], 0);
        assert_int_equal(bench->count, 2);
        bench_free(bench);
    }
}

static void a_response_that_stands_alone_says_why(void **state)
{
    (void)state;
    static const struct {
        uint16_t id;
        const char *name;
        unsigned asked; /* times the query was sent */
        bool answered;  /* already */
        enum unasked unasked;
    } cases[] = {
        {1, "www.example", 1, true, UNASKED_SECOND_ANSWER},
        {1, "www.example", 2, true, UNASKED_NOT}, /* sent twice, answered twice */
        {1, "ww.example", 1, false, UNASKED_OTHER_QUESTION},
        {1, "ww.example", 1, true, UNASKED_NO_QUERY},
        {2, "www.example", 1, false, UNASKED_NO_QUERY},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct bench *bench = bench_new();
        for (unsigned k = 0; k < cases[i].asked; k++)
            ask(bench, 1, 1, "www.example");
        if (cases[i].answered)
            answer(bench, 1.1, 1, "www.example", "192.0.2.1");
        answer(bench, 1.2, cases[i].id, cases[i].name, "192.0.2.2");
        const struct transaction *alone = &bench->seen[cases[i].answered ? 1 : 0].transaction;
        assert_null(alone->query);
        assert_int_equal(alone->unasked, cases[i].unasked);
        bench_finish(bench);
        bench_free(bench);
    }
}

/* As where a mirror port shows each frame twice. */
static void a_copy_of_a_late_response_is_counted(void **state)
{
    (void)state;
    struct bench *bench = bench_new();
    ask(bench, 1, 1, "slow.example");
    for (unsigned i = 0; i < 2; i++)
        answer(bench, 2 + TIMEOUT_S, 1, "slow.example", "192.0.2.9");
    assert_int_equal(bench->count, 2);
    assert_int_equal(bench->metrics.value[METRIC_RESPONSES_LATE], 1);
    assert_int_equal(bench->metrics.value[METRIC_RESPONSES_DUPLICATE], 1);
    answer(bench, 3 + TIMEOUT_S, 1, "slow.example", "192.0.2.10");
    assert_int_equal(bench->count, 3);
    assert_true(bench->seen[2].transaction.late);
    bench_finish(bench);
    bench_free(bench);
}

static void a_late_response_was_asked_for(void **state)
{
    (void)state;
    struct bench *bench = bench_new();
    ask(bench, 1, 1, "www.example");
    answer(bench, 1 + TIMEOUT_S + 1, 1, "www.example", "192.0.2.1");
    assert_true(bench->seen[1].transaction.late);
    assert_int_equal(bench->seen[1].transaction.unasked, UNASKED_NOT);
    bench_finish(bench);
    bench_free(bench);
}

static void a_response_may_leave_the_question_out(void **state)
{
    (void)state;
    struct bench *bench = bench_new();
    ask(bench, 1, 1, "www.example");
    build_message(&bench->build, 1, DNS_FLAG_QR | 5);
    send_from_port(bench, 1.1, false, 4000);
    bench_finish(bench);
    assert_int_equal(bench->count, 1);
    assert_string_equal(bench->seen[0].question, "www.example");
    assert_int_equal(bench->seen[0].transaction.rcode, 5);
    bench_free(bench);
}

static void a_query_without_question_repeats_no_query_that_has_one(void **state)
{
    (void)state;
    struct bench *bench = bench_new();
    ask(bench, 1, 1, "www.example");
    build_message(&bench->build, 1, 0);
    send_from_port(bench, 1.1, true, 4000);
    assert_int_equal(bench->metrics.value[METRIC_QUERIES_REPEATED], 0);
    bench_finish(bench);
    assert_int_equal(bench->count, 2);
    bench_free(bench);
}

static void malformed_messages_are_transactions_too(void **state)
{
    (void)state;
    struct bench *bench = bench_new();
    ask(bench, 1, 1, "www.example");
    build_response(&bench->build, 1, "www.example", DNS_TYPE_A, 0);
    build_count(&bench->build, DNS_SECTION_ANSWER, 9); /* a lie */
    send_from_port(bench, 1.1, false, 4000);
    assert_int_equal(bench->count, 1);
    assert_non_null(bench->seen[0].transaction.query);
    for (size_t len = 0; len < 20; len++) { /* cut queries; below 12 bytes not even an id */
        build_query(&bench->build, (uint16_t)(100 + len), "www.example", DNS_TYPE_A);
        bench->build.len = len;
        send_from_port(bench, 2, true, (uint16_t)(5000 + len));
    }
    bench_finish(bench);
    assert_int_equal(bench->count, 21);
    bench_free(bench);
}

static void time_that_jumps_back_or_far_ahead_gives_up_what_waits(void **state)
{
    (void)state;
    static const double jumps_s[] = {-1e6, -100, 100, 1e6, 3e8};
    for (size_t i = 0; i < sizeof(jumps_s) / sizeof(*jumps_s); i++) {
        struct bench *bench = bench_new();
        double start_s = 2e6;
        ask(bench, start_s, 1, "before.example");
        ask(bench, start_s + jumps_s[i], 2, "after.example");
        assert_int_equal(bench->count, 1);
        assert_string_equal(bench->seen[0].question, "before.example");
        answer(bench, start_s + jumps_s[i] + 1, 2, "after.example", "192.0.2.9");
        assert_int_equal(bench->count, 2);
        assert_int_equal(bench->metrics.value[METRIC_TRANSACTIONS_PAIRED], 1);
        bench_finish(bench);
        bench_free(bench);
    }
}

static void a_little_disorder_in_time_does_no_harm(void **state)
{
    (void)state;
    struct bench *bench = bench_new();
    ask(bench, 10, 1, "a.example");
    ask(bench, 9, 2, "b.example");
    answer(bench, 9.5, 2, "b.example", "192.0.2.9");
    answer(bench, 9.9, 1, "a.example", "192.0.2.9"); /* before its query, says the clock */
    bench_finish(bench);
    assert_int_equal(bench->metrics.value[METRIC_TRANSACTIONS_PAIRED], 2);
    bench_free(bench);
}

static void an_answer_is_compared_with_that_of_the_latest_query(void **state)
{
    (void)state;
    struct bench *bench = bench_new();
    ask(bench, 10, 1, "www.example");
    answer(bench, 10, 1, "www.example", "192.0.2.8");
    ask(bench, 9.5, 1, "www.example"); /* later, whatever the clock says */
    answer(bench, 9.5, 1, "www.example", "192.0.2.9");
    answer(bench, 9.6, 1, "www.example", "192.0.2.9");
    bench_finish(bench);
    assert_int_equal(bench->metrics.value[METRIC_RESPONSES_DUPLICATE], 1);
    assert_int_equal(bench->count, 2);
    bench_free(bench);
}

/* Many times what the log holds, in messages of all sizes: it wraps, evicts, and loses nothing. */
static void a_full_log_gives_up_its_oldest_queries_and_loses_none(void **state)
{
    (void)state;
    struct bench *bench = bench_new();
    uint64_t random = 88172645463325252ull;
    for (unsigned i = 0; i < 30000; i++) {
        char name[64];
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        snprintf(name, sizeof(name), "q%u.example", i);
        uint16_t port = (uint16_t)(1024 + i % 60000), id = (uint16_t)(random >> 48);
        build_query(&bench->build, id, name, DNS_TYPE_TXT);
        if (i % 16 == 0) {
            static const uint8_t filler[40000];
            build_edns_begin(&bench->build, 1232, 0);
            build_option(&bench->build, 12, filler, random % sizeof(filler));
            build_record_end(&bench->build);
        }
        send_from_port(bench, 1 + i * 1e-4, true, port);
        if (i % 3 == 0) {
            build_response(&bench->build, id, name, DNS_TYPE_TXT, 0);
            send_from_port(bench, 1 + i * 1e-4, false, port);
        }
    }
    bench_finish(bench);
    assert_true(bench->metrics.value[METRIC_QUERIES_EVICTED] > 1000);
    assert_int_equal(bench->metrics.value[METRIC_TRANSACTIONS_PAIRED], 10000);
    assert_int_equal(bench->metrics.value[METRIC_TRANSACTIONS_QUERY_ONLY], 20000);
    bench_free(bench);
}

/* More questions under one port and id than the index has ways. */
static void a_crowded_index_loses_no_query_either(void **state)
{
    (void)state;
    struct bench *bench = bench_new();
    for (unsigned i = 0; i < 100; i++) {
        char name[64];
        snprintf(name, sizeof(name), "q%u.example", i);
        ask(bench, 1, 9, name);
    }
    answer(bench, 2, 9, "q99.example", "192.0.2.9");
    answer(bench, 2, 9, "q0.example", "192.0.2.9"); /* no longer known */
    bench_finish(bench);
    assert_int_equal(bench->metrics.value[METRIC_TRANSACTIONS_PAIRED], 1);
    assert_int_equal(bench->metrics.value[METRIC_TRANSACTIONS_QUERY_ONLY], 99);
    assert_int_equal(bench->metrics.value[METRIC_TRANSACTIONS_RESPONSE_ONLY], 1);
    bench_free(bench);
}

/* Ids, names and times at random: whatever happens, the counts add up. */
static void random_traffic_adds_up(void **state)
{
    (void)state;
    uint64_t random = 1234567;
    for (unsigned round = 0; round < 20; round++) {
        struct bench *bench = bench_new();
        double now_s = 1e6;
        for (unsigned i = 0; i < 2000; i++) {
            char name[64];
            random = random * 6364136223846793005ull + 1442695040888963407ull;
            unsigned dice = (unsigned)(random >> 33);
            now_s += dice % 97 == 0 ? ((double)(dice % 1000) - 500) : 0.05;
            snprintf(name, sizeof(name), "n%u.example", dice % 5);
            if (dice >> 8 & 1)
                ask(bench, now_s, (uint16_t)(dice >> 9 & 3), name);
            else
                answer(bench, now_s, (uint16_t)(dice >> 9 & 3), name,
                       dice >> 12 & 1 ? "192.0.2.1" : "192.0.2.2");
        }
        bench_finish(bench);
        assert_true(bench->metrics.value[METRIC_TRANSACTIONS_PAIRED] > 0);
        bench_free(bench);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_query_and_its_response_are_one_transaction),
        cmocka_unit_test(an_unanswered_query_is_given_up_after_the_timeout),
        cmocka_unit_test(a_response_without_its_query_stands_alone),
        cmocka_unit_test(a_response_after_the_timeout_is_late),
        cmocka_unit_test(the_same_answer_again_is_counted_and_another_answer_is_delivered),
        cmocka_unit_test(a_repeated_query_is_counted_in_its_transaction),
        cmocka_unit_test(one_port_and_id_may_carry_several_questions),
        cmocka_unit_test(what_differs_in_any_part_is_no_match),
        cmocka_unit_test(a_response_that_stands_alone_says_why),
        cmocka_unit_test(a_late_response_was_asked_for),
        cmocka_unit_test(a_copy_of_a_late_response_is_counted),
        cmocka_unit_test(a_response_may_leave_the_question_out),
        cmocka_unit_test(a_query_without_question_repeats_no_query_that_has_one),
        cmocka_unit_test(malformed_messages_are_transactions_too),
        cmocka_unit_test(time_that_jumps_back_or_far_ahead_gives_up_what_waits),
        cmocka_unit_test(a_little_disorder_in_time_does_no_harm),
        cmocka_unit_test(an_answer_is_compared_with_that_of_the_latest_query),
        cmocka_unit_test(a_full_log_gives_up_its_oldest_queries_and_loses_none),
        cmocka_unit_test(a_crowded_index_loses_no_query_either),
        cmocka_unit_test(random_traffic_adds_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
