/* test_sink_http.c - what a status means for the records of a request, and what cannot be
 * configured
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/utf8.h"
#include "export/sink_http.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char empty[] = "";
static struct config_export config;
static struct sink_http *http;
static struct sink_answer answers[4];
static struct sink_record records[4];

static const struct sink_ops ops = {.close = sink_http_close};
static const struct http_service service = {.login_keys = "token_file",
                                            .open = "",
                                            .between = "",
                                            .close = "",
                                            .body_bytes_max = 10000,
                                            .answer_bytes_max = 1000};

static void config_reset(void)
{
    config = (struct config_export){
        .name = (char *)"out",
        .url = (char *)"https://siem.example.net//",
        .dialect = empty,
        .index = empty,
        .rule_id = empty,
        .stream = empty,
        .token_file = empty,
        .token_header = empty,
        .password_file = empty,
        .username = empty,
        .template_file = empty,
        .batch_records = 4,
    };
}

static int setup(void **state)
{
    (void)state;
    struct error error;
    config_reset();
    memset(answers, 0, sizeof(answers));
    http = sink_http_new(sizeof(*http), &config, &service, &ops, "/path", &error);
    http->sink.config = &config;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sink_http_close(&http->sink);
    return 0;
}

static struct http_part part_of(size_t count)
{
    return (struct http_part){records, answers, count};
}

static void a_path_stands_behind_the_url_with_one_slash(void **state)
{
    (void)state;
    assert_string_equal(http->url, "https://siem.example.net/path");
    char *url = sink_http_url(&config, "");
    assert_string_equal(url, config.url);
    free(url);
}

static void statuses_mean_what_everybody_means_by_them(void **state)
{
    (void)state;
    static const struct {
        long status;
        enum sink_verdict verdict;
        enum http_next next;
        const char *word;
    } cases[] = {
        {200, SINK_TAKEN, HTTP_GO_ON, ""},
        {204, SINK_TAKEN, HTTP_GO_ON, ""},
        {302, SINK_AGAIN, HTTP_STOP, "redirects are not followed"},
        {400, SINK_REFUSED, HTTP_GO_ON, "400: what it said"},
        {401, SINK_AGAIN, HTTP_STOP, "see token_file"},
        {403, SINK_AGAIN, HTTP_STOP, "see token_file"},
        {404, SINK_AGAIN, HTTP_STOP, "see url"},
        {405, SINK_AGAIN, HTTP_STOP, "see url"},
        {407, SINK_AGAIN, HTTP_STOP, "see proxy"},
        {408, SINK_AGAIN, HTTP_STOP, "408"},
        {409, SINK_REFUSED, HTTP_GO_ON, "409"},
        {413, SINK_REFUSED, HTTP_GO_ON, "413"},
        {415, SINK_AGAIN, HTTP_STOP, "415"},
        {422, SINK_REFUSED, HTTP_GO_ON, "422"},
        {429, SINK_AGAIN, HTTP_STOP, "429"},
        {500, SINK_AGAIN, HTTP_STOP, "500"},
        {503, SINK_AGAIN, HTTP_STOP, "503: what it said"},
        {100, SINK_AGAIN, HTTP_STOP, "100"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct http_part part = part_of(1);
        assert_int_equal(http_judge(http, &part, cases[i].status, "what it said"), cases[i].next);
        assert_int_equal(answers[0].verdict, cases[i].verdict);
        if (!strstr(answers[0].reason, cases[i].word))
            fail_msg("%ld: %s", cases[i].status, answers[0].reason);
    }
}

static void records_that_are_refused_together_are_sent_apart(void **state)
{
    (void)state;
    struct http_part part = part_of(4);
    assert_int_equal(http_judge(http, &part, 400, ""), HTTP_SPLIT);
    assert_int_equal(answers[0].verdict, SINK_AGAIN);
}

static void a_request_that_is_too_long_makes_the_next_ones_shorter(void **state)
{
    (void)state;
    struct http_part part = part_of(4);
    for (unsigned i = 0; i < 8000; i++)
        buf_char(&http->body, 'x');
    assert_int_equal(http_judge(http, &part, 413, ""), HTTP_SPLIT);
    assert_int_equal(http->body_max, 4000);
    buf_reset(&http->body);
    assert_int_equal(http_judge(http, &part, 413, ""), HTTP_SPLIT);
    assert_true(http->body_max >= 1000);
}

static void what_a_service_says_is_shortened_and_made_visible(void **state)
{
    (void)state;
    char said[900];
    struct http_part part = part_of(2);
    for (size_t i = 0; i + 4 < sizeof(said); i += 3)
        memcpy(said + i, "\xe3\x81\x82", 4);
    http_judge(http, &part, 503, said);
    assert_true(utf8_valid(answers[1].reason, strlen(answers[1].reason)));
    http_judge(http, &part, 503, "a\nb\033[31m");
    assert_null(strpbrk(answers[0].reason, "\n\033"));
}

static void headers_beyond_their_room_are_no_request(void **state)
{
    (void)state;
    struct http_headers headers = {0};
    for (unsigned i = 0; i < HTTP_HEADERS_MAX; i++)
        http_header_add(&headers, "X-%u: 1", i);
    assert_false(headers.overflow);
    http_header_add(&headers, "X: 1");
    assert_true(headers.overflow);
    assert_null(headers.lines[HTTP_HEADERS_MAX]);
    http_headers_done(&headers);
}

static void login_with(const char *text, const char *expected)
{
    char path[] = "/tmp/test_sink_http_XXXXXX";
    struct http_headers headers = {0};
    struct error error;
    int fd = mkstemp(path);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    *(config.password_file == empty ? &config.token_file : &config.password_file) = path;
    int r = http_login_add(&config, "Bearer", &headers, &error);
    unlink(path);
    if (!expected)
        assert_int_equal(r, -EINVAL);
    else
        assert_string_equal(headers.lines[0], expected);
    http_headers_done(&headers);
    config_reset();
}

static void we_log_in_as_configured(void **state)
{
    (void)state;
    struct http_headers headers = {0};
    struct error error;
    assert_int_equal(http_login_add(&config, "Bearer", &headers, &error), 0);
    assert_int_equal(headers.count, 0);
    login_with("abc\n", "Authorization: Bearer abc");
    config.token_header = (char *)"X-Api-Key";
    login_with("abc", "X-Api-Key: abc");
    config.username = (char *)"ann";
    config.password_file = (char *)"there";
    login_with("pass", "Authorization: Basic YW5uOnBhc3M=");
    login_with("abc\r\nX-More: 1", NULL);
}

static void what_cannot_work_is_refused_when_it_is_opened(void **state)
{
    (void)state;
    static const struct {
        enum sink_type type;
        const char *dialect, *index, *rule_id, *stream, *template_file, *word;
    } cases[] = {
        {SINK_TYPE_ELASTICSEARCH, "csv", "", "", "", "", "JSON"},
        {SINK_TYPE_ELASTICSEARCH, "", "Upper", "", "", "", "index"},
        {SINK_TYPE_ELASTICSEARCH, "", "a/../b", "", "", "", "index"},
        {SINK_TYPE_ELASTICSEARCH, "", "-a", "", "", "", "index"},
        {SINK_TYPE_AZURE_LOGS, "cef", "", "dcr-1", "Custom-A_CL", "", "JSON"},
        {SINK_TYPE_AZURE_LOGS, "", "", "dcr/1", "Custom-A_CL", "", "rule_id"},
        {SINK_TYPE_AZURE_LOGS, "", "", "dcr-1", "Custom?A", "", "stream"},
        {SINK_TYPE_WEBHOOK, "ocsf", "", "", "", "/nonexistent", "dialect"},
        {SINK_TYPE_WEBHOOK, "", "", "", "", "/nonexistent", "/nonexistent"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct error error = {""};
        config_reset();
        config.type = cases[i].type;
        config.dialect = (char *)cases[i].dialect;
        config.index = (char *)cases[i].index;
        config.rule_id = (char *)cases[i].rule_id;
        config.stream = (char *)cases[i].stream;
        config.template_file = (char *)cases[i].template_file;
        assert_null(sink_open(&config, &error));
        if (!strstr(error.text, cases[i].word) || !strstr(error.text, "export out"))
            fail_msg("%zu: %s", i, error.text);
    }
}

static void each_kind_has_the_dialect_of_its_service(void **state)
{
    (void)state;
    static const struct {
        enum sink_type type;
        const char *dialect;
    } cases[] = {{SINK_TYPE_SPLUNK, "native"},
                 {SINK_TYPE_ELASTICSEARCH, "ecs"},
                 {SINK_TYPE_AZURE_LOGS, "securityalert"},
                 {SINK_TYPE_OTLP, "native"},
                 {SINK_TYPE_WEBHOOK, "native"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct error error = {""};
        config_reset();
        config.type = cases[i].type;
        config.rule_id = (char *)"dcr-1";
        config.stream = (char *)"Custom-A_CL";
        struct sink *sink = sink_open(&config, &error);
        assert_non_null(sink);
        assert_string_equal(sink->dialect->slug, cases[i].dialect);
        sink_close(sink);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_path_stands_behind_the_url_with_one_slash),
        TEST(statuses_mean_what_everybody_means_by_them),
        TEST(records_that_are_refused_together_are_sent_apart),
        TEST(a_request_that_is_too_long_makes_the_next_ones_shorter),
        TEST(what_a_service_says_is_shortened_and_made_visible),
        TEST(headers_beyond_their_room_are_no_request),
        TEST(we_log_in_as_configured),
        TEST(what_cannot_work_is_refused_when_it_is_opened),
        TEST(each_kind_has_the_dialect_of_its_service),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
