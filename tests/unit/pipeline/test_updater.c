/* test_updater.c - the process beside the running program fetches, and tells when a list has
 * changed
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/updater.h"

#include "cmocka_all.h"
#include "feed_server.h"
#include "feeds/feeds.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char folder[64], path[96];
static struct feed_server server;
static struct error error;
static sigset_t hangup;

static int start(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    sigemptyset(&hangup);
    sigaddset(&hangup, SIGHUP);
    sigprocmask(SIG_BLOCK, &hangup, NULL);
    unsetenv("http_proxy");
    unsetenv("all_proxy");
    unsetenv("ALL_PROXY");
    snprintf(folder, sizeof(folder), "%s/dnsvigil-updater-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/c.yaml", folder);
    server = feed_server_start(NULL);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    char command[128];
    feed_server_stop(&server);
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    return system(command);
}

/* A configuration with one feed at this path of the server. */
static void configure(const char *at, const char *updates)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fprintf(file,
            "state_dir: %s/state\nstore: {path: %s/alerts.db}\nintel: {seeds: no, updates: "
            "%s}\nfeeds:\n"
            "- {name: listed, url: 'http://127.0.0.1:%u/%s', category: c2, allow_http: yes, "
            "allow_private: yes}\n",
            folder, folder, updates, server.port, at);
    assert_int_equal(fclose(file), 0);
}

static struct feed_status status(void)
{
    char state_dir[128];
    struct feed_status status;
    snprintf(state_dir, sizeof(state_dir), "%s/state", folder);
    status_load(state_dir, "listed", &status);
    return status;
}

static bool hung_up(time_t within_s)
{
    const struct timespec limit = {.tv_sec = within_s};
    return sigtimedwait(&hangup, NULL, &limit) == SIGHUP;
}

static void what_is_due_is_fetched_and_told(void **state)
{
    (void)state;
    struct updater updater;
    configure("list", "yes");
    assert_int_equal(updater_start(path, 1, &updater, &error), 0);
    assert_true(updater.pid > 0);
    assert_true(hung_up(20));
    assert_int_equal(status().entries, 2);
    updater_stop(&updater);
    assert_int_equal(updater.pid, 0);
}

static void what_somebody_else_has_updated_is_told_too(void **state)
{
    (void)state;
    struct updater updater;
    char state_dir[128];
    struct feed_status changed = status();
    assert_int_equal(updater_start(path, 1, &updater, &error), 0);
    assert_false(hung_up(2)); /* nothing is due, nothing has changed */
    snprintf(state_dir, sizeof(state_dir), "%s/state", folder);
    changed.changed_ns += 1000000000;
    assert_int_equal(status_save(state_dir, "listed", &changed, &error), 0);
    assert_true(hung_up(20));
    updater_stop(&updater);
}

static void a_refused_list_is_not_told_and_waits_for_an_hour(void **state)
{
    (void)state;
    struct updater updater;
    struct config *config;
    configure("page", "yes");
    assert_int_equal(config_load(path, &config, &error), 0);
    struct feed_status before = status();
    before.tried_ns = 0; /* due */
    char state_dir[128];
    snprintf(state_dir, sizeof(state_dir), "%s/state", folder);
    assert_int_equal(status_save(state_dir, "listed", &before, &error), 0);
    assert_int_equal(updater_start(path, 1, &updater, &error), 0);
    for (int i = 0; i < 200 && !status().error[0]; i++)
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    assert_non_null(strstr(status().error, "page"));
    assert_false(hung_up(1));
    struct feed_status failed = status();
    assert_int_equal(feeds_due_ns(&config->feeds.items[0], &failed) - failed.tried_ns,
                     3600 * 1000000000ll);
    updater_stop(&updater);
    config_free(config);
}

static void what_somebody_asks_for_is_fetched_though_it_failed_just_now(void **state)
{
    (void)state;
    struct updater updater;
    char state_dir[128];
    configure("list", "yes");
    snprintf(state_dir, sizeof(state_dir), "%s/state", folder);
    struct feed_status failed = status();
    assert_true(failed.error[0] != 0);
    assert_int_equal(status_ask(state_dir, "listed", &error), 0);
    assert_int_equal(updater_start(path, 1, &updater, &error), 0);
    for (int i = 0; i < 200 && status().error[0]; i++)
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    assert_string_equal(status().error, "");
    assert_true(status().tried_ns > failed.tried_ns);
    updater_stop(&updater);
}

static void without_anything_to_fetch_there_is_no_process(void **state)
{
    (void)state;
    struct updater updater;
    configure("list", "no");
    assert_int_equal(updater_start(path, 1, &updater, &error), 0);
    assert_int_equal(updater.pid, 0);
    updater_stop(&updater);
    FILE *file = fopen(path, "we");
    fprintf(file, "state_dir: %s/state\n", folder);
    fclose(file);
    assert_int_equal(updater_start(path, 1, &updater, &error), 0);
    assert_int_equal(updater.pid, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_due_is_fetched_and_told),
        cmocka_unit_test(what_somebody_else_has_updated_is_told_too),
        cmocka_unit_test(a_refused_list_is_not_told_and_waits_for_an_hour),
        cmocka_unit_test(what_somebody_asks_for_is_fetched_though_it_failed_just_now),
        cmocka_unit_test(without_anything_to_fetch_there_is_no_process),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
