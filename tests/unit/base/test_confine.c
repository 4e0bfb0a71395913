/* test_confine.c - a confined process keeps what it was left and nothing else
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "base/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { UNAVAILABLE = 77 };

/* Runs in a child and ends it with 0 or the number of what went wrong. */
typedef int (*child_fn)(const char *folder);

static int run(child_fn work, const char *folder)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        _exit(work(folder));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static bool can_open(const char *folder, const char *name, int flags)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    int fd = open(path, flags | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static int keeps_named_folders(const char *folder)
{
    char open_folder[PATH_MAX], shut_folder[PATH_MAX];
    snprintf(open_folder, sizeof(open_folder), "%s/open", folder);
    snprintf(shut_folder, sizeof(shut_folder), "%s/shut", folder);
    const struct confine_path paths[] = {{open_folder, true},
                                         {shut_folder, false},
                                         {"/nowhere/at/all", false},
                                         {"/etc/passwd", false}};
    if (!confine_files(paths, sizeof(paths) / sizeof(*paths), false))
        return UNAVAILABLE;
    if (!can_open(folder, "open/new", O_CREAT | O_RDWR | O_TRUNC))
        return 1;
    if (can_open(folder, "shut/new", O_CREAT | O_RDWR) || can_open(folder, "shut/old", O_RDWR))
        return 2;
    if (!can_open(folder, "shut/old", O_RDONLY) || !can_open("/etc", "passwd", O_RDONLY))
        return 3;
    return can_open("/etc", "group", O_RDONLY) || can_open(folder, "beside", O_CREAT | O_RDWR) ? 4
                                                                                               : 0;
}

static int refuses_other_calls(const char *folder)
{
    /* The last ones are for the address sanitizer's way out. */
    static const int allowed[] = {SCMP_SYS(write), SCMP_SYS(exit_group), SCMP_SYS(mmap),
                                  SCMP_SYS(munmap), SCMP_SYS(sigaltstack)};
    static const int refused[] = {SCMP_SYS(openat)};
    const struct confine_calls calls = {.allowed = allowed,
                                        .allowed_count = sizeof(allowed) / sizeof(*allowed),
                                        .refused = refused,
                                        .refused_count = 1};
    if (!confine_calls(&calls))
        return UNAVAILABLE;
    if (open(folder, O_RDONLY) >= 0 || errno != EACCES)
        return 1;
    if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != EPERM)
        return 2;
    return write(STDERR_FILENO, "", 0) == 0 ? 0 : 3;
}

static int is_killed_by_other_calls(const char *folder)
{
    (void)folder;
    static const int allowed[] = {SCMP_SYS(exit_group)};
    if (!confine_calls(
            &(struct confine_calls){.allowed = allowed, .allowed_count = 1, .kills = true}))
        return UNAVAILABLE;
    syscall(SYS_getppid);
    return 1;
}

static void file_make(const char *folder, const char *name)
{
    assert_true(can_open(folder, name, O_CREAT | O_RDWR));
}

static void files_that_were_not_named_are_out_of_reach(void **state)
{
    (void)state;
    char folder[] = "/tmp/dnsvigil-confine-XXXXXX", command[PATH_MAX];
    assert_non_null(mkdtemp(folder));
    snprintf(command, sizeof(command), "mkdir %s/open %s/shut", folder, folder);
    assert_int_equal(system(command), 0);
    file_make(folder, "shut/old");
    int result = run(keeps_named_folders, folder);
    snprintf(command, sizeof(command), "rm -r %s", folder);
    assert_int_equal(system(command), 0);
    if (result == UNAVAILABLE)
        skip();
    assert_int_equal(result, 0);
}

static void calls_that_were_not_named_fail(void **state)
{
    (void)state;
    int result = run(refuses_other_calls, "/");
    if (result == UNAVAILABLE)
        skip();
    assert_int_equal(result, 0);
}

static void calls_that_were_not_named_kill_where_asked(void **state)
{
    (void)state;
    int result = run(is_killed_by_other_calls, "/");
    if (result == UNAVAILABLE)
        skip();
    assert_int_equal(result, -SIGSYS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_that_were_not_named_are_out_of_reach),
        cmocka_unit_test(calls_that_were_not_named_fail),
        cmocka_unit_test(calls_that_were_not_named_kill_where_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
