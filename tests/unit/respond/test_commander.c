/* test_commander.c - jobs are run from within a sandbox, those that were configured and no others
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "respond/automation.h"
#include "respond/commander.h"
#include "respond/isolation.h"

#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/commander-XXXXXX";
static struct config *config;
static struct commander *commander;
static struct error error;

static int setup(void **state)
{
    (void)state;
    char text[1024];
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(text, sizeof(text),
             "isolation:\n"
             "  targets:\n"
             "    - {name: a, type: rpz, path: %s/a, command: [/bin/sh, -c, 'echo ran; exit 0']}\n"
             "    - {name: b, type: rpz, path: %s/b, command: [/bin/false]}\n"
             "    - {name: c, type: rpz, path: %s/c}\n"
             "automation:\n"
             "  - {name: hook, webhook: {url: 'https://example.com/'}}\n"
             "  - {name: count, command: [/usr/bin/wc, -c]}\n",
             folder, folder, folder);
    assert_int_equal(config_load_text("t.yaml", text, strlen(text), &config, &error), 0);
    assert_int_equal(commander_open(config, COMMANDER_ISOLATION, &commander, &error), 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "b", "c"};
    commander_close(commander);
    config_free(config);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        char path[64];
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        unlink(path);
    }
    return rmdir(folder);
}

static int run(unsigned target, const char *bytes, struct command_result *result)
{
    struct configured_job job;
    struct job_runner runner = commander_runner(commander);
    isolation_job_init(&job, &config->isolation.targets.items[target]);
    return runner.run(runner.arg, &job.job, bytes, strlen(bytes), result, &error);
}

static bool file_is(const char *name, const char *want)
{
    char path[64], got[64] = "";
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    size_t len = file ? fread(got, 1, sizeof(got) - 1, file) : 0;
    if (file)
        fclose(file);
    return len == strlen(want) && strcmp(got, want) == 0;
}

static void it_does_as_job_run_does(void **state)
{
    (void)state;
    struct command_result result;
    assert_int_equal(run(0, "one", &result), 0);
    assert_string_equal(result.output, "ran\n");
    assert_true(file_is("a", "one"));
    assert_int_equal(run(1, "two", &result), -EREMOTEIO);
    assert_non_null(strstr(error.text, "/bin/false: ended with status 1"));
    assert_true(file_is("b", ""));
    assert_int_equal(run(2, "three", &result), 0);
    assert_true(file_is("c", "three"));
}

static void other_jobs_are_refused(void **state)
{
    (void)state;
    struct command_result result;
    const char *const argv[] = {"/bin/sh", "-c", "id", NULL};
    struct configured_job job;
    struct job_runner runner = commander_runner(commander);
    isolation_job_init(&job, &config->isolation.targets.items[0]);
    job.job.argv = argv;
    assert_int_equal(runner.run(runner.arg, &job.job, "x", 1, &result, &error), -EPERM);
    assert_non_null(strstr(error.text, "restart it"));
    isolation_job_init(&job, &config->isolation.targets.items[0]);
    job.argv[3] = "more";
    assert_int_equal(runner.run(runner.arg, &job.job, "x", 1, &result, &error), -EPERM);
    isolation_job_init(&job, &config->isolation.targets.items[0]);
    job.job.path = "/tmp/elsewhere";
    assert_int_equal(runner.run(runner.arg, &job.job, "x", 1, &result, &error), -EPERM);
    assert_true(file_is("a", ""));
}

/* In a process that may neither start programs nor open files to write, as the daemon's sandbox. */
static void it_works_from_where_nothing_may_be_started(void **state)
{
    (void)state;
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        struct command_result result;
        scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
        seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(execve), 0);
        seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(openat), 0);
        seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(rename), 0);
        seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(socket), 0);
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        if (seccomp_load(filter) != 0)
            _exit(2);
        _exit(run(0, "from inside", &result) == 0 ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_true(file_is("a", "from inside"));
}

static void files_of_jobs_are_read(void **state)
{
    (void)state;
    struct command_result result;
    struct configured_job job;
    struct job_runner runner = commander_runner(commander);
    char *back = NULL;
    size_t len = 0;
    isolation_job_init(&job, &config->isolation.targets.items[0]);
    assert_int_equal(runner.read(runner.arg, &job.job, &back, &len, &error), 0);
    assert_int_equal(len, 0); /* it is not there yet */
    free(back);
    assert_int_equal(run(0, "as it is", &result), 0);
    assert_int_equal(runner.read(runner.arg, &job.job, &back, &len, &error), 0);
    assert_int_equal(len, 8);
    assert_memory_equal(back, "as it is", 8);
    free(back);
    job.job.path = "/etc/passwd";
    assert_int_equal(runner.read(runner.arg, &job.job, &back, &len, &error), -EPERM);
}

static void rules_have_their_programs_run_by_another(void **state)
{
    (void)state;
    struct command_result result;
    struct configured_job job, isolation;
    struct commander *automation;
    assert_int_equal(commander_open(config, COMMANDER_AUTOMATION, &automation, &error), 0);
    struct job_runner runner = commander_runner(automation);
    automation_job_init(&job, &config->automation.items[1]);
    assert_int_equal(runner.run(runner.arg, &job.job, "12345", 5, &result, &error), 0);
    assert_string_equal(result.output, "5\n");
    isolation_job_init(&isolation, &config->isolation.targets.items[2]);
    assert_int_equal(runner.run(runner.arg, &isolation.job, "x", 1, &result, &error), -EPERM);
    commander_close(automation);
}

static void without_work_there_is_no_process(void **state)
{
    (void)state;
    struct commander *none = commander;
    struct config *empty;
    assert_int_equal(config_load_text("t.yaml", "sensor: x\n", 10, &empty, &error), 0);
    assert_int_equal(commander_open(empty, COMMANDER_AUTOMATION, &none, &error), 0);
    assert_null(none);
    config_free(empty);
}

static void large_files_come_whole(void **state)
{
    (void)state;
    struct command_result result;
    struct configured_job job;
    struct job_runner runner = commander_runner(commander);
    char *bytes = calloc(1, JOB_BYTES_MAX + 1);
    char *back = NULL;
    size_t len = 0;
    memset(bytes, 'x', JOB_BYTES_MAX);
    isolation_job_init(&job, &config->isolation.targets.items[2]);
    assert_int_equal(runner.run(runner.arg, &job.job, bytes, JOB_BYTES_MAX, &result, &error), 0);
    assert_int_equal(job_file_read(&job.job, &back, &len, &error), 0);
    assert_int_equal(len, JOB_BYTES_MAX);
    assert_memory_equal(back, bytes, len);
    assert_int_equal(runner.run(runner.arg, &job.job, bytes, JOB_BYTES_MAX + 1, &result, &error),
                     -EFBIG);
    free(back);
    free(bytes);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_does_as_job_run_does),
        TEST(other_jobs_are_refused),
        TEST(it_works_from_where_nothing_may_be_started),
        TEST(files_of_jobs_are_read),
        TEST(rules_have_their_programs_run_by_another),
        TEST(without_work_there_is_no_process),
        TEST(large_files_come_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
