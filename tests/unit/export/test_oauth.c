/* test_oauth.c - tokens are asked for as RFC 6749 has it, and whatever comes back is bounded
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/clock.h"
#include "export/oauth.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A server for one request, which it keeps. */
static struct bench {
    int listener;
    pthread_t thread;
    int status;
    const char *body;
    char request[8192];
    char url[64];
    struct prefix loopback;
    struct config_export config;
    struct secret secret;
    struct oauth_token token;
    struct error error;
} bench;

static char none[] = "", client[] = "us er";

static bool is_whole(const char *request, size_t len)
{
    const char *body = strstr(request, "\r\n\r\n");
    const char *length = strstr(request, "Content-Length: ");
    return body && length && request + len >= body + 4 + atoi(length + 16);
}

static void *serve(void *arg)
{
    char head[160];
    size_t len = 0;
    int fd = accept(bench.listener, NULL, NULL);
    while (len < sizeof(bench.request) - 1 && !is_whole(bench.request, len)) {
        ssize_t got = read(fd, bench.request + len, sizeof(bench.request) - 1 - len);
        if (got <= 0)
            break;
        len += (size_t)got;
    }
    snprintf(head, sizeof(head), "HTTP/1.1 %d Answer\r\nContent-Length: %zu\r\n\r\n", bench.status,
             strlen(bench.body));
    (void)!write(fd, head, strlen(head));
    (void)!write(fd, bench.body, strlen(bench.body));
    close(fd);
    return arg;
}

static int bench_open(void **state)
{
    (void)state;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(at);
    memset(&bench, 0, sizeof(bench));
    bench.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(bench.listener, (struct sockaddr *)&at, size), 0);
    assert_int_equal(listen(bench.listener, 1), 0);
    assert_int_equal(getsockname(bench.listener, (struct sockaddr *)&at, &size), 0);
    snprintf(bench.url, sizeof(bench.url), "http://127.0.0.1:%u/token", ntohs(at.sin_port));
    prefix_parse("127.0.0.0/8", 11, &bench.loopback);
    bench.config = (struct config_export){
        .token_url = bench.url,
        .client_id = client,
        .tls_ca = none,
        .proxy = none,
        .allow = {&bench.loopback, 1},
        .allow_http = true,
        .timeout_s = 30,
    };
    strcpy(bench.secret.text, "a&b=c%");
    bench.secret.len = strlen(bench.secret.text);
    return 0;
}

static int bench_close(void **state)
{
    (void)state;
    return close(bench.listener);
}

static int ask(int status, const char *body, const char *scope)
{
    bench.status = status;
    bench.body = body;
    assert_int_equal(pthread_create(&bench.thread, NULL, serve, NULL), 0);
    int r = oauth_ask(&bench.config, &bench.secret, scope, NULL, &bench.token, &bench.error);
    pthread_join(bench.thread, NULL);
    return r;
}

static void a_token_is_asked_for_with_a_form_and_kept_with_its_life(void **state)
{
    (void)state;
    int64_t before_ns = clock_now_ns();
    assert_int_equal(ask(200,
                         "{\"access_token\":\"abc.def\",\"token_type\":\"bearer\","
                         "\"expires_in\":3600}",
                         "https://x/.default"),
                     0);
    assert_string_equal(bench.token.text, "abc.def");
    assert_true(bench.token.expires_ns >= before_ns + 3600 * NS_PER_S &&
                bench.token.expires_ns <= clock_now_ns() + 3600 * NS_PER_S);
    assert_non_null(strstr(bench.request, "Content-Type: application/x-www-form-urlencoded\r\n"));
    assert_string_equal(strstr(bench.request, "\r\n\r\n") + 4,
                        "grant_type=client_credentials&client_id=us%20er&"
                        "client_secret=a%26b%3Dc%25&scope=https%3A%2F%2Fx%2F.default");
}

static void without_a_scope_none_is_named(void **state)
{
    (void)state;
    assert_int_equal(ask(200, "{\"access_token\":\"t\"}", ""), 0);
    assert_null(strstr(bench.request, "scope"));
}

static void how_long_a_token_lives_is_bounded_whatever_is_said(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        int64_t life_s;
    } cases[] = {
        {"{\"access_token\":\"t\",\"expires_in\":\"600\"}", 600},
        {"{\"access_token\":\"t\"}", 300},
        {"{\"access_token\":\"t\",\"expires_in\":-5}", 300},
        {"{\"access_token\":\"t\",\"expires_in\":9007199254740993}", 30 * 24 * 3600},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        int64_t before_ns = clock_now_ns();
        memset(bench.request, 0, sizeof(bench.request));
        assert_int_equal(ask(200, cases[i].body, ""), 0);
        assert_true(bench.token.expires_ns >= before_ns + cases[i].life_s * NS_PER_S &&
                    bench.token.expires_ns <= clock_now_ns() + cases[i].life_s * NS_PER_S);
    }
}

static void what_is_no_token_is_told_without_secrets(void **state)
{
    (void)state;
    char longer[OAUTH_TOKEN_MAX + 32];
    snprintf(longer, sizeof(longer), "{\"access_token\":\"%0*d\"}", OAUTH_TOKEN_MAX + 1, 0);
    const struct {
        int status;
        const char *body;
        int code;
        const char *told;
    } cases[] = {
        {401, "{\"error\":\"invalid_client\"}", -EACCES, "status 401, invalid_client"},
        {400, "{\"error\":\"a&b=c% was wrong\"}", -EACCES, "status 400"},
        {429, "", -EIO, "status 429"},
        {500, "", -EIO, "status 500"},
        {302, "{\"access_token\":\"t\"}", -EIO, "status 302"},
        {200, "", -EPROTO, "without an access_token"},
        {200, "[]", -EPROTO, "without an access_token"},
        {200, "{\"access_token\":7}", -EPROTO, "without an access_token"},
        {200, "{\"access_token\":\"\"}", -EPROTO, "without an access_token"},
        {200, longer, -EPROTO, "without an access_token"},
        {200, "{\"access_token\":\"t\",\"token_type\":\"mac\"}", -EPROTO, "another type"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        memset(bench.request, 0, sizeof(bench.request));
        assert_int_equal(ask(cases[i].status, cases[i].body, ""), cases[i].code);
        assert_non_null(strstr(bench.error.text, cases[i].told));
        assert_null(strstr(bench.error.text, "a&b"));
    }
}

static void a_server_in_our_own_network_needs_leave(void **state)
{
    (void)state;
    bench.config.allow.count = 0;
    assert_int_equal(oauth_ask(&bench.config, &bench.secret, "", NULL, &bench.token, &bench.error),
                     -EACCES);
    assert_non_null(strstr(bench.error.text, "token_url"));
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, bench_open, bench_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BENCH(a_token_is_asked_for_with_a_form_and_kept_with_its_life),
        WITH_BENCH(without_a_scope_none_is_named),
        WITH_BENCH(how_long_a_token_lives_is_bounded_whatever_is_said),
        WITH_BENCH(what_is_no_token_is_told_without_secrets),
        WITH_BENCH(a_server_in_our_own_network_needs_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
