/* test_feeds.c - feeds from fetching to their last good list, with servers good and bad
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "feed_server.h"

#include "base/clock.h"
#include "feeds/feeds.h"

#include <dnsvigil/name.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/dnsvigil-test-XXXXXX";
static struct feed_server server;

/* A configuration with one feed `f` that the server serves under `path`. */
static struct config *config_for(const char *path, const char *more)
{
    char text[2048];
    struct config *config = NULL;
    struct error error;
    snprintf(text, sizeof(text),
             "state_dir: %s\nintel: {seed_dir: %s/data/intel}\n"
             "feeds:\n- {name: f, url: 'http://127.0.0.1:%u/%s', category: c2, allow_http: yes,\n"
             "   allow_private: yes%s}\n",
             folder, getenv("TEST_SOURCE_ROOT") ? getenv("TEST_SOURCE_ROOT") : ".", server.port,
             path, more);
    if (config_load_text("t.yaml", text, strlen(text), &config, &error) != 0)
        fail_msg("%s", error.text);
    return config;
}

static int update(const char *path, bool force, struct feed_status *status, struct error *error)
{
    struct config *config = config_for(path, "");
    struct feeds *feeds = NULL;
    if (feeds_open(config, &feeds, error) != 0)
        fail_msg("%s", error->text);
    const struct feed_update one = {.feed = &config->feeds.items[0], .force = force};
    int r = feeds_update(feeds, &one, status, NULL, error);
    feeds_close(feeds);
    config_free(config);
    return r;
}

/* Entries of the last good list, -errno without one. */
static int last_good(void)
{
    struct config *config = config_for("list", "");
    struct error error;
    struct feed_report report;
    struct suffix_list *suffixes = suffix_list_new(NULL, &error);
    struct intel_builder *builder = intel_builder_new(suffixes);
    int r = feeds_last_good(config, &config->feeds.items[0], builder, &report, &error);
    intel_builder_free(builder);
    suffix_list_free(suffixes);
    config_free(config);
    return r < 0 ? r : (int)report.added;
}

static void forget(void)
{
    char path[PATH_MAX];
    shelf_path(folder, "f", "list", path);
    unlink(path);
    shelf_path(folder, "f", "json", path);
    unlink(path);
}

static void a_list_is_fetched_kept_and_not_fetched_again(void **state)
{
    (void)state;
    struct feed_status status;
    struct error error = {""};
    forget();
    assert_int_equal(last_good(), -ENOENT);
    assert_int_equal(update("list", false, &status, &error), 0);
    assert_int_equal(status.entries, 2);
    assert_int_equal(status.added, 2);
    assert_int_equal(status.changed_ns, status.tried_ns);
    assert_string_equal(status.etag, "\"v1\"");
    assert_string_equal(status.format, "plain");
    assert_string_not_equal(status.sandbox, "");
    assert_int_equal(last_good(), 2);
    assert_int_equal(update("list", false, &status, &error), 0);
    assert_true(status.changed_ns < status.tried_ns);
    assert_int_equal(status.fetched_ns, status.tried_ns);
    assert_int_equal(status.entries, 2);
}

static void gzip_is_unpacked_in_the_jail(void **state)
{
    (void)state;
    struct feed_status status;
    struct error error = {""};
    forget();
    assert_int_equal(update("gzip", false, &status, &error), 0);
    assert_int_equal(last_good(), 2);
}

static void what_is_bad_leaves_the_last_good_list(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *reason; /* part of it */
    } cases[] = {
        {"missing", "404"},   {"nothing", "empty"},           {"page", "HTML"},
        {"truncated", ""},    {"cut-gzip", "cut off"},        {"bomb", "more than 256 MiB"},
        {"grown?0", "empty"}, {"popular", "popular domains"}, {"binary", ""},
        {"words", ""},        {"private", "no usable"},
    };
    struct feed_status status;
    struct error error = {""};
    forget();
    assert_int_equal(update("list", false, &status, &error), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        error.text[0] = 0;
        if (update(cases[i].path, false, &status, &error) == 0)
            fail_msg("%s was taken", cases[i].path);
        if (!strstr(error.text, cases[i].reason))
            fail_msg("%s: '%s' is not in: %s", cases[i].path, cases[i].reason, error.text);
        assert_string_equal(status.error, error.text);
        assert_int_equal(last_good(), 2);
    }
}

static void jumps_in_size_need_somebody_to_say_so(void **state)
{
    (void)state;
    struct feed_status status;
    struct error error;
    /* One URL, so that the lists count as versions of one. */
    forget();
    assert_int_equal(update("counter", false, &status, &error), 0); /* 20 entries */
    assert_int_equal(status.entries, 20);
    assert_int_equal(update("counter", false, &status, &error), -ERANGE); /* 5 */
    assert_int_equal(last_good(), 20);
    assert_int_equal(update("counter", true, &status, &error), 0); /* 6 */
    assert_int_equal(status.entries, 6);
    assert_int_equal(status.added, 0);
    assert_int_equal(status.removed, 14);
    assert_int_equal(update("counter", false, &status, &error), -ERANGE); /* 100 */
    assert_int_equal(last_good(), 6);
}

static void a_damaged_list_is_refused_and_fetched_anew(void **state)
{
    (void)state;
    struct feed_status status;
    struct error error;
    char path[PATH_MAX];
    forget();
    assert_int_equal(update("list", false, &status, &error), 0);
    shelf_path(folder, "f", "list", path);
    assert_int_equal(truncate(path, 100), 0);
    assert_int_equal(last_good(), -EINVAL);
    assert_int_equal(update("list", false, &status, &error), 0);
    assert_int_equal(last_good(), 2);
}

static void lines_past_the_wanted_ones_are_left_out(void **state)
{
    (void)state;
    struct config *config = config_for("grown?50", ", lines_max: 7");
    struct feeds *feeds = NULL;
    struct reading reading;
    struct error error = {""};
    const struct feed_update one = {.feed = &config->feeds.items[0]};
    assert_int_equal(feeds_open_to_look(config, &feeds, &error), 0);
    assert_int_equal(feeds_try(feeds, &one, &reading, &error), 0);
    assert_int_equal(reading.report.added, 7);
    reading_done(&reading);
    feeds_close(feeds);
    config_free(config);
}

/* The public suffix list from this path of the server; its entries, or a negative errno. */
static int suffixes_update(const char *path, char used[static PATH_MAX], struct error *error)
{
    char text[1024];
    struct config *config;
    struct feeds *feeds;
    struct feed_status status;
    snprintf(
        text, sizeof(text),
        "state_dir: %s\nintel: {seed_dir: %s/data/intel}\n"
        "feeds:\n- {name: public-suffix-list, url: 'http://127.0.0.1:%u/%s', allow_http: yes,\n"
        "   allow_private: yes}\n",
        folder, getenv("TEST_SOURCE_ROOT") ? getenv("TEST_SOURCE_ROOT") : ".", server.port, path);
    assert_int_equal(config_load_text("t.yaml", text, strlen(text), &config, error), 0);
    assert_int_equal(feeds_open(config, &feeds, error), 0);
    const struct feed_update one = {.feed = &config->feeds.items[0]};
    int r = feeds_update(feeds, &one, &status, NULL, error);
    feeds_suffixes_path(config, used);
    feeds_close(feeds);
    config_free(config);
    return r < 0 ? r : (int)status.entries;
}

/* The labels of the registrable domain of a name, by the list at `path`. */
static unsigned registrable_labels(const char *path, const char *text)
{
    struct error error;
    struct dns_name name;
    struct suffix_list *list = suffix_list_new(path, &error);
    assert_string_equal(error.text, "");
    struct suffix_cache *cache = suffix_cache_new(list);
    assert_true(name_from_text(&name, text, strlen(text)));
    struct suffix_info info = suffix_lookup(cache, &name);
    suffix_cache_free(cache);
    suffix_list_free(list);
    return info.registrable < 0 ? 0 : name.labels - (unsigned)info.registrable;
}

static void the_public_suffix_list_is_kept_too(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *reason;
    } bad[] = {
        {"page", "no public suffix list"},
        {"nothing", "empty"},
        {"grown?2000", "no public suffix list"}, /* a list, but another one */
        {"suffixes?cut", "cut off"},
        {"suffixes?popular", "popular domains"},
        {"missing", "404"},
    };
    struct error error = {""};
    char path[PATH_MAX];
    assert_int_equal(suffixes_update("missing", path, &error) < 0, 1);
    assert_string_equal(path, SUFFIX_LIST_PATH);
    assert_int_equal(registrable_labels(path, "a.b.a-new-suffix.com"), 2);
    assert_true(suffixes_update("suffixes?new", path, &error) > 5000);
    assert_string_not_equal(path, SUFFIX_LIST_PATH);
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        assert_true(suffixes_update(bad[i].path, path, &error) < 0);
        if (!strstr(error.text, bad[i].reason))
            fail_msg("%s: '%s' is not in: %s", bad[i].path, bad[i].reason, error.text);
        assert_int_equal(registrable_labels(path, "a.b.a-new-suffix.com"), 3);
    }
}

static void what_is_due_follows_from_the_interval(void **state)
{
    (void)state;
    const struct config_feed feed = {.interval_hours = 2};
    struct feed_status status = {.tried_ns = 0};
    assert_int_equal(feeds_due_ns(&feed, &status), 0);
    status.tried_ns = 100 * NS_PER_S;
    assert_int_equal(feeds_due_ns(&feed, &status), (100 + 7200) * NS_PER_S);
    status.asked_ns = 99 * NS_PER_S;
    assert_int_equal(feeds_due_ns(&feed, &status), (100 + 7200) * NS_PER_S);
    status.asked_ns = 101 * NS_PER_S;
    assert_int_equal(feeds_due_ns(&feed, &status), 101 * NS_PER_S);
}

static int start(void **state)
{
    (void)state;
    unsetenv("http_proxy");
    unsetenv("all_proxy");
    unsetenv("ALL_PROXY");
    server = feed_server_start(NULL);
    return mkdtemp(folder) ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    char command[PATH_MAX];
    feed_server_stop(&server);
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_fetched_kept_and_not_fetched_again),
        cmocka_unit_test(gzip_is_unpacked_in_the_jail),
        cmocka_unit_test(what_is_bad_leaves_the_last_good_list),
        cmocka_unit_test(jumps_in_size_need_somebody_to_say_so),
        cmocka_unit_test(a_damaged_list_is_refused_and_fetched_anew),
        cmocka_unit_test(lines_past_the_wanted_ones_are_left_out),
        cmocka_unit_test(the_public_suffix_list_is_kept_too),
        cmocka_unit_test(what_is_due_follows_from_the_interval),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
