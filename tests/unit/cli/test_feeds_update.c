/* test_feeds_update.c - `dnsvigil feeds update` and `test`, and what other commands make of feeds
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "command_output.h"
#include "feed_server.h"

#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[] = "/tmp/dnsvigil-test-XXXXXX";
static char out[COMMAND_OUT_MAX];
static struct feed_server server;

static int run(int (*command)(int argc, char **argv), const char *words, const char *more)
{
    char line[512];
    snprintf(line, sizeof(line), "%s --config %s/c.yaml%s", words, folder, more);
    return command_output(command, line, out);
}

static void an_update_tells_what_changed_and_fails_for_what_failed(void **state)
{
    (void)state;
    assert_int_equal(run(command_feeds, "feeds update", " good -o json"), CLI_EXIT_OK);
    assert_non_null(strstr(out, "\"outcome\":\"updated\""));
    assert_non_null(strstr(out, "\"entries\":2"));
    assert_int_equal(run(command_feeds, "feeds update", " good"), CLI_EXIT_OK);
    assert_non_null(strstr(out, "2 entries, unchanged"));
    assert_int_equal(run(command_feeds, "feeds update", " -o json"), CLI_EXIT_FAILED);
    assert_non_null(strstr(out, "\"name\":\"good\",\"outcome\":\"unchanged\""));
    assert_non_null(strstr(out, "\"name\":\"bad\",\"outcome\":\"failed\""));
    assert_null(strstr(out, "\"idle\""));
    assert_int_equal(run(command_feeds, "feeds update", " --due -o json"), CLI_EXIT_OK);
    assert_string_equal(out, "");
}

static void only_what_is_in_use_can_be_updated(void **state)
{
    (void)state;
    static const char *const names[] = {" idle", " mine", " urlhaus", " nosuch"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        assert_int_equal(run(command_feeds, "feeds update", names[i]), CLI_EXIT_FAILED);
}

static void a_test_keeps_nothing(void **state)
{
    (void)state;
    assert_int_equal(run(command_feeds, "feeds test", " bad"), CLI_EXIT_FAILED);
    assert_int_equal(run(command_feeds, "feeds test", " idle -o json"), CLI_EXIT_OK);
    assert_non_null(strstr(out, "\"entries\":2"));
    assert_int_equal(run(command_feeds, "feeds test", " mine -o json"), CLI_EXIT_OK);
    assert_non_null(strstr(out, "\"first_refused\":[{\"line\":2,\"reason\":\"single-label\""));
    assert_int_equal(run(command_feeds, "feeds test", " mine --format hosts"), CLI_EXIT_FAILED);
    assert_int_equal(run(command_feeds, "feeds test", " mine --format host"), CLI_EXIT_USAGE);
    assert_int_equal(run(command_feeds, "feeds test", " /nowhere"), CLI_EXIT_FAILED);
    assert_int_equal(run(command_feeds, "feeds test", ""), CLI_EXIT_USAGE);
    assert_int_equal(run(command_feeds, "feeds status", " -o json"), CLI_EXIT_OK);
    assert_null(strstr(out, "idle"));
}

static void what_was_fetched_is_known_to_explain(void **state)
{
    (void)state;
    assert_int_equal(run(command_feeds, "feeds update", " good -q"), CLI_EXIT_OK);
    assert_int_equal(run(command_explain, "explain", " -o json www.two.example.net"), CLI_EXIT_OK);
    assert_non_null(strstr(out, "\"good\""));
    assert_int_equal(run(command_check, "check", ""), CLI_EXIT_OK);
    assert_non_null(strstr(out, "good: 2 entries"));
    assert_non_null(strstr(out, "mine: 1 entries"));
}

static FILE *create(const char *name)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return fopen(path, "we");
}

static int start(void **state)
{
    (void)state;
    server = feed_server_start(NULL);
    unsetenv("http_proxy");
    unsetenv("all_proxy");
    unsetenv("ALL_PROXY");
    FILE *config = mkdtemp(folder) ? create("c.yaml") : NULL;
    FILE *list = config ? create("list") : NULL;
    if (!list)
        return -1;
    fputs("mine.example.net\ncom\n", list);
    fprintf(config, "state_dir: %s\nstore: {path: nowhere.db}\nintel: {seeds: no}\nfeeds:\n",
            folder);
    fprintf(config, "- {name: mine, path: list, category: c2}\n");
    static const char *const feeds[][2] = {{"good", "list"}, {"bad", "page"}, {"idle", "list"}};
    for (size_t i = 0; i < 3; i++)
        fprintf(config,
                "- {name: %s, url: 'http://127.0.0.1:%u/%s', category: c2, allow_http: yes, "
                "allow_private: yes, enabled: %s}\n",
                feeds[i][0], server.port, feeds[i][1], i < 2 ? "yes" : "no");
    return fclose(list) | fclose(config);
}

static int stop(void **state)
{
    (void)state;
    char command[128];
    feed_server_stop(&server);
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_update_tells_what_changed_and_fails_for_what_failed),
        cmocka_unit_test(only_what_is_in_use_can_be_updated),
        cmocka_unit_test(a_test_keeps_nothing),
        cmocka_unit_test(what_was_fetched_is_known_to_explain),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
