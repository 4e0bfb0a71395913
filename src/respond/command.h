/* command.h - runs a configured program: an argument vector, never a shell, for a limited time
 * SPDX-License-Identifier: Apache-2.0
 *
 *     const char *const argv[] = {"/usr/sbin/nft", "-f", "/run/isolation.nft", NULL};
 *     struct command command = {.argv = argv, .timeout_ms = 10000};
 *     struct command_result result;
 *     int r = command_execute(&command, &result, &error);
 *
 * The program gets standard input from us, one pipe for what it prints, an environment of PATH and
 * LC_ALL alone, and no other open file. It leads a process group of its own, which is killed as a
 * whole when the time is over or the program has ended: it leaves nothing running behind. It starts
 * programs (clone, execve) and so cannot be used where the sandbox of `dnsvigil run` is on; there
 * the commander does it (commander.h). Any thread. */
#pragma once

#include "base/error.h"

#include <stddef.h>

enum { COMMAND_OUTPUT_MAX = 8 << 10, COMMAND_ARGUMENTS_MAX = 64 };

struct command {
    const char *const *argv; /* ended by NULL; the first is an absolute path */
    const void *input;       /* for standard input; NULL for none */
    size_t input_len;
    unsigned timeout_ms;
};

struct command_result {
    int status;     /* what it exited with, 128 + the signal's number where one ended it */
    bool timed_out; /* it was killed: its status means nothing */
    bool truncated; /* it printed more than `output` holds; the rest was read and dropped */
    size_t output_len;
    char output[COMMAND_OUTPUT_MAX + 1]; /* stdout and stderr as they came, then NUL; hostile */
};

/* Runs the program to its end. 0: it was started, see `ret_result`. Negative errno with a message:
 * it could not be started. A program that closes its standard input early is no error. */
int command_execute(const struct command *command, struct command_result *ret_result,
                    struct error *error);

/* 0 when it went well (status 0 in time); otherwise a negative errno and what it did, with the end
 * of the first line it printed. */
int command_judge(const struct command *command, const struct command_result *result,
                  struct error *error);
