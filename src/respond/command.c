/* command.c - runs a configured program: an argument vector, never a shell, for a limited time
 * SPDX-License-Identifier: Apache-2.0 */
#include "respond/command.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { STATUS_CANNOT = 127, PAUSE_MS = 20, WORDS_MAX = 160 };

/* Pipes to and from the program: [0] is the end that is read. */
struct pipes {
    int in[2];
    int out[2];
    int failure[2]; /* carries errno when the program cannot be executed, closed by execve() */
};

static void close_one(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void pipes_close(struct pipes *pipes)
{
    int *const all[] = {pipes->in, pipes->out, pipes->failure};
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        close_one(&all[i][0]);
        close_one(&all[i][1]);
    }
}

static int pipes_open(struct pipes *pipes, struct error *error)
{
    *pipes = (struct pipes){{-1, -1}, {-1, -1}, {-1, -1}};
    if (pipe2(pipes->in, O_CLOEXEC) == 0 && pipe2(pipes->out, O_CLOEXEC) == 0 &&
        pipe2(pipes->failure, O_CLOEXEC) == 0)
        return 0;
    int failure = errno;
    pipes_close(pipes);
    return error_set(error, -failure, "no pipe to a program: %s", strerror(failure));
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / NS_PER_MS;
}

/* What we catch or ignore must not be so in the program: SIGPIPE ignored, say, changes many. */
static void signals_default(void)
{
    sigset_t none;
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Between fork() and execve() other threads' locks may be held: only system calls are made. */
_Noreturn static void child(const struct command *command, const struct pipes *pipes)
{
    static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    static char locale[] = "LC_ALL=C.UTF-8";
    char *const environment[] = {path, locale, NULL};
    setpgid(0, 0);
    signals_default();
    /* Higher than what follows overwrites, for one of ours may be 0, 1 or 2. */
    int in = fcntl(pipes->in[0], F_DUPFD_CLOEXEC, 10);
    int out = fcntl(pipes->out[1], F_DUPFD_CLOEXEC, 10);
    int failure = fcntl(pipes->failure[1], F_DUPFD_CLOEXEC, 10);
    if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 &&
        dup2(out, STDERR_FILENO) >= 0 && dup2(failure, 3) >= 0 &&
        fcntl(3, F_SETFD, FD_CLOEXEC) == 0 && close_range(4, ~0u, 0) == 0)
        execve(command->argv[0], (char *const *)command->argv, environment);
    int why = errno;
    ssize_t told = write(3, &why, sizeof(why));
    _exit(told == sizeof(why) ? STATUS_CANNOT : STATUS_CANNOT - 1);
}

/* One round of writing what it still wants to read, and reading what it printed. */
struct talk {
    const struct command *command;
    struct command_result *result;
    struct pipes *pipes;
    size_t written;
};

static void talk_write(struct talk *talk)
{
    size_t left = talk->command->input_len - talk->written;
    ssize_t n =
        left ? write(talk->pipes->in[1], (const char *)talk->command->input + talk->written, left)
             : 0;
    if (n > 0)
        talk->written += (size_t)n;
    bool over = talk->written == talk->command->input_len;
    if (over || (n < 0 && errno != EAGAIN && errno != EINTR))
        close_one(&talk->pipes->in[1]);
}

static void talk_read(struct talk *talk)
{
    char bytes[4096];
    struct command_result *result = talk->result;
    ssize_t n = read(talk->pipes->out[0], bytes, sizeof(bytes));
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        close_one(&talk->pipes->out[0]);
    if (n <= 0)
        return;
    size_t room = COMMAND_OUTPUT_MAX - result->output_len;
    size_t kept = (size_t)n < room ? (size_t)n : room;
    memcpy(result->output + result->output_len, bytes, kept);
    result->output_len += kept;
    result->truncated |= kept < (size_t)n;
}

/* Waits for a pipe to be ready, but not for long: the program may end while one that it started
 * holds the pipes open. */
static void talk_once(struct talk *talk, int64_t left_ms)
{
    struct pollfd ready[] = {{.fd = talk->pipes->in[1], .events = POLLOUT},
                             {.fd = talk->pipes->out[0], .events = POLLIN}};
    int wait_ms = left_ms < PAUSE_MS ? (int)left_ms : PAUSE_MS;
    if (poll(ready, 2, wait_ms) <= 0)
        return;
    if (ready[0].revents)
        talk_write(talk);
    if (ready[1].revents)
        talk_read(talk);
}

/* What lies in the pipe when the program has ended. */
static void talk_finish(struct talk *talk)
{
    struct pollfd ready = {.fd = talk->pipes->out[0], .events = POLLIN};
    while (ready.fd >= 0 && poll(&ready, 1, 0) > 0) {
        talk_read(talk);
        ready.fd = talk->pipes->out[0];
    }
}

/* True once it has ended; it stays to be waited for, so that its number cannot be another's. */
static bool has_ended(pid_t pid)
{
    siginfo_t info = {.si_pid = 0};
    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == pid;
}

static void follow(struct talk *talk, pid_t pid)
{
    int64_t end_ms = now_ms() + talk->command->timeout_ms;
    int status = 0;
    for (;;) {
        int64_t left_ms = end_ms - now_ms();
        talk->result->timed_out = left_ms <= 0;
        if (left_ms <= 0 || has_ended(pid))
            break;
        talk_once(talk, left_ms);
    }
    kill(-pid, SIGKILL); /* and what it started */
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    talk_finish(talk);
    talk->result->output[talk->result->output_len] = '\0';
    talk->result->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* 0, or the errno with which the program could not be executed. */
static int start_failure(const struct pipes *pipes)
{
    int why = 0;
    ssize_t n;
    do
        n = read(pipes->failure[0], &why, sizeof(why));
    while (n < 0 && errno == EINTR);
    return n == sizeof(why) ? why : 0;
}

static pid_t start(const struct command *command, struct pipes *pipes)
{
    pid_t pid = fork();
    if (pid == 0)
        child(command, pipes);
    close_one(&pipes->in[0]);
    close_one(&pipes->out[1]);
    close_one(&pipes->failure[1]);
    if (pid > 0)
        setpgid(pid, pid); /* whoever of the two comes first */
    fcntl(pipes->in[1], F_SETFL, O_NONBLOCK);
    fcntl(pipes->out[0], F_SETFL, O_NONBLOCK);
    return pid;
}

static int cannot_start(const struct command *command, int why, struct error *error)
{
    return error_set(error, -why, "%s: cannot be started: %s; check the configured command",
                     command->argv[0], strerror(why));
}

/* A program that does not read to the end must not end us. Only this thread's SIGPIPE is held back,
 * and the one that we caused is taken off. */
static void pipe_signal_hold(sigset_t *ret_before)
{
    sigset_t pipe_only;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_only, ret_before);
}

static void pipe_signal_release(const sigset_t *before)
{
    const struct timespec at_once = {0};
    sigset_t pipe_only;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    while (!sigismember(before, SIGPIPE) && sigtimedwait(&pipe_only, NULL, &at_once) == SIGPIPE)
        ;
    pthread_sigmask(SIG_SETMASK, before, NULL);
}

int command_execute(const struct command *command, struct command_result *ret_result,
                    struct error *error)
{
    struct pipes pipes;
    sigset_t before;
    int r = pipes_open(&pipes, error);
    if (r < 0)
        return r;
    *ret_result = (struct command_result){0};
    pid_t pid = start(command, &pipes);
    if (pid < 0) {
        r = cannot_start(command, errno, error);
        pipes_close(&pipes);
        return r;
    }
    int why = start_failure(&pipes);
    pipe_signal_hold(&before);
    follow(&(struct talk){command, ret_result, &pipes, 0}, pid);
    pipe_signal_release(&before);
    pipes_close(&pipes);
    return why ? cannot_start(command, why, error) : 0;
}

int command_judge(const struct command *command, const struct command_result *result,
                  struct error *error)
{
    if (result->timed_out)
        return error_set(error, -ETIME, "%s: took more than %u ms and was killed", command->argv[0],
                         command->timeout_ms);
    if (result->status == 0)
        return 0;
    size_t len = strcspn(result->output, "\n");
    return error_set(error, -EREMOTEIO, "%s: ended with status %d%s%.*s", command->argv[0],
                     result->status, len ? ": " : "", (int)(len < WORDS_MAX ? len : WORDS_MAX),
                     result->output);
}
