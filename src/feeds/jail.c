/* jail.c - runs a function in a child process that can compute and write to one file, and no more
 * SPDX-License-Identifier: Apache-2.0 */
#include "feeds/jail.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#endif
#ifndef UNDER_ASAN
#define UNDER_ASAN 0
#endif

static void limit_set(int resource, rlim_t value)
{
    setrlimit((__rlimit_resource_t)resource, &(struct rlimit){value, value});
}

/* Bytes of address space in use. */
static size_t memory_now(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return 0;
    if (fscanf(file, "%lu", &pages) != 1)
        pages = 0;
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* `now` is what memory_now() said while /proc could still be read. */
static void limits_apply(const struct jail_limits *limits, size_t now)
{
    if (!UNDER_ASAN && now)
        limit_set(RLIMIT_AS, now + limits->memory_bytes);
    limit_set(RLIMIT_CPU, limits->cpu_s);
    limit_set(RLIMIT_FSIZE, limits->memory_bytes);
    limit_set(RLIMIT_CORE, 0);
    limit_set(RLIMIT_NPROC, 0);
    limit_set(RLIMIT_NOFILE, 0);
}

static bool calls_confine(void)
{
    static const int allowed[] = {
        SCMP_SYS(read),          SCMP_SYS(write),       SCMP_SYS(lseek),
        SCMP_SYS(fstat),         SCMP_SYS(newfstatat),  SCMP_SYS(close),
        SCMP_SYS(ftruncate),     SCMP_SYS(brk),         SCMP_SYS(mmap),
        SCMP_SYS(munmap),        SCMP_SYS(mremap),      SCMP_SYS(madvise),
        SCMP_SYS(mprotect),      SCMP_SYS(futex),       SCMP_SYS(getrandom),
        SCMP_SYS(getpid),        SCMP_SYS(gettid),      SCMP_SYS(tgkill),
        SCMP_SYS(exit_group),    SCMP_SYS(exit),        SCMP_SYS(rt_sigreturn),
        SCMP_SYS(clock_gettime), SCMP_SYS(sched_yield), SCMP_SYS(rt_sigprocmask),
        SCMP_SYS(rt_sigaction),  SCMP_SYS(sigaltstack),
    };
    /* Libraries that look for a file in passing take no for an answer. */
    static const int refused[] = {SCMP_SYS(openat)};
    return confine_calls(&(struct confine_calls){
        .allowed = allowed,
        .allowed_count = sizeof(allowed) / sizeof(*allowed),
        .refused = refused,
        .refused_count = sizeof(refused) / sizeof(*refused),
        .kills = true,
    });
}

static enum sandbox_level sandbox_apply(const struct jail_limits *limits)
{
    /* Landlock comes first, for it needs a file descriptor. */
    size_t now = memory_now();
    bool unprivileged = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
    bool no_files = unprivileged && confine_files(NULL, 0, false);
    limits_apply(limits, now);
    if (!unprivileged || !calls_confine())
        return SANDBOX_LIMITS;
    return no_files ? SANDBOX_LANDLOCK : SANDBOX_SECCOMP;
}

static int fd_compare(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* Leaves open standard error and the three given ones. */
static void files_close(int in_fd, int out_fd, int level_fd)
{
    int kept[] = {in_fd, STDERR_FILENO, out_fd, level_fd};
    int from = 0;
    qsort(kept, sizeof(kept) / sizeof(*kept), sizeof(*kept), fd_compare);
    for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++) {
        if (kept[i] > from)
            close_range((unsigned)from, (unsigned)kept[i] - 1, 0);
        from = kept[i] + 1;
    }
    close_range((unsigned)from, ~0u, 0);
}

_Noreturn static void child(const struct jail_limits *limits, jail_fn work, void *arg, int in_fd,
                            int out_fd, int level_fd)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    files_close(in_fd, out_fd, level_fd);
    uint8_t level = (uint8_t)sandbox_apply(limits);
    if (write(level_fd, &level, 1) == 1)
        work(arg, out_fd);
    _exit(0);
}

/* Waits until the other end of the pipe is closed, which the child's end does. */
static bool child_wait(int level_fd, unsigned wall_s, enum sandbox_level *ret_level)
{
    struct timespec began, now;
    clock_gettime(CLOCK_MONOTONIC, &began);
    for (;;) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        int64_t spent_ms =
            (now.tv_sec - began.tv_sec) * 1000 + (now.tv_nsec - began.tv_nsec) / NS_PER_MS;
        int64_t left_ms = (int64_t)wall_s * 1000 - spent_ms;
        struct pollfd ready = {.fd = level_fd, .events = POLLIN};
        if (left_ms <= 0 || poll(&ready, 1, (int)left_ms) == 0)
            return false;
        uint8_t level;
        ssize_t got = read(level_fd, &level, 1);
        if (got == 1 && level < SANDBOX_COUNT)
            *ret_level = (enum sandbox_level)level;
        else if (got == 0)
            return true;
    }
}

static int status_judge(int status, struct error *error)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    if (WIFEXITED(status))
        return error_set(error, -EFAULT, "reading it ended with status %d", WEXITSTATUS(status));
    int number = WTERMSIG(status);
    if (number == SIGXCPU)
        return error_set(error, -ETIME, "reading it took too much processor time");
    if (number == SIGSYS)
        return error_set(error, -EFAULT,
                         "its reader tried what readers of lists never do, and was stopped");
    return error_set(error, -EFAULT, "reading it crashed (signal %d, %s)", number,
                     strsignal(number));
}

int jail_run(const struct jail_limits *limits, jail_fn work, void *arg, int in_fd, int out_fd,
             enum sandbox_level *ret_level, struct error *error)
{
    int ends[2];
    int status;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_set(error, -errno, "no pipe to a child process: %s", strerror(errno));
    *ret_level = SANDBOX_LIMITS;
    pid_t pid = fork();
    if (pid == 0)
        child(limits, work, arg, in_fd, out_fd, ends[1]);
    int failure = errno;
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return error_set(error, -failure, "no child process: %s", strerror(failure));
    }
    bool ended = child_wait(ends[0], limits->wall_s, ret_level);
    if (!ended)
        kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    close(ends[0]);
    return ended ? status_judge(status, error)
                 : error_set(error, -ETIME, "reading it took more than %u s", limits->wall_s);
}
