/* test_sink_syslog.c - a collector gets each message, and once more what a broken connection may
 * have lost
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "alert_build.h"
#include "export/sinks.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TEXT_MAX = 64 * 1024 };

/* A collector on this machine; what it has read stands in `text`. */
static struct bench {
    struct config_export config;
    char address[32];
    struct sink *sink;
    int listener;   /* or the socket of UDP */
    int connection; /* -1: none */
    struct alert alert;
    char text[TEXT_MAX];
    size_t len;
} bench;

static void listen_as(int type, uint16_t port)
{
    struct sockaddr_in place = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof(place);
    const int on = 1;
    const struct timeval patience = {.tv_sec = 20};
    bench.listener = socket(AF_INET, type, 0);
    assert_true(bench.listener >= 0);
    setsockopt(bench.listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    setsockopt(bench.listener, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    assert_int_equal(bind(bench.listener, (struct sockaddr *)&place, sizeof(place)), 0);
    assert_int_equal(getsockname(bench.listener, (struct sockaddr *)&place, &len), 0);
    if (type == SOCK_STREAM)
        assert_int_equal(listen(bench.listener, 4), 0);
    snprintf(bench.address, sizeof(bench.address), "127.0.0.1:%u", ntohs(place.sin_port));
}

static uint16_t port_of(void)
{
    return (uint16_t)atoi(strchr(bench.address, ':') + 1);
}

static int bench_open(void **state)
{
    (void)state;
    memset(&bench, 0, sizeof(bench));
    bench.listener = bench.connection = -1;
    bench.config = (struct config_export){
        .name = (char *)"collector",
        .type = SINK_TYPE_SYSLOG,
        .dialect = (char *)"",
        .address = bench.address,
        .transport = CONFIG_TRANSPORT_TCP,
        .facility = 16,
        .app_name = (char *)"dnsvigil",
        .enterprise_number = 32473,
        .resend_s = 15,
        .timeout_s = 2,
        .tls_ca = (char *)"",
        .tls_certificate = (char *)"",
        .tls_key = (char *)"",
    };
    alert_build(&bench.alert, 1);
    return 0;
}

static void put_down(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static int bench_close(void **state)
{
    (void)state;
    sink_close(bench.sink);
    put_down(&bench.listener);
    put_down(&bench.connection);
    return 0;
}

static void sink_make(void)
{
    struct error error;
    bench.sink = sink_open(&bench.config, &error);
    if (!bench.sink)
        fail_msg("%s", error.text);
}

static struct sink_answer send_one(const char *bytes)
{
    const struct sink_record record = {.id = bench.alert.id,
                                       .revision = 1,
                                       .alert = &bench.alert,
                                       .bytes = bytes,
                                       .len = strlen(bytes)};
    struct sink_answer answer = {SINK_AGAIN, ""};
    unsigned wait_s = 0;
    bench.sink->ops->send(bench.sink, &record, 1, &answer, &wait_s);
    return answer;
}

static void take(const char *bytes)
{
    struct sink_answer answer = send_one(bytes);
    if (answer.verdict != SINK_TAKEN)
        fail_msg("%s", answer.reason);
}

static void put_through(void)
{
    const struct timeval patience = {.tv_sec = 20};
    bench.connection = accept(bench.listener, NULL, NULL);
    assert_true(bench.connection >= 0);
    setsockopt(bench.connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    bench.len = 0;
}

/* Reads until the text ends so. */
static void read_to(const char *end)
{
    size_t end_len = strlen(end);
    while (bench.len < end_len || memcmp(bench.text + bench.len - end_len, end, end_len) != 0) {
        ssize_t got = recv(bench.connection, bench.text + bench.len, TEXT_MAX - bench.len - 1, 0);
        assert_true(got > 0);
        bench.len += (size_t)got;
        bench.text[bench.len] = 0;
    }
}

static void each_message_has_its_length_before_it(void **state)
{
    (void)state;
    listen_as(SOCK_STREAM, 0);
    sink_make();
    take("first");
    take("second");
    put_through();
    read_to("second");
    char *rest;
    unsigned long len = strtoul(bench.text, &rest, 10);
    assert_int_equal(*rest, ' ');
    assert_memory_equal(rest + 1 + len - strlen("first"), "first", strlen("first"));
    len = strtoul(rest + 1 + len, &rest, 10);
    assert_int_equal(strlen(rest + 1), len);
}

static void or_a_line_end_behind_it(void **state)
{
    (void)state;
    listen_as(SOCK_STREAM, 0);
    bench.config.framing = CONFIG_FRAMING_NEWLINE;
    sink_make();
    take("first");
    take("second");
    put_through();
    read_to("second\n");
    assert_int_equal(bench.text[0], '<');
    assert_non_null(strstr(bench.text, " first\n<"));
}

static void what_was_sent_last_comes_again_after_a_break(void **state)
{
    (void)state;
    listen_as(SOCK_STREAM, 0);
    bench.config.framing = CONFIG_FRAMING_NEWLINE;
    sink_make();
    take("first");
    put_through();
    put_down(&bench.connection); /* it has read nothing */
    usleep(100 * 1000);
    take("second");
    put_through();
    read_to("second\n");
    assert_non_null(strstr(bench.text, " first\n<"));
}

static void a_break_is_missed_without_a_further_alert(void **state)
{
    (void)state;
    listen_as(SOCK_STREAM, 0);
    bench.config.framing = CONFIG_FRAMING_NEWLINE;
    sink_make();
    take("first");
    put_through();
    put_down(&bench.connection);
    usleep(100 * 1000);
    bench.sink->ops->tick(bench.sink, 0);
    put_through();
    read_to("first\n");
}

static void without_seconds_to_send_again_nothing_comes_twice(void **state)
{
    (void)state;
    listen_as(SOCK_STREAM, 0);
    bench.config.framing = CONFIG_FRAMING_NEWLINE;
    bench.config.resend_s = 0;
    sink_make();
    take("first");
    put_through();
    put_down(&bench.connection);
    usleep(100 * 1000);
    take("second");
    put_through();
    read_to("second\n");
    assert_null(strstr(bench.text, "first"));
}

static void a_collector_that_is_not_there_is_told(void **state)
{
    (void)state;
    listen_as(SOCK_STREAM, 0);
    uint16_t port = port_of();
    put_down(&bench.listener);
    sink_make();
    struct sink_answer answer = send_one("first");
    assert_int_equal(answer.verdict, SINK_AGAIN);
    assert_non_null(strstr(answer.reason, "refused"));
    listen_as(SOCK_STREAM, port);
    take("first");
}

/* The system of a stopped collector acknowledges until its buffers are full. */
static void a_collector_that_reads_nothing_takes_nothing(void **state)
{
    (void)state;
    listen_as(SOCK_STREAM, 0);
    sink_make();
    char *large = malloc(1024 * 1024);
    memset(large, 'x', 1024 * 1024 - 1);
    large[1024 * 1024 - 1] = 0;
    bench.config.timeout_s = 1;
    enum sink_verdict verdict = SINK_TAKEN;
    for (unsigned i = 0; verdict == SINK_TAKEN && i < 64; i++)
        verdict = send_one(large).verdict;
    free(large);
    assert_int_equal(verdict, SINK_AGAIN);
}

static void datagrams_hold_a_message_each(void **state)
{
    (void)state;
    listen_as(SOCK_DGRAM, 0);
    bench.config.transport = CONFIG_TRANSPORT_UDP;
    sink_make();
    take("first");
    take("second");
    ssize_t len = recv(bench.listener, bench.text, TEXT_MAX, 0);
    assert_true(len > 5);
    assert_int_equal(bench.text[0], '<');
    assert_memory_equal(bench.text + len - 5, "first", 5);
    len = recv(bench.listener, bench.text, TEXT_MAX, 0);
    assert_memory_equal(bench.text + len - 6, "second", 6);
}

static void a_datagram_that_cannot_be_is_refused_and_nobody_there_is_told(void **state)
{
    (void)state;
    listen_as(SOCK_DGRAM, 0);
    bench.config.transport = CONFIG_TRANSPORT_UDP;
    sink_make();
    char *large = malloc(70 * 1024);
    memset(large, 'x', 70 * 1024 - 1);
    large[70 * 1024 - 1] = 0;
    struct sink_answer answer = send_one(large);
    free(large);
    assert_int_equal(answer.verdict, SINK_REFUSED);
    take("first");
    put_down(&bench.listener);
    assert_int_equal(send_one("second").verdict, SINK_AGAIN);
}

static void what_cannot_work_is_refused_when_it_is_opened(void **state)
{
    (void)state;
    static const struct {
        const char *address, *ca, *word;
        uint8_t transport;
        uint32_t record_bytes_max;
    } cases[] = {
        {"host:0", "", "address", CONFIG_TRANSPORT_TCP, 0},
        {"host:70000", "", "address", CONFIG_TRANSPORT_TCP, 0},
        {"[::1", "", "address", CONFIG_TRANSPORT_TCP, 0},
        {"host:514", "/absent/ca.pem", "/absent/ca.pem", CONFIG_TRANSPORT_TLS, 0},
        {"host:514", "", "record_bytes_max", CONFIG_TRANSPORT_UDP, 65000},
    };
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct error error;
        bench.config.address = (char *)cases[i].address;
        bench.config.tls_ca = (char *)cases[i].ca;
        bench.config.transport = (int8_t)cases[i].transport;
        bench.config.record_bytes_max = cases[i].record_bytes_max;
        assert_null(sink_open(&bench.config, &error));
        assert_non_null(strstr(error.text, cases[i].word));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define STORY(name) cmocka_unit_test_setup_teardown(name, bench_open, bench_close)
        STORY(each_message_has_its_length_before_it),
        STORY(or_a_line_end_behind_it),
        STORY(what_was_sent_last_comes_again_after_a_break),
        STORY(a_break_is_missed_without_a_further_alert),
        STORY(without_seconds_to_send_again_nothing_comes_twice),
        STORY(a_collector_that_is_not_there_is_told),
        STORY(a_collector_that_reads_nothing_takes_nothing),
        STORY(datagrams_hold_a_message_each),
        STORY(a_datagram_that_cannot_be_is_refused_and_nobody_there_is_told),
        STORY(what_cannot_work_is_refused_when_it_is_opened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
