/* job.h - a configured piece of work on other programs: a file replaced, a command run
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "config/config.h"
#include "respond/command.h"

enum { JOB_BYTES_MAX = 8 << 20 };

struct job {
    const char *path;        /* the file that the bytes become; NULL: they go to standard input */
    const char *const *argv; /* ended by NULL; NULL: no command, the file is all */
    unsigned timeout_ms;
};

/* A job with room for the pointers to a configured command. */
struct configured_job {
    struct job job;
    const char *argv[COMMAND_ARGUMENTS_MAX + 1];
};

/* Valid as long as the configuration; `path` NULL as above. */
void configured_job_init(struct configured_job *job, const char *path,
                         const struct config_arguments *command, uint32_t timeout_s);

/* Replaces the file in one step (its mode and owner stay) and runs the command. When the command
 * fails the file becomes what it was, and the command runs once more so that the service knows:
 * after a failure nothing has changed, or the message says what could not be put back. `ret_result`
 * is what the first run said. Starts programs: see command.h. Not two at once for one path. */
int job_run(const struct job *job, const void *bytes, size_t len, struct command_result *ret_result,
            struct error *error);

/* Reads the file of a job; one that is not there is empty. `ret_bytes` is the caller's to free.
 * -EFBIG: more than JOB_BYTES_MAX. */
int job_file_read(const struct job *job, char **ret_bytes, size_t *ret_len, struct error *error);

/* How somebody who may neither start programs nor read those files has it done. */
struct job_runner {
    /* As job_run(). */
    int (*run)(void *arg, const struct job *job, const void *bytes, size_t len,
               struct command_result *ret_result, struct error *error);
    /* As job_file_read(). */
    int (*read)(void *arg, const struct job *job, char **ret_bytes, size_t *ret_len,
                struct error *error);
    void *arg;
};

/* A runner that calls these two. */
struct job_runner job_runner_direct(void);
