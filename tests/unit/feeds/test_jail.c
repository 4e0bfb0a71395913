/* test_jail.c - what runs in the jail reaches its output and nothing else
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "feeds/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct jail_limits limits = {.memory_bytes = 256 << 20, .cpu_s = 10, .wall_s = 20};

static int run(const struct jail_limits *limit, jail_fn work, char text[static 32],
               struct error *error)
{
    enum sandbox_level level;
    int fd = memfd_create("test", MFD_CLOEXEC);
    assert_true(fd >= 0);
    int r = jail_run(limit, work, NULL, -1, fd, &level, error);
    ssize_t got = pread(fd, text, 31, 0);
    text[got > 0 ? got : 0] = 0;
    close(fd);
    assert_true(level < SANDBOX_COUNT);
    return r;
}

static void say(int fd, const char *text)
{
    if (write(fd, text, strlen(text)) < 0)
        _exit(9);
}

static void answers(void *arg, int fd)
{
    (void)arg;
    say(fd, "done");
}

static void crashes(void *arg, int fd)
{
    (void)arg;
    (void)fd;
    raise(SIGKILL);
    _exit(0);
}

static void aborts(void *arg, int fd)
{
    (void)arg;
    say(fd, "half");
    abort();
}

static void hangs(void *arg, int fd)
{
    (void)arg;
    (void)fd;
    for (volatile unsigned i = 0;; i++)
        ;
}

static void connects(void *arg, int fd)
{
    (void)arg;
    int out = socket(AF_INET, SOCK_STREAM, 0);
    say(fd, out >= 0 ? "connected" : "no socket");
}

static void executes(void *arg, int fd)
{
    (void)arg;
    char *argv[] = {NULL};
    execve("/bin/true", argv, argv);
    say(fd, "still here");
}

static void opens(void *arg, int fd)
{
    (void)arg;
    int other = open("/etc/passwd", O_RDONLY);
    say(fd, other < 0 ? "no file" : "file");
}

static void eats(void *arg, int fd)
{
    (void)arg;
    void *volatile meal = malloc((size_t)1 << 30); /* else compilers leave it out */
    say(fd, meal ? "fed" : "hungry");
    free(meal);
}

static void what_work_writes_comes_out(void **state)
{
    (void)state;
    char text[32];
    struct error error;
    assert_int_equal(run(&limits, answers, text, &error), 0);
    assert_string_equal(text, "done");
}

static void a_crash_is_told_and_not_ours(void **state)
{
    (void)state;
    static const jail_fn cases[] = {crashes, aborts};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char text[32];
        struct error error = {""};
        assert_int_equal(run(&limits, cases[i], text, &error), -EFAULT);
        assert_true(error.text[0] != 0);
    }
}

static void work_that_never_ends_is_ended(void **state)
{
    (void)state;
    struct jail_limits wall = limits, cpu = limits;
    char text[32];
    struct error error;
    wall.wall_s = 1;
    assert_int_equal(run(&wall, hangs, text, &error), -ETIME);
    cpu.cpu_s = 1;
    assert_true(run(&cpu, hangs, text, &error) < 0);
}

static void files_network_and_programs_are_out_of_reach(void **state)
{
    (void)state;
    char text[32];
    struct error error;
    assert_int_equal(run(&limits, connects, text, &error), -EFAULT);
    assert_string_not_equal(text, "connected");
    assert_int_equal(run(&limits, executes, text, &error), -EFAULT);
    assert_int_equal(run(&limits, opens, text, &error), 0);
    assert_string_equal(text, "no file");
}

/* The jail's own limits must not keep it from using what the kernel has. */
static void landlock_is_used_where_the_kernel_has_it(void **state)
{
    (void)state;
    struct error error;
    enum sandbox_level level;
    long version = syscall(444, NULL, 0, 1); /* landlock_create_ruleset, asking for its version */
    int fd = memfd_create("test", MFD_CLOEXEC);
    assert_int_equal(jail_run(&limits, answers, NULL, -1, fd, &level, &error), 0);
    assert_int_equal(level == SANDBOX_LANDLOCK, version >= 1);
    close(fd);
}

static void memory_is_limited(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__)
    skip();
#endif
    char text[32];
    struct error error;
    assert_int_equal(run(&limits, eats, text, &error), 0);
    assert_string_equal(text, "hungry");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_work_writes_comes_out),
        cmocka_unit_test(a_crash_is_told_and_not_ours),
        cmocka_unit_test(work_that_never_ends_is_ended),
        cmocka_unit_test(files_network_and_programs_are_out_of_reach),
        cmocka_unit_test(landlock_is_used_where_the_kernel_has_it),
        cmocka_unit_test(memory_is_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
