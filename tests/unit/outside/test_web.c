/* test_web.c - requests go where they may, and cannot be led into our own network
 * SPDX-License-Identifier: Apache-2.0
 *
 * This program has its own getaddrinfo(), which libcurl calls: so a name can mean what a test
 * wants, and something else the next time. */
#include "cmocka_all.h"
#include "feed_server.h"

#include "outside/web.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

static struct feed_server server;
static const char *answers[4]; /* what each further resolution gives; the last one stays */
static atomic_uint resolutions;

static void address_fill(struct addrinfo *info, const char *text, uint16_t port)
{
    bool v6 = strchr(text, ':');
    struct sockaddr_in *v4_at = (struct sockaddr_in *)info->ai_addr;
    struct sockaddr_in6 *v6_at = (struct sockaddr_in6 *)info->ai_addr;
    info->ai_family = info->ai_addr->sa_family = v6 ? AF_INET6 : AF_INET;
    info->ai_addrlen = v6 ? sizeof(*v6_at) : sizeof(*v4_at);
    info->ai_socktype = SOCK_STREAM;
    v4_at->sin_port = htons(port); /* lies at the same place in both */
    inet_pton(info->ai_family, text, v6 ? (void *)&v6_at->sin6_addr : (void *)&v4_at->sin_addr);
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret)
{
    (void)hints;
    unsigned at = atomic_fetch_add(&resolutions, 1);
    while (at > 0 && (at >= 4 || !answers[at]))
        at--;
    const char *text = answers[at] ? answers[at] : node;
    struct addrinfo *info = calloc(1, sizeof(*info) + sizeof(struct sockaddr_storage));
    if (!info)
        return EAI_MEMORY;
    info->ai_addr = (struct sockaddr *)(info + 1);
    address_fill(info, text, (uint16_t)(service ? atoi(service) : 0));
    *ret = info;
    return 0;
}

void freeaddrinfo(struct addrinfo *info)
{
    free(info);
}

static const struct web_limits quick = {.answer_bytes_max = 4096, .connect_s = 2, .total_s = 2};
static struct prefix loopback_block;
static const struct config_networks loopback = {&loopback_block, 1};
static struct buf body;

static int setup(void **state)
{
    (void)state;
    memset(answers, 0, sizeof(answers));
    resolutions = 0;
    prefix_parse("127.0.0.0/8", 11, &loopback_block);
    buf_init(&body, 1 << 16);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buf_done(&body);
    return 0;
}

static int send_to(const char *host, const char *path, const struct config_networks *allow,
                   long *ret_status, struct error *error)
{
    char url[256];
    snprintf(url, sizeof(url), "http://%s:%u/%s", host, server.port, path);
    struct web_request request = {
        .url = url, .allow = allow, .proxy = "", .ca_file = "", .allow_http = true};
    return web_send(&request, &quick, ret_status, &body, error);
}

static void a_place_that_is_allowed_answers(void **state)
{
    (void)state;
    long status;
    struct error error;
    assert_int_equal(send_to("127.0.0.1", "list", &loopback, &status, &error), 0);
    assert_int_equal(status, 200);
    assert_string_equal(body.data, "one.example.net\ntwo.example.net\n");
}

static void a_body_is_posted_with_its_headers(void **state)
{
    (void)state;
    long status;
    struct error error;
    char url[64];
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/hook", server.port);
    const char *const headers[] = {"Content-Type: application/json", "X-Mark: 7", NULL};
    struct web_request request = {.url = url,
                                  .headers = headers,
                                  .body = "{}",
                                  .body_len = 2,
                                  .allow = &loopback,
                                  .proxy = "",
                                  .ca_file = "",
                                  .allow_http = true};
    assert_int_equal(web_send(&request, &quick, &status, &body, &error), 0);
    assert_non_null(strstr(body.data, "Content-Type: application/json\n"));
    assert_non_null(strstr(body.data, "X-Mark: 7\n"));
    assert_non_null(strstr(body.data, "\n\n{}"));
}

static int post(struct web_client *client, const char *path, bool gzip, const atomic_bool *stop,
                struct error *error)
{
    char url[64];
    struct web_answer answer;
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/%s", server.port, path);
    struct web_request request = {.url = url,
                                  .body =
                                      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                                  .body_len = 58,
                                  .gzip = gzip,
                                  .allow = &loopback,
                                  .stop = stop,
                                  .allow_http = true};
    buf_reset(&body);
    return web_client_send(client, &request, &quick, &answer, &body, error);
}

static void a_body_is_sent_compressed_where_that_is_asked_for(void **state)
{
    (void)state;
    struct error error;
    char text[128] = "";
    struct web_client *client = web_client_new();
    assert_int_equal(post(client, "hook", true, NULL, &error), 0);
    assert_non_null(strstr(body.data, "Content-Encoding: gzip\n"));
    const char *at = strstr(body.data, "\n\n") + 2;
    size_t len = body.len - (size_t)(at - body.data);
    z_stream stream = {.next_in = (Bytef *)at, .avail_in = (uInt)len};
    assert_true(len < 58);
    stream.next_out = (Bytef *)text;
    stream.avail_out = sizeof(text) - 1;
    assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    inflateEnd(&stream);
    assert_int_equal(strspn(text, "a"), 58);
    web_client_free(client);
}

static void nothing_of_a_request_is_left_for_the_next_one(void **state)
{
    (void)state;
    struct error error;
    struct web_client *client = web_client_new();
    assert_int_equal(post(client, "hook", true, NULL, &error), 0);
    assert_int_equal(post(client, "hook", false, NULL, &error), 0);
    assert_null(strstr(body.data, "gzip"));
    assert_int_equal(post(client, "500", false, NULL, &error), 0);
    web_client_free(client);
}

static void a_request_that_is_stopped_ends_at_once(void **state)
{
    (void)state;
    struct error error;
    atomic_bool stop = true;
    struct web_client *client = web_client_new();
    assert_int_equal(post(client, "hook", false, &stop, &error), -ECANCELED);
    stop = false;
    assert_int_equal(post(client, "hook", false, &stop, &error), 0);
    web_client_free(client);
}

static void private_places_are_refused_however_they_are_spelt(void **state)
{
    (void)state;
    static const char *const hosts[] = {
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::7f00:1]",
        "169.254.169.254",
        "10.0.0.1",
        "192.168.0.1",
        "[fe80::1]",
        "[fd00::1]",
        "[64:ff9b::7f00:1]",
        "100.100.100.200",
        "%31%32%37.0.0.1",
    };
    for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
        long status;
        struct error error;
        int r = send_to(hosts[i], "list", NULL, &status, &error);
        if (r != -EACCES)
            fail_msg("%s: %d %s", hosts[i], r, error.text);
    }
}

static void a_name_that_means_a_private_place_is_refused(void **state)
{
    (void)state;
    static const char *const meanings[] = {"127.0.0.1", "10.0.0.1", "::1", "::ffff:127.0.0.1",
                                           "fd00::1"};
    for (size_t i = 0; i < sizeof(meanings) / sizeof(*meanings); i++) {
        long status;
        struct error error;
        answers[0] = meanings[i];
        assert_int_equal(send_to("hook.example.net", "list", NULL, &status, &error), -EACCES);
        assert_non_null(strstr(error.text, "private"));
    }
}

/* The name was harmless when somebody looked, and is not when the request is sent. */
static void a_name_that_changes_its_meaning_is_judged_by_what_it_means_then(void **state)
{
    (void)state;
    long status;
    struct error error;
    struct addrinfo *first;
    answers[0] = "198.51.100.1";
    answers[1] = "127.0.0.1";
    assert_int_equal(getaddrinfo("hook.example.net", NULL, NULL, &first), 0);
    freeaddrinfo(first);
    assert_int_equal(send_to("hook.example.net", "list", NULL, &status, &error), -EACCES);
    assert_int_equal(resolutions, 2);
}

static void a_redirect_is_an_answer_and_is_not_followed(void **state)
{
    (void)state;
    long status;
    struct error error;
    assert_int_equal(send_to("127.0.0.1", "inside", &loopback, &status, &error), 0);
    assert_int_equal(status, 302);
    assert_int_equal(body.len, 0);
    assert_int_equal(send_to("127.0.0.1", "file", &loopback, &status, &error), 0);
    assert_int_equal(status, 302);
}

static void only_http_is_spoken_and_only_https_unless_allowed(void **state)
{
    (void)state;
    static const char *const urls[] = {"http://127.0.0.1/", "file:///etc/passwd",
                                       "gopher://127.0.0.1/", "ftp://127.0.0.1/", "dict://h/"};
    for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
        long status;
        struct error error;
        struct web_request request = {
            .url = urls[i], .allow = &loopback, .proxy = "", .ca_file = ""};
        assert_int_equal(web_send(&request, &quick, &status, NULL, &error), -EACCES);
        assert_null(strstr(error.text, urls[i]));
    }
}

static void long_and_slow_answers_are_given_up(void **state)
{
    (void)state;
    long status;
    struct error error;
    assert_int_equal(send_to("127.0.0.1", "large", &loopback, &status, &error), -EFBIG);
    assert_int_equal(send_to("127.0.0.1", "endless", &loopback, &status, &error), -EFBIG);
    assert_int_equal(send_to("127.0.0.1", "slow", &loopback, &status, &error), -EIO);
    assert_true(body.len <= 3 * quick.answer_bytes_max);
}

static void proxies_of_the_environment_are_not_used(void **state)
{
    (void)state;
    long status;
    struct error error;
    char proxy[64];
    snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%u", server.port);
    setenv("http_proxy", proxy, 1);
    setenv("all_proxy", proxy, 1);
    int r = send_to("10.0.0.1", "list", NULL, &status, &error);
    unsetenv("http_proxy");
    unsetenv("all_proxy");
    assert_int_equal(r, -EACCES);
}

static void a_certificate_that_nobody_vouches_for_is_refused(void **state)
{
    (void)state;
    char path[] = "/tmp/web-certificate-XXXXXX", url[64];
    long status;
    struct error error;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    feed_server_certificate(path);
    struct feed_server tls = feed_server_start(path);
    snprintf(url, sizeof(url), "https://127.0.0.1:%u/list", tls.port);
    struct web_request request = {.url = url, .allow = &loopback, .proxy = "", .ca_file = ""};
    int r = web_send(&request, &quick, &status, &body, &error);
    feed_server_stop(&tls);
    unlink(path);
    assert_int_equal(r, -EIO);
    assert_non_null(strstr(error.text, "certificate"));
}

static int start(void **state)
{
    (void)state;
    web_init();
    server = feed_server_start(NULL);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    feed_server_stop(&server);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_place_that_is_allowed_answers),
        TEST(a_body_is_posted_with_its_headers),
        TEST(a_body_is_sent_compressed_where_that_is_asked_for),
        TEST(nothing_of_a_request_is_left_for_the_next_one),
        TEST(a_request_that_is_stopped_ends_at_once),
        TEST(private_places_are_refused_however_they_are_spelt),
        TEST(a_name_that_means_a_private_place_is_refused),
        TEST(a_name_that_changes_its_meaning_is_judged_by_what_it_means_then),
        TEST(a_redirect_is_an_answer_and_is_not_followed),
        TEST(only_http_is_spoken_and_only_https_unless_allowed),
        TEST(long_and_slow_answers_are_given_up),
        TEST(proxies_of_the_environment_are_not_used),
        TEST(a_certificate_that_nobody_vouches_for_is_refused),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
