/* test_deliver.c - alerts become mails, requests and runs: once each, in measure, after restarts
 * too
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * No server is there: what is attempted fails, and that is looked at; programs are stood in for. */
#include "respond/deliver.h"

#include "alert_build.h"
#include "base/clock.h"
#include "cmocka_all.h"
#include "outside/web.h"
#include "store/changes.h"
#include "store/deliveries.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];
static struct store *store;
static struct config *config;
static struct deliver deliver;
static struct deliver_result result;
static struct error error;
static unsigned runs;
static int run_result;
static char run_input[512], run_argv[256];

static const int64_t noon_ns = 1767268800 * NS_PER_S; /* 2026-01-01T12:00:00Z */

static int run(void *arg, const struct job *job, const void *bytes, size_t len,
               struct command_result *ret_result, struct error *ret_error)
{
    (void)arg;
    runs++;
    assert_null(job->path);
    snprintf(run_argv, sizeof(run_argv), "%s %s", job->argv[0], job->argv[1] ? job->argv[1] : "");
    snprintf(run_input, sizeof(run_input), "%.*s", (int)len, (const char *)bytes);
    snprintf(ret_result->output, sizeof(ret_result->output), "done\nmore");
    return run_result < 0 ? error_set(ret_error, run_result, "it failed") : 0;
}

static int load(const char *text)
{
    char all[2048];
    int len = snprintf(all, sizeof(all),
                       "state_dir: %s\nmail: {url: 'smtp://127.0.0.1:1', from: a@b.example}\n%s",
                       folder, text);
    config_free(config);
    config = NULL;
    int r = config_load_text("test", all, (size_t)len, &config, &error);
    if (r < 0)
        fail_msg("%s", error.text);
    deliver = (struct deliver){
        .config = config, .read = store, .writer = store_writer_direct(store), .jobs = {run, NULL}};
    return r;
}

static int setup(void **state)
{
    (void)state;
    char path[96];
    struct store_config store_config = store_config_default;
    store_config.ballast_bytes = 0;
    snprintf(folder, sizeof(folder), "/tmp/deliver-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/alerts.db", folder);
    runs = 0;
    run_result = 0;
    return store_open(path, STORE_WRITE, &store_config, &store, &error);
}

static int teardown(void **state)
{
    (void)state;
    char command[128];
    store_close(store, &error);
    config_free(config);
    config = NULL;
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command);
}

static void step(int64_t now_ns)
{
    int r = deliver_step(&deliver, now_ns, &result, &error);
    if (r < 0)
        fail_msg("%s", error.text);
}

static void put(unsigned number, enum severity severity, enum alert_status status)
{
    struct alert alert;
    struct store_put_result put_result;
    const struct alert *const alerts[] = {&alert};
    alert_build(&alert, number);
    alert.severity = (uint8_t)severity;
    alert.status = (uint8_t)status;
    assert_int_equal(store_put(store, alerts, 1, &put_result, &error), 0);
}

static struct delivery_counts counts(void)
{
    struct delivery_counts counts;
    assert_int_equal(deliveries_counts(store, &counts, &error), 0);
    return counts;
}

static const char team[] = "notifications: [{name: team, severity_min: low,"
                           " emails: [x@team.example]}]\n";

static void what_was_there_before_the_first_step_is_not_told(void **state)
{
    (void)state;
    load(team);
    put(1, SEVERITY_HIGH, ALERT_STATUS_ACTIVE);
    step(noon_ns);
    step(noon_ns);
    assert_int_equal(counts().of[DELIVERY_STATE_PENDING], 0);
    put(2, SEVERITY_HIGH, ALERT_STATUS_ACTIVE);
    step(noon_ns);
    assert_int_equal(result.changes, 1);
    assert_int_equal(counts().of[DELIVERY_STATE_PENDING], 1);
}

static void an_address_gets_so_many_mails_a_day_and_a_digest_of_the_rest(void **state)
{
    (void)state;
    load("notifications: [{name: team, severity_min: informational, emails: [x@team.example]}]\n");
    step(noon_ns);
    for (unsigned i = 0; i < 24; i++)
        put(i, (enum severity)(i % SEVERITY_COUNT), ALERT_STATUS_ACTIVE);
    step(noon_ns);
    assert_int_equal(counts().of[DELIVERY_STATE_PENDING], 4 + 2 + 1);
    assert_int_equal(counts().of[DELIVERY_STATE_WAITING], 24 - 7);
    step(noon_ns + 1);
    assert_int_equal(counts().of[DELIVERY_STATE_GATHERED], 0);
    step(noon_ns + 24 * 3600 * NS_PER_S);
    assert_int_equal(counts().of[DELIVERY_STATE_GATHERED], 17);
    assert_int_equal(counts().of[DELIVERY_STATE_PENDING], 7 + 1);
    put(100, SEVERITY_LOW, ALERT_STATUS_ACTIVE);
    step(noon_ns + 25 * 3600 * NS_PER_S);
    assert_int_equal(counts().of[DELIVERY_STATE_PENDING], 7 + 1 + 1);
}

static void what_is_dismissed_or_below_the_line_is_not_told(void **state)
{
    (void)state;
    load(team);
    step(noon_ns);
    put(1, SEVERITY_HIGH, ALERT_STATUS_DISMISSED);
    put(2, SEVERITY_INFORMATIONAL, ALERT_STATUS_ACTIVE);
    step(noon_ns);
    assert_int_equal(result.changes, 2);
    assert_int_equal(counts().of[DELIVERY_STATE_PENDING], 0);
    assert_int_equal(counts().of[DELIVERY_STATE_WAITING], 0);
}

static void people_are_chosen_by_role_and_the_owner_by_the_inventory(void **state)
{
    (void)state;
    load("people: [{name: kim, email: kim@team.example, roles: [analyst, admin]},"
         " {name: lee, email: lee@team.example, roles: [admin]}]\n"
         "notifications: [{name: a, severity_min: high, roles: [Analyst, owner]},"
         " {name: b, severity_min: high, emails: [kim@team.example], types: [dark_web]}]\n");
    step(noon_ns);
    put(1, SEVERITY_HIGH, ALERT_STATUS_ACTIVE);
    step(noon_ns);
    assert_int_equal(counts().of[DELIVERY_STATE_PENDING], 2); /* kim, ana */
}

static void a_restart_neither_repeats_nor_forgets(void **state)
{
    (void)state;
    load(team);
    step(noon_ns);
    put(1, SEVERITY_HIGH, ALERT_STATUS_ACTIVE);
    step(noon_ns);
    put(2, SEVERITY_HIGH, ALERT_STATUS_ACTIVE);
    load(team); /* forgets all that is in memory */
    step(noon_ns);
    step(noon_ns);
    assert_int_equal(counts().of[DELIVERY_STATE_PENDING], 2);
    /* As if we had died before the cursor was written. */
    assert_int_equal(changes_cursor_put(store, DELIVER_FOLLOWER, 0, &error), 0);
    step(noon_ns);
    assert_int_equal(result.changes, 2);
    assert_int_equal(counts().of[DELIVERY_STATE_PENDING], 2);
}

static void what_fails_is_tried_again_ever_later_and_then_given_up(void **state)
{
    (void)state;
    int64_t now_ns = noon_ns;
    load(team);
    step(now_ns);
    put(1, SEVERITY_HIGH, ALERT_STATUS_ACTIVE);
    for (unsigned i = 1; i < DELIVER_ATTEMPTS_MAX; i++) {
        step(now_ns);
        assert_int_equal(result.failed, 1);
        step(now_ns + deliver_pause_ns(i) - 1);
        assert_int_equal(result.failed, 0);
        assert_true(deliver_pause_ns(i + 1) >= deliver_pause_ns(i));
        now_ns += deliver_pause_ns(i);
    }
    step(now_ns);
    assert_int_equal(result.dead, 1);
    assert_int_equal(counts().of[DELIVERY_STATE_DEAD], 1);
}

static const char rule[] = "automation: [{name: block, severity_min: medium,"
                           " command: [/usr/local/bin/block, now], runs_per_hour_max: 3}]\n";

static void a_rule_runs_its_program_once_for_each_alert_it_matches(void **state)
{
    (void)state;
    load(rule);
    step(noon_ns);
    put(1, SEVERITY_HIGH, ALERT_STATUS_ACTIVE);
    put(2, SEVERITY_LOW, ALERT_STATUS_ACTIVE);
    step(noon_ns);
    step(noon_ns);
    assert_int_equal(runs, 1);
    assert_string_equal(run_argv, "/usr/local/bin/block now");
    assert_non_null(strstr(run_input, "{\"id\":"));
    assert_int_equal(counts().of[DELIVERY_STATE_DONE], 1);
}

static void a_rule_that_fails_is_not_run_again(void **state)
{
    (void)state;
    load(rule);
    step(noon_ns);
    run_result = -EIO;
    put(1, SEVERITY_HIGH, ALERT_STATUS_ACTIVE);
    step(noon_ns);
    step(noon_ns + 3600 * NS_PER_S);
    assert_int_equal(runs, 1);
    assert_int_equal(counts().of[DELIVERY_STATE_DEAD], 1);
}

static void a_program_that_may_not_be_started_yet_waits(void **state)
{
    (void)state;
    load(rule);
    step(noon_ns);
    run_result = -EPERM;
    put(1, SEVERITY_HIGH, ALERT_STATUS_ACTIVE);
    step(noon_ns);
    assert_int_equal(counts().of[DELIVERY_STATE_PENDING], 1);
    run_result = 0;
    step(noon_ns + 3600 * NS_PER_S);
    assert_int_equal(runs, 2);
    assert_int_equal(counts().of[DELIVERY_STATE_DONE], 1);
}

static void a_rule_is_limited_in_an_hour_which_is_recorded(void **state)
{
    (void)state;
    load(rule);
    step(noon_ns);
    for (unsigned i = 0; i < 5; i++)
        put(i, SEVERITY_HIGH, ALERT_STATUS_ACTIVE);
    step(noon_ns);
    assert_int_equal(runs, 3);
    assert_int_equal(counts().of[DELIVERY_STATE_LIMITED], 2);
    put(9, SEVERITY_HIGH, ALERT_STATUS_ACTIVE);
    step(noon_ns + 3601 * NS_PER_S);
    assert_int_equal(runs, 4);
}

static void a_rule_for_changes_runs_for_each_of_them(void **state)
{
    (void)state;
    struct alert alert;
    size_t changed;
    load("automation: [{name: sync, changed: true, command: [/bin/sync]}]\n");
    step(noon_ns);
    put(1, SEVERITY_HIGH, ALERT_STATUS_ACTIVE);
    step(noon_ns);
    alert_build(&alert, 1);
    const char *const ids[] = {alert.id};
    const struct store_filter filter = {.ids = ids, .id_count = 1};
    struct store_change change = STORE_CHANGE_NONE;
    change.status = ALERT_STATUS_RESOLVED;
    change.actor = "user:kim";
    assert_int_equal(store_set(store, &filter, &change, &changed, &error), 0);
    step(noon_ns);
    step(noon_ns);
    assert_int_equal(runs, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_there_before_the_first_step_is_not_told),
        TEST(an_address_gets_so_many_mails_a_day_and_a_digest_of_the_rest),
        TEST(what_is_dismissed_or_below_the_line_is_not_told),
        TEST(people_are_chosen_by_role_and_the_owner_by_the_inventory),
        TEST(a_restart_neither_repeats_nor_forgets),
        TEST(what_fails_is_tried_again_ever_later_and_then_given_up),
        TEST(a_rule_runs_its_program_once_for_each_alert_it_matches),
        TEST(a_rule_that_fails_is_not_run_again),
        TEST(a_program_that_may_not_be_started_yet_waits),
        TEST(a_rule_is_limited_in_an_hour_which_is_recorded),
        TEST(a_rule_for_changes_runs_for_each_of_them),
    };
    web_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
