/* commander.c - a process that runs the configured jobs for one that may not start programs
 * SPDX-License-Identifier: Apache-2.0 */
#include "respond/commander.h"

#include "respond/automation.h"
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
enum request_kind { REQUEST_RUN, REQUEST_READ };

struct request {
    uint32_t kind;
    uint32_t job;
    uint32_t len; /* of the bytes that follow */
};

struct answer {
    int32_t r;
    uint32_t len; /* the same */
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

/* What a file has goes to `ret_bytes`, to be freed. */
static void request_serve(const struct commander *commander, const struct request *request,
                          const void *bytes, struct answer *answer, char **ret_bytes)
{
    size_t len = 0;
    memset(answer, 0, sizeof(*answer));
    if (request->job >= commander->count) {
        answer->r = error_set(&answer->error, -EPERM, "there is no job %u", request->job);
        return;
    }
    const struct known *known = &commander->jobs[request->job];
    const struct job job = {.path = known->path,
                            .argv = known->argv[0] ? (const char *const *)known->argv : NULL,
                            .timeout_ms = known->timeout_ms};
    if (request->kind == REQUEST_RUN)
        answer->r = job_run(&job, bytes, request->len, &answer->result, &answer->error);
    else if (job.path)
        answer->r = job_file_read(&job, ret_bytes, &len, &answer->error);
    answer->len = (uint32_t)len;
}

/* Until the other end is closed, or says what it never says. */
static void serve(const struct commander *commander, int fd)
{
    static struct answer answer;
    struct request request;
    bool goes_on = true;
    while (goes_on && receive_all(fd, &request, sizeof(request)) && request.len <= JOB_BYTES_MAX) {
        char *bytes = malloc(request.len + 1u), *back = NULL;
        goes_on = bytes && receive_all(fd, bytes, request.len);
        if (goes_on) {
            request_serve(commander, &request, bytes, &answer, &back);
            goes_on = send_all(fd, &answer, sizeof(answer)) && send_all(fd, back, answer.len);
        }
        free(bytes);
        free(back);
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
    *known =
        (struct known){.path = job->path ? strdup(job->path) : NULL, .timeout_ms = job->timeout_ms};
    bool copied = known->path || !job->path;
    for (size_t i = 0; copied && job->argv && job->argv[i]; i++) {
        known->argv[i] = strdup(job->argv[i]);
        copied = known->argv[i];
    }
    return copied;
}

static uint32_t work_count(const struct config *config, enum commander_work work)
{
    return work == COMMANDER_ISOLATION ? config->isolation.targets.count : config->automation.count;
}

/* False where there is nothing to run. */
static bool work_at(const struct config *config, enum commander_work work, uint32_t i,
                    struct configured_job *job)
{
    if (work == COMMANDER_ISOLATION)
        isolation_job_init(job, &config->isolation.targets.items[i]);
    else
        automation_job_init(job, &config->automation.items[i]);
    return job->job.path || job->job.argv;
}

static bool jobs_copy(struct commander *commander, const struct config *config,
                      enum commander_work work)
{
    uint32_t count = work_count(config, work);
    commander->jobs = calloc(count + 1, sizeof(*commander->jobs));
    for (uint32_t i = 0; commander->jobs && i < count; i++) {
        struct configured_job job;
        if (work_at(config, work, i, &job) &&
            !known_init(&commander->jobs[commander->count++], &job.job))
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

int commander_open(const struct config *config, enum commander_work work,
                   struct commander **ret_commander, struct error *error)
{
    struct commander *commander = calloc(1, sizeof(*commander));
    if (!commander)
        return error_set(error, -ENOMEM, "no memory for the commander");
    pthread_mutex_init(&commander->lock, NULL);
    int r = 0;
    if (!jobs_copy(commander, config, work))
        r = error_set(error, -ENOMEM, "no memory for the commander's jobs");
    else if (commander->count)
        r = start(commander, error);
    if (r < 0 || commander->count == 0) {
        commander_free(commander);
        *ret_commander = NULL;
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
    if (!known->path != !job->path || (job->path && strcmp(known->path, job->path) != 0) ||
        known->timeout_ms != job->timeout_ms)
        return false;
    while (job->argv && job->argv[i] && known->argv[i] && strcmp(job->argv[i], known->argv[i]) == 0)
        i++;
    return !known->argv[i] && !(job->argv && job->argv[i]);
}

/* The job's number in the process, -1 for none. */
static int number_of(const struct commander *commander, const struct job *job)
{
    for (uint32_t i = 0; commander && i < commander->count; i++)
        if (is_same(&commander->jobs[i], job))
            return (int)i;
    return -1;
}

bool commander_knows(const struct commander *commander, const struct job *job)
{
    return number_of(commander, job) >= 0;
}

/* The job's number, or -EPERM. */
static int job_find(const struct commander *commander, const struct job *job, struct error *error)
{
    int number = number_of(commander, job);
    if (number >= 0)
        return number;
    return error_set(error, -EPERM,
                     "what is configured for %s has changed since dnsvigil was started; restart it",
                     job->path ? job->path : job->argv[0]);
}

/* The bytes that come back, if any, are `ret_bytes`, to be freed. */
static bool exchange(const struct commander *commander, const struct request *request,
                     const void *bytes, struct answer *answer, char **ret_bytes)
{
    if (!send_all(commander->fd, request, sizeof(*request)) ||
        !send_all(commander->fd, bytes, request->len) ||
        !receive_all(commander->fd, answer, sizeof(*answer)) || answer->len > JOB_BYTES_MAX)
        return false;
    *ret_bytes = answer->len ? malloc(answer->len) : NULL;
    return answer->len == 0 || (*ret_bytes && receive_all(commander->fd, *ret_bytes, answer->len));
}

/* One request and what comes of it. */
static int ask(struct commander *commander, const struct request *request, const void *bytes,
               struct answer *answer, char **ret_bytes, struct error *error)
{
    *ret_bytes = NULL;
    pthread_mutex_lock(&commander->lock);
    bool exchanged = exchange(commander, request, bytes, answer, ret_bytes);
    pthread_mutex_unlock(&commander->lock);
    if (!exchanged) {
        free(*ret_bytes);
        *ret_bytes = NULL;
        return error_set(error, -EPIPE, "the process that runs commands is gone; restart dnsvigil");
    }
    if (answer->r < 0)
        *error = answer->error;
    return answer->r;
}

static int run(void *arg, const struct job *job, const void *bytes, size_t len,
               struct command_result *ret_result, struct error *error)
{
    struct answer answer;
    char *back;
    int number = job_find(arg, job, error);
    if (number < 0)
        return number;
    if (len > JOB_BYTES_MAX)
        return error_set(error, -EFBIG, "%s: too much for one job",
                         job->path ? job->path : job->argv[0]);
    const struct request request = {REQUEST_RUN, (uint32_t)number, (uint32_t)len};
    int r = ask(arg, &request, bytes, &answer, &back, error);
    free(back);
    if (r != -EPIPE)
        *ret_result = answer.result;
    return r;
}

static int read_file(void *arg, const struct job *job, char **ret_bytes, size_t *ret_len,
                     struct error *error)
{
    struct answer answer;
    int number = job_find(arg, job, error);
    if (number < 0)
        return number;
    const struct request request = {REQUEST_READ, (uint32_t)number, 0};
    int r = ask(arg, &request, "", &answer, ret_bytes, error);
    if (r == 0)
        *ret_len = answer.len;
    return r;
}

struct job_runner commander_runner(struct commander *commander)
{
    return (struct job_runner){.run = run, .read = read_file, .arg = commander};
}
