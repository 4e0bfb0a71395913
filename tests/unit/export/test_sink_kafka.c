/* test_sink_kafka.c - what a broker does to records, and what is said of them
 * SPDX-License-Identifier: Apache-2.0
 *
 * The broker is the Kafka library's own stand-in, which speaks the protocol on loopback and fails
 * as it is told to. */
#include "cmocka_all.h"

#include "alert_build.h"
#include "export/sinks.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* clang-format off: the second needs the first */
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
/* clang-format on */

enum {
    RECORDS = 8,
    BROKER = 1,
    API_PRODUCE = 0,
    API_PRODUCER_ID = 22,
    TOO_LONG = 1000001,
    READ_MAX = 32,
    READ_MS = 10000,
};

static struct bench {
    rd_kafka_t *host; /* of the stand-in */
    rd_kafka_mock_cluster_t *cluster;
    struct config_export config;
    struct sink *sink;
    struct alert alert;
    char ids[RECORDS][ALERT_ID_MAX];
    char texts[RECORDS][32];
    struct sink_record records[RECORDS];
    struct sink_answer answers[RECORDS];
} bench;

static void records_fill(void)
{
    for (unsigned i = 0; i < RECORDS; i++) {
        alert_build(&bench.alert, i);
        memcpy(bench.ids[i], bench.alert.id, ALERT_ID_MAX);
        snprintf(bench.texts[i], sizeof(bench.texts[i]), "{\"number\":%u}", i);
        bench.records[i] = (struct sink_record){.id = bench.ids[i],
                                                .revision = i + 1,
                                                .alert = &bench.alert,
                                                .bytes = bench.texts[i],
                                                .len = strlen(bench.texts[i])};
    }
}

static void sink_make(unsigned timeout_s)
{
    struct error error;
    bench.config.timeout_s = timeout_s;
    bench.sink = sink_open(&bench.config, &error);
    if (!bench.sink)
        fail_msg("%s", error.text);
}

/* A client of the library that says nothing. */
static rd_kafka_t *client_new(rd_kafka_type_t type, const char *brokers)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "log_level", "0", NULL, 0);
    rd_kafka_conf_set(conf, "bootstrap.servers", brokers, NULL, 0);
    rd_kafka_conf_set(conf, "group.id", "test", NULL, 0);
    rd_kafka_conf_set(conf, "enable.partition.eof", "true", NULL, 0);
    rd_kafka_conf_set(conf, "fetch.wait.max.ms", "20", NULL, 0);
    rd_kafka_t *client = rd_kafka_new(type, conf, NULL, 0);
    assert_non_null(client);
    return client;
}

static int bench_open(void **state)
{
    (void)state;
    memset(&bench, 0, sizeof(bench));
    bench.host = client_new(RD_KAFKA_PRODUCER, "");
    bench.cluster = rd_kafka_mock_cluster_new(bench.host, 1);
    rd_kafka_mock_topic_create(bench.cluster, "alerts", 1, 1);
    rd_kafka_mock_partition_set_leader(bench.cluster, "alerts", 0, BROKER);
    static char none[] = "", name[] = "test", topic[] = "alerts";
    bench.config = (struct config_export){
        .name = name,
        .type = SINK_TYPE_KAFKA,
        .dialect = none,
        .address = (char *)rd_kafka_mock_cluster_bootstraps(bench.cluster),
        .topic = topic,
        .tls_ca = none,
        .tls_certificate = none,
        .tls_key = none,
        .scope = none,
    };
    records_fill();
    return 0;
}

static int bench_close(void **state)
{
    (void)state;
    sink_close(bench.sink);
    rd_kafka_mock_cluster_destroy(bench.cluster);
    rd_kafka_destroy(bench.host);
    return 0;
}

static void send_some(size_t count)
{
    unsigned wait_s = 0;
    memset(bench.answers, 0, sizeof(bench.answers));
    bench.sink->ops->send(bench.sink, bench.records, count, bench.answers, &wait_s);
}

static void expect(size_t index, enum sink_verdict verdict)
{
    const struct sink_answer *answer = &bench.answers[index];
    if (answer->verdict != verdict)
        print_message("record %zu: %s\n", index, answer->reason);
    assert_int_equal(answer->verdict, verdict);
    assert_int_equal(answer->reason[0] == 0, verdict == SINK_TAKEN);
}

static rd_kafka_t *reader_new(void)
{
    rd_kafka_t *reader = client_new(RD_KAFKA_CONSUMER, bench.config.address);
    rd_kafka_topic_partition_list_t *parts = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(parts, "alerts", 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_assign(reader, parts);
    rd_kafka_topic_partition_list_destroy(parts);
    return reader;
}

static void header_check(const rd_kafka_message_t *message, const char *name, const char *expected)
{
    rd_kafka_headers_t *headers;
    const void *value;
    size_t len;
    assert_int_equal(rd_kafka_message_headers(message, &headers), 0);
    assert_int_equal(rd_kafka_header_get_last(headers, name, &value, &len), 0);
    assert_int_equal(len, strlen(expected));
    assert_memory_equal(value, expected, len);
}

static unsigned record_check(const rd_kafka_message_t *message)
{
    unsigned number = 0;
    char revision[16];
    while (number < RECORDS && (message->len != strlen(bench.texts[number]) ||
                                memcmp(message->payload, bench.texts[number], message->len) != 0))
        number++;
    assert_true(number < RECORDS);
    assert_int_equal(message->key_len, strlen(bench.ids[number]));
    assert_memory_equal(message->key, bench.ids[number], message->key_len);
    snprintf(revision, sizeof(revision), "%u", number + 1);
    header_check(message, "id", bench.ids[number]);
    header_check(message, "revision", revision);
    header_check(message, "content-type", "application/json");
    header_check(message, "schema", "native");
    header_check(message, "sensor", bench.alert.sensor);
    return number;
}

/* The numbers of the records that are in the topic, in its order. */
static size_t read_back(unsigned *numbers)
{
    rd_kafka_t *reader = reader_new();
    size_t count = 0;
    bool end = false;
    while (!end) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(reader, READ_MS);
        assert_non_null(message);
        end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
        assert_true(end || message->err == 0);
        if (!end) {
            assert_true(count < READ_MAX);
            numbers[count++] = record_check(message);
        }
        rd_kafka_message_destroy(message);
    }
    rd_kafka_destroy_flags(reader, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    return count;
}

static void expect_in_topic(const unsigned *expected, size_t count)
{
    unsigned numbers[READ_MAX];
    assert_int_equal(read_back(numbers), count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(numbers[i], expected[i]);
}

static void what_is_taken_is_in_the_topic_in_order_with_key_and_headers(void **state)
{
    (void)state;
    static const unsigned all[RECORDS] = {0, 1, 2, 3, 4, 5, 6, 7};
    sink_make(30);
    send_some(RECORDS);
    for (size_t i = 0; i < RECORDS; i++)
        expect(i, SINK_TAKEN);
    expect_in_topic(all, RECORDS);
}

/* One answer of the broker to one record. What the library may try again by itself, it does. */
static const struct {
    rd_kafka_resp_err_t code;
    enum sink_verdict verdict;
} faults[] = {
    {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, SINK_REFUSED},
    {RD_KAFKA_RESP_ERR_INVALID_RECORD, SINK_REFUSED},
    {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, SINK_AGAIN},
    {RD_KAFKA_RESP_ERR_POLICY_VIOLATION, SINK_AGAIN},
    {RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS, SINK_AGAIN},
    {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, SINK_TAKEN},
    {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, SINK_TAKEN},
};

static void a_record_is_refused_only_for_its_own_fault(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
        sink_make(30);
        rd_kafka_mock_push_request_errors(bench.cluster, API_PRODUCE, 1, faults[i].code);
        send_some(1);
        expect(0, faults[i].verdict);
        sink_close(bench.sink);
        bench.sink = NULL;
    }
}

static void what_people_have_put_right_counts_at_the_next_attempt(void **state)
{
    (void)state;
    static const unsigned taken[] = {0};
    sink_make(30);
    rd_kafka_mock_push_request_errors(bench.cluster, API_PRODUCE, 1,
                                      RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    send_some(1);
    expect(0, SINK_AGAIN);
    send_some(1);
    expect(0, SINK_TAKEN);
    expect_in_topic(taken, 1);
}

static void a_refused_record_does_not_spoil_those_that_went_with_it(void **state)
{
    (void)state;
    static const unsigned taken[] = {0, 2};
    sink_make(30);
    rd_kafka_mock_push_request_errors(
        bench.cluster, API_PRODUCE, 4, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, /* all three */
        RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE,
        RD_KAFKA_RESP_ERR_NO_ERROR);
    send_some(3);
    expect(0, SINK_TAKEN);
    expect(1, SINK_REFUSED);
    expect(2, SINK_TAKEN);
    expect_in_topic(taken, 2);
}

static void a_record_that_no_broker_would_take_is_refused_alone(void **state)
{
    (void)state;
    static const unsigned taken[] = {0, 2};
    char *long_text = calloc(1, TOO_LONG);
    sink_make(30);
    bench.records[1].bytes = long_text;
    bench.records[1].len = TOO_LONG;
    send_some(3);
    expect(0, SINK_TAKEN);
    expect(1, SINK_REFUSED);
    expect(2, SINK_TAKEN);
    expect_in_topic(taken, 2);
    free(long_text);
}

static void for_a_topic_that_is_not_there_records_wait(void **state)
{
    (void)state;
    rd_kafka_mock_topic_set_error(bench.cluster, "alerts", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    sink_make(60);
    send_some(2);
    expect(0, SINK_AGAIN);
    assert_non_null(strstr(bench.answers[0].reason, "opic"));
    rd_kafka_mock_topic_set_error(bench.cluster, "alerts", RD_KAFKA_RESP_ERR_NO_ERROR);
    send_some(2);
    expect(1, SINK_TAKEN);
}

static void a_broker_that_is_down_at_first_gets_each_record_once(void **state)
{
    (void)state;
    static const unsigned all[] = {0, 1, 2};
    rd_kafka_mock_broker_set_down(bench.cluster, BROKER);
    sink_make(2);
    send_some(3);
    for (size_t i = 0; i < 3; i++)
        expect(i, SINK_AGAIN);
    rd_kafka_mock_broker_set_up(bench.cluster, BROKER);
    for (unsigned tries = 0; bench.answers[2].verdict != SINK_TAKEN && tries < 10; tries++)
        send_some(3);
    expect(2, SINK_TAKEN);
    expect_in_topic(all, 3);
}

static void a_late_answer_is_none_and_what_comes_again_keeps_its_order(void **state)
{
    (void)state;
    unsigned numbers[READ_MAX];
    sink_make(2);
    send_some(1);
    expect(0, SINK_TAKEN);
    rd_kafka_mock_broker_set_rtt(bench.cluster, BROKER, 4000);
    send_some(3);
    expect(0, SINK_AGAIN);
    rd_kafka_mock_broker_set_rtt(bench.cluster, BROKER, 0);
    for (unsigned tries = 0; bench.answers[2].verdict != SINK_TAKEN && tries < 10; tries++)
        send_some(3);
    for (size_t i = 0; i < 3; i++)
        expect(i, SINK_TAKEN);
    size_t count = read_back(numbers);
    assert_true(count >= 4 && numbers[count - 1] == 2);
    for (size_t i = 2; i < count; i++) /* each run of copies is whole */
        assert_int_equal(numbers[i], (numbers[i - 1] + 1) % 3);
}

static void after_a_fatal_error_a_new_producer_sends(void **state)
{
    (void)state;
    static const unsigned taken[] = {0};
    rd_kafka_mock_push_request_errors(bench.cluster, API_PRODUCER_ID, 1,
                                      RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED);
    sink_make(5);
    send_some(1);
    expect(0, SINK_AGAIN);
    assert_non_null(strstr(bench.answers[0].reason, "uthoriz"));
    send_some(1);
    expect(0, SINK_TAKEN);
    expect_in_topic(taken, 1);
}

static void *stop_soon(void *arg)
{
    usleep(100000);
    atomic_store(&bench.sink->stop, true);
    return arg;
}

static void what_blocks_gives_up_when_it_is_stopped(void **state)
{
    (void)state;
    pthread_t thread;
    rd_kafka_mock_broker_set_down(bench.cluster, BROKER);
    sink_make(300); /* longer than this test may run */
    assert_int_equal(pthread_create(&thread, NULL, stop_soon, NULL), 0);
    send_some(RECORDS);
    pthread_join(thread, NULL);
    for (size_t i = 0; i < RECORDS; i++)
        expect(i, SINK_AGAIN);
}

static void an_export_to_event_hubs_has_their_dialect_unless_another_is_named(void **state)
{
    (void)state;
    static char native[] = "native";
    bench.config.event_hubs = true;
    sink_make(1);
    assert_ptr_equal(bench.sink->dialect, &dialects[DIALECT_EVENTHUB]);
    sink_close(bench.sink);
    bench.config.dialect = native;
    sink_make(1);
    assert_ptr_equal(bench.sink->dialect, &dialects[DIALECT_NATIVE]);
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, bench_open, bench_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BENCH(what_is_taken_is_in_the_topic_in_order_with_key_and_headers),
        WITH_BENCH(a_record_is_refused_only_for_its_own_fault),
        WITH_BENCH(what_people_have_put_right_counts_at_the_next_attempt),
        WITH_BENCH(a_refused_record_does_not_spoil_those_that_went_with_it),
        WITH_BENCH(a_record_that_no_broker_would_take_is_refused_alone),
        WITH_BENCH(for_a_topic_that_is_not_there_records_wait),
        WITH_BENCH(a_broker_that_is_down_at_first_gets_each_record_once),
        WITH_BENCH(a_late_answer_is_none_and_what_comes_again_keeps_its_order),
        WITH_BENCH(after_a_fatal_error_a_new_producer_sends),
        WITH_BENCH(what_blocks_gives_up_when_it_is_stopped),
        WITH_BENCH(an_export_to_event_hubs_has_their_dialect_unless_another_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
