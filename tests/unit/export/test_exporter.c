/* test_exporter.c - an exporter delivers every change, however its target behaves, and counts them
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "alert_build.h"
#include "base/clock.h"
#include "export/exporter.h"
#include "store/changes.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LOG_MAX = 64, SCRIPT_MAX = 32 };

/* A target that answers as its script says, record by record, and takes everything after that. */
struct scripted {
    struct sink sink;
    struct exporter *exporter;
    enum sink_verdict script[SCRIPT_MAX];
    unsigned scripted, at;
    unsigned taken, enough; /* stops the exporter once it has taken so many */
    unsigned attempts, attempts_max;
    unsigned wait_s;            /* it asks for */
    const char *const *reasons; /* [attempts] NULL: always the same one */
    unsigned log_count;
    struct {
        char id[ALERT_ID_MAX];
        uint32_t revision;
    } log[LOG_MAX]; /* what it has taken */
};

static struct bench {
    char folder[32];
    char path[64];
    struct store *store;
    struct config_export config;
    struct scripted target;
} bench;

static void target_send(struct sink *sink, const struct sink_record *records, size_t count,
                        struct sink_answer *answers, unsigned *ret_wait_s)
{
    struct scripted *target = (struct scripted *)sink;
    *ret_wait_s = target->wait_s;
    target->attempts++;
    for (size_t i = 0; i < count; i++) {
        enum sink_verdict verdict =
            target->at < target->scripted ? target->script[target->at++] : SINK_TAKEN;
        answers[i].verdict = verdict;
        if (verdict != SINK_TAKEN) {
            snprintf(answers[i].reason, sizeof(answers[i].reason), "%s",
                     target->reasons ? target->reasons[target->attempts - 1]
                                     : "as the script says");
            continue;
        }
        assert_true(records[i].len > 0 && target->log_count < LOG_MAX);
        snprintf(target->log[target->log_count].id, ALERT_ID_MAX, "%s", records[i].id);
        target->log[target->log_count++].revision = records[i].revision;
        target->taken++;
    }
    if (target->taken >= target->enough || target->attempts >= target->attempts_max)
        exporter_stop(target->exporter);
}

static const struct sink_ops ops = {.send = target_send};

static int bench_open(void **state)
{
    (void)state;
    struct error error;
    memset(&bench, 0, sizeof(bench));
    snprintf(bench.folder, sizeof(bench.folder), "/tmp/test_exporter_XXXXXX");
    assert_non_null(mkdtemp(bench.folder));
    snprintf(bench.path, sizeof(bench.path), "%s/a.db", bench.folder);
    bench.config = (struct config_export){
        .name = (char *)"test",
        .dialect = (char *)"",
        .streaming = true,
        .suppressed = true,
        .batch_records = 4,
        .timeout_s = 1,
        .retry_max_s = 1,
        .refusals_max = 2,
    };
    bench.target.sink.ops = &ops;
    bench.target.sink.config = &bench.config;
    bench.target.sink.dialect = &dialects[DIALECT_NATIVE];
    assert_int_equal(store_open(bench.path, STORE_WRITE, NULL, &bench.store, &error), 0);
    assert_int_equal(exports_begin(bench.store, "test", &error), 0);
    return 0;
}

static int bench_close(void **state)
{
    (void)state;
    struct error error;
    char command[96];
    store_close(bench.store, &error);
    snprintf(command, sizeof(command), "rm -r %s", bench.folder);
    return system(command);
}

/* Runs an exporter until the target has taken so many more records, or was asked so often. */
static void run_for(unsigned taken, unsigned attempts)
{
    struct exporter *exporter;
    struct error error;
    const struct exporter_config config = {&bench.config, "", bench.path,
                                           store_writer_direct(bench.store)};
    assert_int_equal(exporter_new(&config, &bench.target.sink, &exporter, &error), 0);
    bench.target.exporter = exporter;
    bench.target.enough = bench.target.taken + taken;
    bench.target.attempts_max = bench.target.attempts + attempts;
    atomic_store(&bench.target.sink.stop, false);
    exporter_run(exporter);
    exporter_free(exporter);
}

static void run_until(unsigned taken)
{
    run_for(taken, 20);
}

static void script(const enum sink_verdict *verdicts, unsigned count)
{
    memcpy(bench.target.script, verdicts, count * sizeof(*verdicts));
    bench.target.scripted = count;
    bench.target.at = 0;
}

static void put(unsigned from, unsigned count, unsigned times)
{
    struct error error;
    struct store_put_result result;
    for (unsigned i = from; i < from + count; i++) {
        struct alert alert;
        alert_build(&alert, i);
        alert.count += times;
        alert.severity = i % 2 ? SEVERITY_HIGH : SEVERITY_LOW;
        const struct alert *const alerts[] = {&alert};
        assert_int_equal(store_put(bench.store, alerts, 1, &result, &error), 0);
    }
}

static struct export_state counters(void)
{
    struct export_state state;
    struct error error;
    assert_int_equal(exports_state(bench.store, "test", &state, &error), 0);
    assert_int_equal(state.changes, state.taken + state.skipped + state.dead + state.pending);
    return state;
}

static void every_change_is_delivered_in_order_and_counted(void **state)
{
    (void)state;
    put(0, 10, 0);
    run_until(10);
    assert_int_equal(bench.target.log_count, 10);
    for (unsigned i = 0; i < 10; i++) {
        struct alert alert;
        alert_build(&alert, i);
        assert_string_equal(bench.target.log[i].id, alert.id);
        assert_int_equal(bench.target.log[i].revision, 1);
    }
    assert_int_equal(counters().taken, 10);
    assert_int_equal(counters().pending, 0);
    assert_true(counters().taken_ns > 0);
}

static void of_an_alert_that_changed_twice_only_the_newest_is_sent(void **state)
{
    (void)state;
    put(0, 1, 0);
    put(0, 1, 1);
    put(0, 1, 2);
    run_until(1);
    assert_int_equal(bench.target.log_count, 1);
    assert_int_equal(bench.target.log[0].revision, 3);
    assert_int_equal(counters().skipped, 2);
}

static void what_is_not_taken_comes_again_and_what_was_taken_does_not(void **state)
{
    (void)state;
    static const enum sink_verdict verdicts[] = {SINK_TAKEN, SINK_AGAIN, SINK_TAKEN, SINK_AGAIN,
                                                 SINK_AGAIN};
    script(verdicts, 5);
    put(0, 3, 0);
    run_until(3);
    assert_int_equal(bench.target.log_count, 3);
    assert_int_equal(bench.target.attempts, 4);
    assert_int_equal(counters().taken, 3);
}

static void a_restart_goes_on_behind_what_was_taken(void **state)
{
    (void)state;
    put(0, 4, 0);
    run_until(4);
    put(4, 2, 0);
    run_until(2);
    assert_int_equal(bench.target.log_count, 6);
    assert_int_equal(counters().taken, 6);
}

static void a_batch_that_is_broken_off_loses_nothing(void **state)
{
    (void)state;
    static const enum sink_verdict verdicts[] = {SINK_TAKEN, SINK_AGAIN, SINK_TAKEN};
    script(verdicts, 3);
    put(0, 3, 0);
    run_until(2); /* stopped while the second record waits */
    assert_int_equal(counters().taken, 1);
    assert_int_equal(counters().pending, 2);
    run_until(2);
    assert_int_equal(counters().taken, 3);
    assert_int_equal(bench.target.log_count, 4); /* the third one twice: the same id and revision */
    assert_string_equal(bench.target.log[1].id, bench.target.log[3].id);
}

static int dead_note(void *context, const struct export_dead *dead)
{
    unsigned *count = context;
    assert_string_equal(dead->reason, "as the script says");
    (*count)++;
    return 0;
}

static void what_is_refused_for_good_waits_until_somebody_sends_it_again(void **state)
{
    (void)state;
    static const enum sink_verdict verdicts[] = {SINK_REFUSED, SINK_TAKEN, SINK_REFUSED};
    struct error error;
    unsigned dead = 0;
    script(verdicts, 3);
    put(0, 2, 0);
    run_for(10, 2); /* refused twice, which is as often as the configuration has it */
    assert_int_equal(exports_dead(bench.store, "test", 0, 10, dead_note, &dead, &error), 0);
    assert_int_equal(dead, 1);
    assert_int_equal(counters().dead, 1);
    assert_int_equal(counters().taken, 1);
    assert_int_equal(exports_ask(bench.store, "test", EXPORT_JOB_REDRIVE, 0, "user:ann", &error),
                     0);
    run_until(1);
    assert_int_equal(counters().dead_now, 0);
    assert_int_equal(counters().job_taken, 1);
    assert_int_equal(counters().taken, 1);
}

static void a_backfill_sends_what_was_there_before_the_export(void **state)
{
    (void)state;
    struct error error;
    put(0, 5, 0);
    assert_int_equal(exports_remove(bench.store, "test", "ana", &error), 0);
    assert_int_equal(exports_begin(bench.store, "test", &error), 0);
    assert_int_equal(counters().changes, 0);
    assert_int_equal(exports_ask(bench.store, "test", EXPORT_JOB_BACKFILL, 0, "user:ann", &error),
                     0);
    put(5, 1, 0);
    run_until(6);
    assert_int_equal(bench.target.log_count, 6);
    assert_int_equal(counters().job_taken, 5);
    assert_int_equal(counters().taken, 1);
}

static void what_the_filter_leaves_out_is_skipped(void **state)
{
    (void)state;
    bench.config.severity_min = SEVERITY_HIGH;
    put(0, 10, 0); /* every other one is of high severity */
    run_until(5);
    assert_int_equal(counters().taken, 5);
    assert_int_equal(counters().skipped + counters().pending, 5);
    assert_true(counters().skipped >= 4);
}

/* Runs it as at the end of the program: what waits is sent once. */
static void run_leaving(void)
{
    struct exporter *exporter;
    struct error error;
    const struct exporter_config config = {&bench.config, "", bench.path,
                                           store_writer_direct(bench.store)};
    assert_int_equal(exporter_new(&config, &bench.target.sink, &exporter, &error), 0);
    bench.target.exporter = exporter;
    bench.target.enough = bench.target.attempts_max = 1000;
    exporter_leave(exporter);
    exporter_run(exporter);
    exporter_free(exporter);
}

static void at_the_end_what_waits_is_sent(void **state)
{
    (void)state;
    put(0, 10, 0); /* more than two batches */
    run_leaving();
    assert_int_equal(counters().taken, 10);
}

static void at_the_end_a_target_that_takes_nothing_is_not_waited_for(void **state)
{
    (void)state;
    static const enum sink_verdict verdicts[] = {SINK_AGAIN, SINK_AGAIN};
    script(verdicts, 2);
    put(0, 2, 0);
    run_leaving();
    assert_int_equal(bench.target.attempts, 1);
    assert_int_equal(counters().pending, 2);
}

static void a_snapshot_alone_lets_changes_pass_by(void **state)
{
    (void)state;
    bench.config.streaming = false;
    bench.config.snapshot_hours = 1;
    put(0, 3, 0);
    run_until(3);
    assert_int_equal(counters().taken, 0);
    assert_int_equal(counters().skipped, 3);
    assert_int_equal(counters().job_taken, 3);
}

static void what_retention_takes_before_it_was_sent_is_told(void **state)
{
    (void)state;
    struct error error;
    size_t deleted;
    put(0, 3, 0);
    put(0, 1, 1); /* two changes of one alert: it is missed once */
    assert_int_equal(store_purge(bench.store, INT64_MAX, &deleted, &error), 0);
    assert_int_equal(deleted, 3);
    assert_int_equal(counters().expired, 3);
    put(5, 1, 0);
    run_until(1);
    assert_int_equal(counters().skipped, 4);
    assert_int_equal(counters().taken, 1);
}

static void what_is_dead_and_gone_is_forgotten_when_it_should_be_sent(void **state)
{
    (void)state;
    static const enum sink_verdict verdicts[] = {SINK_REFUSED, SINK_REFUSED};
    struct error error;
    size_t deleted;
    script(verdicts, 2);
    put(0, 1, 0);
    run_for(10, 2);
    assert_int_equal(counters().dead_now, 1);
    assert_int_equal(store_purge(bench.store, INT64_MAX, &deleted, &error), 0);
    assert_int_equal(exports_ask(bench.store, "test", EXPORT_JOB_REDRIVE, 0, "user:ann", &error),
                     0);
    put(1, 1, 0);
    run_until(1);
    run_leaving();
    assert_int_equal(counters().dead, 1);
}

static void rule_sets_choose_alerts(void **state)
{
    (void)state;
    struct config_rule rule = {.property = (char *)"severity",
                               .operator=(char *) "GreaterThanOrEqualTo",
                               .value = (char *)"High",
                               .type = (char *)"String"};
    struct config_rule_set set = {.rules = {&rule, 1}};
    bench.config.rule_sets = (struct config_rule_set_list){&set, 1};
    put(0, 10, 0);
    run_leaving();
    assert_int_equal(counters().taken, 5);
    assert_int_equal(counters().skipped, 5);
}

static void a_rule_that_makes_no_sense_is_refused_by_name(void **state)
{
    (void)state;
    struct config_rule rule = {.property = (char *)"severity",
                               .operator=(char *) "Resembles",
                               .value = (char *)"High",
                               .type = (char *)"String"};
    struct config_rule_set set = {.rules = {&rule, 1}};
    bench.config.rule_sets = (struct config_rule_set_list){&set, 1};
    struct exporter *exporter;
    struct error error;
    const struct exporter_config config = {&bench.config, "", bench.path,
                                           store_writer_direct(bench.store)};
    assert_int_equal(exporter_new(&config, &bench.target.sink, &exporter, &error), -EINVAL);
    assert_non_null(strstr(error.text, "export test: rule_sets"));
    assert_non_null(strstr(error.text, "Resembles"));
}

static void *runs(void *arg)
{
    exporter_run(arg);
    return NULL;
}

/* A writer that fails so often, as one whose disk is full. */
static unsigned failures_left;

static int failing_write(void *arg, store_write_fn fn, void *fn_arg, struct error *error)
{
    if (failures_left > 0) {
        failures_left--;
        return error_set(error, -ENOSPC, "the disk is full");
    }
    return fn(fn_arg, arg, error);
}

static void a_store_that_fails_is_waited_for_and_nothing_is_sent_twice(void **state)
{
    (void)state;
    struct exporter *exporter;
    struct error error;
    pthread_t thread;
    const struct exporter_config config = {
        &bench.config, "", bench.path, {failing_write, bench.store}};
    put(0, 2, 0);
    assert_int_equal(exporter_new(&config, &bench.target.sink, &exporter, &error), 0);
    bench.target.exporter = exporter;
    bench.target.enough = bench.target.attempts_max = 1000;
    failures_left = 1;
    assert_int_equal(pthread_create(&thread, NULL, runs, exporter), 0);
    struct exporter_vitals vitals = {.is_known = false};
    while (vitals.state.taken < 2) {
        usleep(10000);
        exporter_vitals(exporter, &vitals);
    }
    exporter_stop(exporter);
    pthread_join(thread, NULL);
    exporter_free(exporter);
    assert_int_equal(bench.target.attempts, 1);
    assert_int_equal(counters().taken, 2);
}

static void a_failure_is_told_once_however_long_each_attempt_took(void **state)
{
    (void)state;
    static const char *const reasons[] = {
        "no answer after 1000 ms, 0 bytes",
        "no answer after 998 ms, 0 bytes",
        "no answer after 1 ms, 7 bytes",
        "timed out after 7 milliseconds",
        "timed out after 12 milliseconds",
        "status 500",
        "status 503",
    };
    static const unsigned told[] = {0, 0, 2, 3, 3, 5, 6};
    const enum sink_verdict always[SCRIPT_MAX] = {SINK_AGAIN};
    bench.target.reasons = reasons;
    bench.config.retry_max_s = 0;
    put(0, 1, 0);
    for (unsigned i = 0; i < sizeof(told) / sizeof(*told); i++) {
        struct export_state found;
        struct error error;
        script(always, SCRIPT_MAX);
        bench.target.attempts = 0;
        run_for(1, i + 1);
        assert_int_equal(exports_state(bench.store, "test", &found, &error), 0);
        assert_string_equal(found.failure, reasons[told[i]]);
    }
}

static void a_target_that_says_when_to_come_again_is_believed(void **state)
{
    (void)state;
    const enum sink_verdict once[] = {SINK_AGAIN};
    bench.config.retry_max_s = 0;
    bench.target.wait_s = 1;
    put(0, 1, 0);
    script(once, 1);
    int64_t began_ns = clock_now_ns();
    run_until(1);
    assert_int_equal(bench.target.attempts, 2);
    assert_true(clock_now_ns() - began_ns >= NS_PER_S * 9 / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define STORY(name) cmocka_unit_test_setup_teardown(name, bench_open, bench_close)
        STORY(every_change_is_delivered_in_order_and_counted),
        STORY(of_an_alert_that_changed_twice_only_the_newest_is_sent),
        STORY(what_is_not_taken_comes_again_and_what_was_taken_does_not),
        STORY(a_restart_goes_on_behind_what_was_taken),
        STORY(a_batch_that_is_broken_off_loses_nothing),
        STORY(what_is_refused_for_good_waits_until_somebody_sends_it_again),
        STORY(a_backfill_sends_what_was_there_before_the_export),
        STORY(what_the_filter_leaves_out_is_skipped),
        STORY(at_the_end_what_waits_is_sent),
        STORY(at_the_end_a_target_that_takes_nothing_is_not_waited_for),
        STORY(a_snapshot_alone_lets_changes_pass_by),
        STORY(what_retention_takes_before_it_was_sent_is_told),
        STORY(what_is_dead_and_gone_is_forgotten_when_it_should_be_sent),
        STORY(rule_sets_choose_alerts),
        STORY(a_rule_that_makes_no_sense_is_refused_by_name),
        STORY(a_store_that_fails_is_waited_for_and_nothing_is_sent_twice),
        STORY(a_failure_is_told_once_however_long_each_attempt_took),
        STORY(a_target_that_says_when_to_come_again_is_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
