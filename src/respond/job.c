/* job.c - a configured piece of work on other programs: a file replaced, a command run
 * SPDX-License-Identifier: Apache-2.0 */
#include "respond/job.h"

#include "base/fd.h"
#include "base/folder.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The file as it was, to be put back. */
struct former {
    bool exists;
    struct stat info;
    char *bytes;
    size_t len;
};

static int failed(const char *path, struct error *error)
{
    int why = errno;
    return error_set(error, -why, "%s: %s; check who may write there", path, strerror(why));
}

static int bytes_read(int fd, const char *path, char **ret_bytes, size_t *ret_len,
                      struct error *error)
{
    char *bytes = malloc(JOB_BYTES_MAX + 1);
    size_t len = 0;
    ssize_t n = 1;
    if (!bytes)
        return error_set(error, -ENOMEM, "%s: no memory", path);
    while (n > 0 && len <= JOB_BYTES_MAX) {
        n = read(fd, bytes + len, JOB_BYTES_MAX + 1 - len);
        len += n > 0 ? (size_t)n : 0;
    }
    if (n < 0 || len > JOB_BYTES_MAX) {
        int why = n < 0 ? errno : EFBIG;
        free(bytes);
        return error_set(error, -why, "%s: %s; is it the right file?", path, strerror(why));
    }
    *ret_bytes = bytes;
    *ret_len = len;
    return 0;
}

static int former_read(const char *path, struct former *ret, struct error *error)
{
    *ret = (struct former){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return 0;
    if (fd < 0 || fstat(fd, &ret->info) != 0) {
        int r = failed(path, error);
        if (fd >= 0)
            close(fd);
        return r;
    }
    int r =
        S_ISREG(ret->info.st_mode)
            ? bytes_read(fd, path, &ret->bytes, &ret->len, error)
            : error_set(error, -EINVAL, "%s: not a plain file; give isolation another path", path);
    close(fd);
    ret->exists = r == 0;
    return r;
}

int job_file_read(const struct job *job, char **ret_bytes, size_t *ret_len, struct error *error)
{
    struct former former;
    int r = former_read(job->path, &former, error);
    if (r < 0)
        return r;
    *ret_bytes = former.bytes;
    *ret_len = former.len;
    return 0;
}

/* A new file may be read by all: the service is another user's, and it holds nothing secret. */
static bool attributes_keep(int fd, const struct former *former)
{
    if (!former->exists)
        return fchmod(fd, 0644) == 0;
    struct stat now;
    if (fstat(fd, &now) != 0)
        return false;
    bool same = now.st_uid == former->info.st_uid && now.st_gid == former->info.st_gid;
    if (!same && fchown(fd, former->info.st_uid, former->info.st_gid) != 0)
        return false;
    return fchmod(fd, former->info.st_mode & 07777) == 0;
}

static bool beside_write(const char *beside, const struct former *former, const void *bytes,
                         size_t len)
{
    unlink(beside); /* left by one that was killed */
    int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool written = fd_write_all(fd, bytes, len) && attributes_keep(fd, former) && fsync(fd) == 0;
    return close(fd) == 0 && written;
}

static int file_replace(const char *path, const struct former *former, const void *bytes,
                        size_t len, struct error *error)
{
    char beside[PATH_MAX];
    if (snprintf(beside, sizeof(beside), "%s.new", path) >= (int)sizeof(beside))
        return error_set(error, -ENAMETOOLONG, "%s: the path is too long", path);
    if (beside_write(beside, former, bytes, len) && rename(beside, path) == 0 && folder_sync(path))
        return 0;
    int r = failed(path, error);
    unlink(beside);
    return r;
}

static int command_try(const struct job *job, const void *bytes, size_t len,
                       struct command_result *result, struct error *error)
{
    const struct command command = {job->argv, bytes, len, job->timeout_ms};
    int r = command_execute(&command, result, error);
    return r < 0 ? r : command_judge(&command, result, error);
}

/* Back to what it was; `error` has why, and is told how that went. */
static void put_back(const struct job *job, const struct former *former, struct error *error)
{
    struct command_result again;
    struct error why;
    int r = former->exists ? file_replace(job->path, former, former->bytes, former->len, &why)
            : unlink(job->path) == 0 ? 0
                                     : failed(job->path, &why);
    if (r < 0)
        error_prefix(error, "the file could not be put back (%s) after: ", why.text);
    else if (command_try(job, NULL, 0, &again, &why) < 0)
        error_prefix(error, "the file was put back, the service not told: ");
    else
        error_prefix(error, "the file was put back: ");
}

static int file_job_run(const struct job *job, const void *bytes, size_t len,
                        struct command_result *result, struct error *error)
{
    struct former former;
    int r = former_read(job->path, &former, error);
    if (r < 0)
        return r;
    r = file_replace(job->path, &former, bytes, len, error);
    if (r == 0 && job->argv) {
        r = command_try(job, NULL, 0, result, error);
        if (r < 0)
            put_back(job, &former, error);
    }
    free(former.bytes);
    return r;
}

int job_run(const struct job *job, const void *bytes, size_t len, struct command_result *ret_result,
            struct error *error)
{
    *ret_result = (struct command_result){0};
    return job->path ? file_job_run(job, bytes, len, ret_result, error)
                     : command_try(job, bytes, len, ret_result, error);
}

static int run_direct(void *arg, const struct job *job, const void *bytes, size_t len,
                      struct command_result *ret_result, struct error *error)
{
    (void)arg;
    return job_run(job, bytes, len, ret_result, error);
}

static int read_direct(void *arg, const struct job *job, char **ret_bytes, size_t *ret_len,
                       struct error *error)
{
    (void)arg;
    return job_file_read(job, ret_bytes, ret_len, error);
}

struct job_runner job_runner_direct(void)
{
    return (struct job_runner){.run = run_direct, .read = read_direct};
}

void configured_job_init(struct configured_job *job, const char *path,
                         const struct config_arguments *command, uint32_t timeout_s)
{
    *job = (struct configured_job){.job = {.path = path, .timeout_ms = timeout_s * 1000}};
    for (uint32_t i = 0; i < command->count && i < COMMAND_ARGUMENTS_MAX; i++)
        job->argv[i] = command->items[i].text;
    if (command->count)
        job->job.argv = job->argv;
}
