/* test_http.c - requests are answered, and those that are not meant for us or unclear are refused
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "api/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 3, REPLY_MAX = 1 << 16 };

static struct config *config;
static struct http *http;
static pthread_t thread;
static char reply[REPLY_MAX];

static void hello(void *arg, struct http_answer *answer)
{
    (void)arg;
    buf_text(&answer->body, "hello\n");
}

static void broken(void *arg, struct http_answer *answer)
{
    (void)arg;
    answer->code = 503;
    buf_text(&answer->body, "store: full\n");
}

static const struct http_route routes[] = {{"/hello", hello}, {"/broken", broken}};

static void *run(void *arg)
{
    (void)arg;
    http_run(http);
    return NULL;
}

static int start(void **context)
{
    (void)context;
    static const char yaml[] = "api: {listen: 127.0.0.1:0, connections_max: 3,"
                               " hosts: [sensor.example]}\n";
    struct error error = {""};
    if (config_load_text("test.yaml", yaml, strlen(yaml), &config, &error) < 0)
        fail_msg("%s", error.text);
    const struct http_config settings = {
        .api = &config->api, .routes = routes, .route_count = 2, .request_s = 2};
    if (http_open(&settings, &http, &error) < 0)
        fail_msg("%s", error.text);
    assert_int_equal(pthread_create(&thread, NULL, run, NULL), 0);
    return 0;
}

static int finish(void **context)
{
    (void)context;
    http_stop(http);
    pthread_join(thread, NULL);
    http_close(http);
    config_free(config);
    return 0;
}

static int dial(void)
{
    struct sockaddr_in addr = {.sin_family = AF_INET,
                               .sin_port = htons((uint16_t)http_port(http)),
                               .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
    return fd;
}

/* Reads until the other side closes or `until` has come. Returns false when it was closed first. */
static bool hear(int fd, const char *until)
{
    size_t len = 0;
    reply[0] = 0;
    for (;;) {
        ssize_t n = read(fd, reply + len, sizeof(reply) - 1 - len);
        if (n <= 0)
            return false;
        len += (size_t)n;
        reply[len] = 0;
        if (until && strstr(reply, until))
            return true;
    }
}

/* Sends the bytes on a connection of their own and returns the status, 0 for none. */
static int ask(const char *bytes)
{
    int code = 0;
    int fd = dial();
    assert_int_equal(send(fd, bytes, strlen(bytes), MSG_NOSIGNAL), strlen(bytes));
    hear(fd, NULL);
    close(fd);
    sscanf(reply, "HTTP/1.%*d %d", &code);
    return code;
}

#define CLOSE "Connection: close\r\n\r\n"

static void a_route_answers(void **context)
{
    (void)context;
    assert_int_equal(ask("GET /hello HTTP/1.1\r\nHost: localhost\r\n" CLOSE), 200);
    assert_non_null(strstr(reply, "\r\n\r\nhello\n"));
    assert_non_null(strstr(reply, "X-Content-Type-Options: nosniff\r\n"));
    assert_int_equal(ask("GET /broken HTTP/1.1\r\nHost: localhost\r\n" CLOSE), 503);
    assert_non_null(strstr(reply, "store: full"));
    assert_int_equal(ask("HEAD /hello HTTP/1.1\r\nHost: localhost\r\n" CLOSE), 200);
    assert_null(strstr(reply, "hello"));
}

static void what_is_refused_and_how(void **context)
{
    (void)context;
    static const struct {
        const char *request;
        int code;
    } cases[] = {
        {"GET /hello HTTP/1.1\r\nHost: sensor.example\r\n" CLOSE, 200},
        {"GET /hello HTTP/1.1\r\nHost: SENSOR.example:9553\r\n" CLOSE, 200},
        {"GET /hello HTTP/1.1\r\nHost: 192.0.2.7:80\r\n" CLOSE, 200},
        {"GET /hello HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n" CLOSE, 200},
        {"GET /hello?x=1 HTTP/1.1\r\nHost: localhost\r\n" CLOSE, 200},
        {"GET /hello HTTP/1.1\r\nHost: rebound.example\r\n" CLOSE, 421},
        {"GET /hello HTTP/1.1\r\nHost: localhost.evil.example\r\n" CLOSE, 421},
        {"GET /hello HTTP/1.1\r\nHost: localhost:80@evil.example\r\n" CLOSE, 421},
        {"GET /hello HTTP/1.1\r\nHost: [localhost]\r\n" CLOSE, 421},
        {"GET /hello HTTP/1.1\r\nHost: [::1\r\n" CLOSE, 421},
        {"GET /hello HTTP/1.1\r\n" CLOSE, 400},
        {"GET /hello HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n" CLOSE, 400},
        {"GET http://localhost/hello HTTP/1.1\r\nHost: localhost\r\n" CLOSE, 400},
        {"GET /hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nContent-Length: "
         "0\r\n" CLOSE,
         400},
        {"GET /none HTTP/1.1\r\nHost: localhost\r\n" CLOSE, 404},
        {"POST /hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n" CLOSE, 405},
        {"POST /hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n" CLOSE "abcde", 413},
        {"nonsense\r\n\r\n", 400},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        if (ask(cases[i].request) != cases[i].code)
            fail_msg("%s: not %d but: %s", cases[i].request, cases[i].code, reply);
}

static void headers_without_end_are_cut_off(void **context)
{
    (void)context;
    char *request = malloc(2 * HTTP_HEADERS_BYTES_MAX + 64);
    int len = sprintf(request, "GET /hello HTTP/1.1\r\nHost: localhost\r\nX: ");
    memset(request + len, 'x', 2 * HTTP_HEADERS_BYTES_MAX);
    int fd = dial();
    send(fd, request, (size_t)len + 2 * HTTP_HEADERS_BYTES_MAX, MSG_NOSIGNAL);
    hear(fd, NULL); /* it ends */
    assert_null(strstr(reply, "hello\n"));
    close(fd);
    free(request);
}

static void one_connection_serves_many_requests(void **context)
{
    (void)context;
    static const char request[] = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";
    int fd = dial();
    for (unsigned i = 0; i < 50; i++) {
        assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
        assert_true(hear(fd, "hello\n"));
    }
    close(fd);
}

static void a_client_has_so_many_connections_and_gets_one_back(void **context)
{
    (void)context;
    static const char request[] = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";
    int fds[CONNECTIONS_MAX];
    for (unsigned i = 0; i < CONNECTIONS_MAX; i++) {
        fds[i] = dial();
        send(fds[i], request, strlen(request), MSG_NOSIGNAL);
        assert_true(hear(fds[i], "hello\n"));
    }
    int over = dial();
    assert_false(hear(over, NULL)); /* closed without a word */
    assert_string_equal(reply, "");
    close(over);
    close(fds[0]);
    for (bool served = false; !served;) { /* as soon as the server has noticed */
        int fd = dial();
        send(fd, request, strlen(request), MSG_NOSIGNAL);
        served = hear(fd, "hello\n");
        close(fd);
    }
    close(fds[1]);
    close(fds[2]);
}

/* It keeps sending, a byte now and then, and never comes to an end. */
static void a_request_that_trickles_in_is_cut_off(void **context)
{
    (void)context;
    int fd = dial();
    ssize_t sent = 1;
    for (unsigned i = 0; i < 600 && sent == 1; i++) {
        sent = send(fd, i ? "x" : "G", 1, MSG_NOSIGNAL);
        usleep(100000);
    }
    assert_true(sent < 0);
    close(fd);
}

static void connections_that_hang_do_not_keep_it_from_stopping(void **context)
{
    (void)context;
    for (unsigned i = 0; i < CONNECTIONS_MAX; i++)
        send(dial(), "GET /he", 7, MSG_NOSIGNAL);
}

static void an_address_that_is_none_is_told(void **context)
{
    (void)context;
    static const struct {
        const char *listen, *reason;
    } cases[] = {{"nowhere:80", "is no address with a port"}, {"192.0.2.1:1", "192.0.2.1:1: "}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct config_api api = {.listen = (char *)cases[i].listen, .connections_max = 1};
        const struct http_config settings = {.api = &api};
        struct http *none;
        struct error error = {""};
        assert_true(http_open(&settings, &none, &error) < 0);
        assert_non_null(strstr(error.text, cases[i].reason));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_route_answers, start, finish),
        cmocka_unit_test_setup_teardown(what_is_refused_and_how, start, finish),
        cmocka_unit_test_setup_teardown(headers_without_end_are_cut_off, start, finish),
        cmocka_unit_test_setup_teardown(one_connection_serves_many_requests, start, finish),
        cmocka_unit_test_setup_teardown(a_client_has_so_many_connections_and_gets_one_back, start,
                                        finish),
        cmocka_unit_test_setup_teardown(a_request_that_trickles_in_is_cut_off, start, finish),
        cmocka_unit_test_setup_teardown(connections_that_hang_do_not_keep_it_from_stopping, start,
                                        finish),
        cmocka_unit_test(an_address_that_is_none_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
