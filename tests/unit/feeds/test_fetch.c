/* test_fetch.c - fetching from servers that behave well, and from those that do not
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "feed_server.h"

#include "feeds/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char list[] = "one.example.net\ntwo.example.net\n";
static struct feed_server server;

/* Fetches from the server; what came is in `text`. */
static int get(struct fetch_request request, const struct fetch_limits *limits, const char *path,
               char text[static 256], struct fetched *fetched, struct error *error)
{
    char url[256];
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/%s", server.port, path);
    request.url = url;
    request.etag = request.etag ? request.etag : "";
    request.modified = request.modified ? request.modified : "";
    request.headers_file = request.headers_file ? request.headers_file : "";
    request.proxy = "";
    int fd = memfd_create("test", MFD_CLOEXEC);
    assert_true(fd >= 0);
    int r = fetch(&request, limits, fd, NULL, NULL, fetched, error);
    ssize_t got = pread(fd, text, 255, 0);
    text[got > 0 ? got : 0] = 0;
    close(fd);
    return r;
}

static const struct fetch_request nearby = {.allow_http = true, .allow_private = true};
static const struct fetch_limits quick = {
    .bytes_max = 1 << 20, .connect_s = 5, .stalled_s = 1, .total_s = 20};

static void a_list_arrives_with_what_names_its_version(void **state)
{
    (void)state;
    char text[256];
    struct fetched fetched;
    struct error error;
    assert_int_equal(get(nearby, &quick, "list", text, &fetched, &error), 0);
    assert_string_equal(text, list);
    assert_int_equal(fetched.bytes, strlen(list));
    assert_false(fetched.unchanged);
    assert_string_equal(fetched.etag, "\"v1\"");
    assert_string_equal(fetched.modified, "Sat, 07 Mar 2026 10:00:00 GMT");
}

static void what_is_held_is_not_fetched_again(void **state)
{
    (void)state;
    static const struct {
        const char *path, *etag, *modified;
    } cases[] = {{"list", "\"v1\"", ""}, {"dated", "", "Sat, 07 Mar 2026 10:00:00 GMT"}};
    for (size_t i = 0; i < 2; i++) {
        struct fetch_request request = nearby;
        char text[256];
        struct fetched fetched;
        struct error error;
        request.etag = cases[i].etag;
        request.modified = cases[i].modified;
        assert_int_equal(get(request, &quick, cases[i].path, text, &fetched, &error), 0);
        assert_true(fetched.unchanged);
        assert_string_equal(text, "");
    }
}

static void bad_servers_are_refused_with_a_reason(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        int code;
        const char *reason; /* part of it */
    } cases[] = {
        {"missing", -EIO, "status 404"},    {"truncated", -EIO, ""},
        {"slow", -EIO, "too slow"},         {"large", -EFBIG, "larger than 1 MiB"},
        {"endless", -EFBIG, "larger than"}, {"circle", -EIO, "redirects more than 5 times"},
        {"file", -EACCES, "not https"},     {"secret", -EIO, "headers_file"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char text[256];
        struct fetched fetched;
        struct error error = {""};
        assert_int_equal(get(nearby, &quick, cases[i].path, text, &fetched, &error), cases[i].code);
        if (!strstr(error.text, cases[i].reason))
            fail_msg("%s: '%s' is not in: %s", cases[i].path, cases[i].reason, error.text);
    }
}

static void redirects_are_followed(void **state)
{
    (void)state;
    char text[256];
    struct fetched fetched;
    struct error error;
    assert_int_equal(get(nearby, &quick, "moved", text, &fetched, &error), 0);
    assert_string_equal(text, list);
}

static void plain_http_and_private_addresses_need_permission(void **state)
{
    (void)state;
    char text[256];
    struct fetched fetched;
    struct error error;
    const struct fetch_request public = {.allow_http = true};
    const struct fetch_request encrypted = {.allow_private = true};
    assert_int_equal(get(public, &quick, "list", text, &fetched, &error), -EACCES);
    assert_non_null(strstr(error.text, "allow_private"));
    assert_int_equal(get(encrypted, &quick, "list", text, &fetched, &error), -EACCES);
    assert_non_null(strstr(error.text, "allow_http"));
    assert_string_equal(text, "");
}

static void gzip_is_asked_for_and_left_packed(void **state)
{
    (void)state;
    char text[256];
    struct fetched fetched;
    struct error error;
    assert_int_equal(get(nearby, &quick, "gzip", text, &fetched, &error), 0);
    assert_memory_equal(text, "\x1f\x8b", 2);
}

static void secret_headers_go_to_the_first_host_alone(void **state)
{
    (void)state;
    char path[] = "/tmp/dnsvigil-test-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, "# key\nAuth-Key: k3y\n", 20) == 20);
    close(fd);
    struct fetch_request request = nearby;
    char text[256];
    struct fetched fetched;
    struct error error;
    request.headers_file = path;
    assert_int_equal(get(request, &quick, "secret", text, &fetched, &error), 0);
    assert_string_equal(text, list);
    assert_int_equal(get(request, &quick, "away", text, &fetched, &error), 0);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(get(request, &quick, "secret", text, &fetched, &error), -EPERM);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(truncate(path, 3), 0);
    fd = open(path, O_WRONLY | O_TRUNC);
    assert_true(fd >= 0 && write(fd, "no header\n", 10) == 10);
    close(fd);
    assert_int_equal(get(request, &quick, "secret", text, &fetched, &error), -EINVAL);
    unlink(path);
}

static void a_certificate_that_nobody_vouches_for_is_refused(void **state)
{
    (void)state;
    char path[] = "/tmp/dnsvigil-test-XXXXXX", url[64];
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    feed_server_certificate(path);
    struct feed_server tls = feed_server_start(path);
    snprintf(url, sizeof(url), "https://127.0.0.1:%u/list", tls.port);
    const struct fetch_request request = {.url = url,
                                          .etag = "",
                                          .modified = "",
                                          .headers_file = "",
                                          .proxy = "",
                                          .allow_private = true};
    struct fetched fetched;
    struct error error = {""};
    int fd = memfd_create("test", MFD_CLOEXEC);
    assert_int_equal(fetch(&request, &quick, fd, NULL, NULL, &fetched, &error), -EIO);
    assert_non_null(strstr(error.text, "certificate"));
    assert_int_equal(lseek(fd, 0, SEEK_END), 0);
    close(fd);
    feed_server_stop(&tls);
    unlink(path);
}

static int start(void **state)
{
    (void)state;
    unsetenv("http_proxy");
    unsetenv("https_proxy");
    unsetenv("HTTPS_PROXY");
    unsetenv("all_proxy");
    unsetenv("ALL_PROXY");
    server = feed_server_start(NULL);
    fetch_init();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    feed_server_stop(&server);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_arrives_with_what_names_its_version),
        cmocka_unit_test(what_is_held_is_not_fetched_again),
        cmocka_unit_test(bad_servers_are_refused_with_a_reason),
        cmocka_unit_test(redirects_are_followed),
        cmocka_unit_test(plain_http_and_private_addresses_need_permission),
        cmocka_unit_test(gzip_is_asked_for_and_left_packed),
        cmocka_unit_test(a_certificate_that_nobody_vouches_for_is_refused),
        cmocka_unit_test(secret_headers_go_to_the_first_host_alone),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
