/* test_command.c - programs get what they should and no more, and end when their time is over
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "respond/command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LONG_MS = 60000 };

static struct command_result result;

static int run_with(const char *const argv[], const char *input, size_t len, unsigned timeout_ms)
{
    struct error error = {""};
    struct command command = {argv, input, len, timeout_ms};
    return command_execute(&command, &result, &error);
}

/* The tests' programs are shell scripts; what runs them is no shell. */
static void script_on(const char *text, const char *input, size_t len, unsigned timeout_ms)
{
    const char *const argv[] = {"/bin/sh", "-c", text, NULL};
    assert_int_equal(run_with(argv, input, len, timeout_ms), 0);
}

static void script(const char *text)
{
    script_on(text, NULL, 0, LONG_MS);
}

static void status_and_output_come_back(void **state)
{
    (void)state;
    script("echo out; echo err >&2; exit 3");
    assert_int_equal(result.status, 3);
    assert_string_equal(result.output, "out\nerr\n");
    assert_false(result.timed_out);
    script("kill -9 $$");
    assert_int_equal(result.status, 128 + SIGKILL);
}

static void arguments_are_no_shell_text(void **state)
{
    (void)state;
    const char *const argv[] = {"/bin/echo", "$(id); `id` > /x", "a  b", "", NULL};
    assert_int_equal(run_with(argv, NULL, 0, LONG_MS), 0);
    assert_string_equal(result.output, "$(id); `id` > /x a  b \n");
}

static void it_reads_all_of_its_input(void **state)
{
    (void)state;
    enum { BYTES = 1 << 20 };
    char *input = malloc(BYTES);
    memset(input, 'x', BYTES);
    script_on("wc -c", input, BYTES, LONG_MS);
    assert_int_equal(atoi(result.output), BYTES);
    script_on("exit 0", input, BYTES, LONG_MS); /* reads nothing: neither SIGPIPE nor an error */
    assert_int_equal(result.status, 0);
    free(input);
}

static void much_output_is_read_and_cut(void **state)
{
    (void)state;
    script("head -c 1000000 /dev/zero | tr '\\0' y");
    assert_int_equal(result.status, 0);
    assert_true(result.truncated);
    assert_int_equal(result.output_len, COMMAND_OUTPUT_MAX);
    assert_int_equal(strlen(result.output), COMMAND_OUTPUT_MAX);
}

static void environment_and_open_files_stay_here(void **state)
{
    (void)state;
    int fd = open("/dev/null", O_RDONLY); /* without O_CLOEXEC */
    assert_true(fd >= 0);
    setenv("DNSVIGIL_TEST_SECRET", "secret", 1);
    script("env; ls /proc/self/fd | tr '\\n' ' '");
    assert_null(strstr(result.output, "secret"));
    assert_non_null(strstr(result.output, "PATH=/usr/local/sbin"));
    assert_non_null(strstr(result.output, "0 1 2 3 ")); /* 3 is the folder that ls reads */
    assert_null(strstr(result.output, " 4 "));
    unsetenv("DNSVIGIL_TEST_SECRET");
    close(fd);
}

static void signals_that_we_ignore_work_in_it(void **state)
{
    (void)state;
    void (*before)(int) = signal(SIGTERM, SIG_IGN);
    script("kill -TERM $$; exit 0");
    assert_int_equal(result.status, 128 + SIGTERM);
    signal(SIGTERM, before);
}

static void its_group_is_killed_when_the_time_is_over(void **state)
{
    (void)state;
    struct error error = {""};
    const char *const argv[] = {"/bin/sh", "-c", "sleep 1000 & echo $!; wait", NULL};
    struct command command = {.argv = argv, .timeout_ms = 500};
    assert_int_equal(command_execute(&command, &result, &error), 0);
    assert_true(result.timed_out);
    assert_int_equal(command_judge(&command, &result, &error), -ETIME);
    pid_t grandchild = (pid_t)atoi(result.output);
    assert_true(grandchild > 1);
    for (int i = 0; i < 1000 && kill(grandchild, 0) == 0; i++)
        usleep(10000); /* until init has taken it */
    assert_int_equal(kill(grandchild, 0), -1);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nothing is left to wait for */
    assert_int_equal(errno, ECHILD);
}

static void what_it_leaves_behind_is_ended(void **state)
{
    (void)state;
    script("sleep 1000 & echo $!"); /* which keeps the pipe open: we do not wait for it */
    assert_false(result.timed_out);
    pid_t grandchild = (pid_t)atoi(result.output);
    for (int i = 0; i < 1000 && kill(grandchild, 0) == 0; i++)
        usleep(10000);
    assert_int_equal(kill(grandchild, 0), -1);
}

static void what_cannot_be_started_says_why(void **state)
{
    (void)state;
    const char *const argv[] = {"/nonexistent/program", NULL};
    struct error error = {""};
    struct command command = {.argv = argv, .timeout_ms = LONG_MS};
    assert_int_equal(command_execute(&command, &result, &error), -ENOENT);
    assert_non_null(strstr(error.text, "/nonexistent/program: cannot be started: No such file"));
    const char *const folder[] = {"/tmp", NULL};
    command.argv = folder;
    assert_int_equal(command_execute(&command, &result, &error), -EACCES);
}

static void a_failure_is_told_with_its_first_line(void **state)
{
    (void)state;
    const char *const argv[] = {"/bin/sh", "-c", "echo bad zone; echo more; exit 1", NULL};
    struct error error = {""};
    struct command command = {.argv = argv, .timeout_ms = LONG_MS};
    assert_int_equal(command_execute(&command, &result, &error), 0);
    assert_int_equal(command_judge(&command, &result, &error), -EREMOTEIO);
    assert_string_equal(error.text, "/bin/sh: ended with status 1: bad zone");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_and_output_come_back),
        cmocka_unit_test(arguments_are_no_shell_text),
        cmocka_unit_test(it_reads_all_of_its_input),
        cmocka_unit_test(much_output_is_read_and_cut),
        cmocka_unit_test(environment_and_open_files_stay_here),
        cmocka_unit_test(signals_that_we_ignore_work_in_it),
        cmocka_unit_test(its_group_is_killed_when_the_time_is_over),
        cmocka_unit_test(what_it_leaves_behind_is_ended),
        cmocka_unit_test(what_cannot_be_started_says_why),
        cmocka_unit_test(a_failure_is_told_with_its_first_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
