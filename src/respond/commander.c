/* commander.c - a process that runs the configured jobs for one that may not start programs
 * SPDX-License-Identifier: Apache-2.0 */
#include "respond/commander.h"

#include "respond/isolation.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Both ends are this program: what goes over the socket is these structs, as they are in memory. */
struct request {
    uint32_t job;
    uint32_t len; /* of the bytes that follow */
};

struct answer {
    int32_t r;
    struct command_result result;
    struct error error;
};

/* A job with its own copy of all texts: the configuration may be replaced. */
struct known {
    char *path;
    char *argv[COMMAND_ARGUMENTS_MAX + 1];
    unsigned timeout_ms;
};

struct commander {
    pthread_mutex_t lock;
    struct known *jobs;
    uint32_t count;
    int fd;
    pid_t pid;
};

static bool send_all(int fd, const void *data, size_t len)
{
    for (const char *at = data; len > 0;) {
        ssize_t n = send(fd, at, len, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR)
            return false;
        at += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

static bool receive_all(int fd, void *data, size_t len)
{
    for (char *at = data; len > 0;) {
        ssize_t n = recv(fd, at, len, 0);
        if (n == 0 || (n < 0 && errno != EINTR))
            return false;
        at += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* The process itself. */

static void request_serve(const struct commander *commander, const struct request *request,
                          const void *bytes, struct answer *answer)
{
    memset(answer, 0, sizeof(*answer));
    if (request->job >= commander->count) {
        answer->r = error_set(&answer->error, -EPERM, "there is no job %u", request->job);
        return;
    }
    const struct known *known = &commander->jobs[request->job];
    const struct job job = {.path = known->path,
                            .argv = known->argv[0] ? (const char *const *)known->argv : NULL,
                            .timeout_ms = known->timeout_ms};
    answer->r = job_run(&job, bytes, request->len, &answer->result, &answer->error);
}

/* Until the other end is closed, or says what it never says. */
static void serve(const struct commander *commander, int fd)
{
    static struct answer answer;
    struct request request;
    bool goes_on = true;
    while (goes_on && receive_all(fd, &request, sizeof(request)) && request.len <= JOB_BYTES_MAX) {
        char *bytes = malloc(request.len + 1u);
        goes_on = bytes && receive_all(fd, bytes, request.len);
        if (goes_on) {
            request_serve(commander, &request, bytes, &answer);
            goes_on = send_all(fd, &answer, sizeof(answer));
        }
        free(bytes);
    }
}

/* A key pressed at the terminal, or a service manager that stops all of us, must not end a command
 * half way: the socket tells when it is time. */
_Noreturn static void child(const struct commander *commander, int fd)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};
    for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
        signal(ignored[i], SIG_IGN);
    prctl(PR_SET_NAME, "dnsvigil-cmd");
    if (dup2(fd, 3) == 3 && close_range(4, ~0u, 0) == 0)
        serve(commander, 3);
    _exit(0);
}

/* Our side. */

static void known_done(struct known *known)
{
    free(known->path);
    for (size_t i = 0; i <= COMMAND_ARGUMENTS_MAX; i++)
        free(known->argv[i]);
}

static void commander_free(struct commander *commander)
{
    for (uint32_t i = 0; commander->jobs && i < commander->count; i++)
        known_done(&commander->jobs[i]);
    free(commander->jobs);
    pthread_mutex_destroy(&commander->lock);
    free(commander);
}

static bool known_init(struct known *known, const struct job *job)
{
    *known = (struct known){.path = strdup(job->path), .timeout_ms = job->timeout_ms};
    bool copied = known->path;
    for (size_t i = 0; copied && job->argv && job->argv[i]; i++) {
        known->argv[i] = strdup(job->argv[i]);
        copied = known->argv[i];
    }
    return copied;
}

static bool jobs_copy(struct commander *commander, const struct config *config)
{
    const struct config_isolation_target_list *targets = &config->isolation.targets;
    commander->jobs = calloc(targets->count ? targets->count : 1, sizeof(*commander->jobs));
    for (uint32_t i = 0; commander->jobs && i < targets->count; i++) {
        struct isolation_job job;
        isolation_job_init(&job, &targets->items[i]);
        commander->count = i + 1;
        if (!known_init(&commander->jobs[i], &job.job))
            return false;
    }
    return commander->jobs;
}

static int start(struct commander *commander, struct error *error)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return error_set(error, -errno, "no socket to a child process: %s", strerror(errno));
    commander->pid = fork();
    if (commander->pid == 0)
        child(commander, ends[1]);
    int failure = errno;
    close(ends[1]);
    commander->fd = ends[0];
    if (commander->pid > 0)
        return 0;
    close(ends[0]);
    return error_set(error, -failure, "no child process: %s", strerror(failure));
}

int commander_open(const struct config *config, struct commander **ret_commander,
                   struct error *error)
{
    struct commander *commander = calloc(1, sizeof(*commander));
    if (!commander)
        return error_set(error, -ENOMEM, "no memory for the commander");
    pthread_mutex_init(&commander->lock, NULL);
    int r = jobs_copy(commander, config)
                ? start(commander, error)
                : error_set(error, -ENOMEM, "no memory for the commander's jobs");
    if (r < 0) {
        commander_free(commander);
        return r;
    }
    *ret_commander = commander;
    return 0;
}

void commander_close(struct commander *commander)
{
    if (!commander)
        return;
    close(commander->fd);
    while (waitpid(commander->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    commander_free(commander);
}

static bool is_same(const struct known *known, const struct job *job)
{
    size_t i = 0;
    if (!job->path || strcmp(known->path, job->path) != 0 || known->timeout_ms != job->timeout_ms)
        return false;
    while (job->argv && job->argv[i] && known->argv[i] && strcmp(job->argv[i], known->argv[i]) == 0)
        i++;
    return !known->argv[i] && !(job->argv && job->argv[i]);
}

static bool exchange(const struct commander *commander, const struct request *request,
                     const void *bytes, struct answer *answer)
{
    return send_all(commander->fd, request, sizeof(*request)) &&
           send_all(commander->fd, bytes, request->len) &&
           receive_all(commander->fd, answer, sizeof(*answer));
}

static int run(void *arg, const struct job *job, const void *bytes, size_t len,
               struct command_result *ret_result, struct error *error)
{
    struct commander *commander = arg;
    struct request request = {.len = (uint32_t)len};
    struct answer answer;
    while (request.job < commander->count && !is_same(&commander->jobs[request.job], job))
        request.job++;
    if (request.job == commander->count)
        return error_set(error, -EPERM,
                         "%s: its configuration has changed since dnsvigil was started; restart it",
                         job->path ? job->path : job->argv[0]);
    if (len > JOB_BYTES_MAX)
        return error_set(error, -EFBIG, "%s: too much for one file", job->path);
    pthread_mutex_lock(&commander->lock);
    bool exchanged = exchange(commander, &request, bytes, &answer);
    pthread_mutex_unlock(&commander->lock);
    if (!exchanged)
        return error_set(error, -EPIPE, "the process that runs commands is gone; restart dnsvigil");
    *ret_result = answer.result;
    if (answer.r < 0)
        *error = answer.error;
    return answer.r;
}

struct job_runner commander_runner(struct commander *commander)
{
    return (struct job_runner){.run = run, .arg = commander};
}
