/* command_output.c - runs a sub-command and catches what it prints
 * SPDX-License-Identifier: Apache-2.0 */
#include "command_output.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { WORDS_MAX = 16 };

int command_output(int (*run)(int argc, char **argv), const char *line, char out[COMMAND_OUT_MAX])
{
    char *words[WORDS_MAX + 1] = {0};
    char *text = strdup(line), *rest = text;
    int count = 0;
    while (count < WORDS_MAX && (words[count] = strsep(&rest, " ")))
        count++;
    fflush(stdout);
    int before = dup(STDOUT_FILENO);
    int caught = memfd_create("out", MFD_CLOEXEC);
    bool redirected = before >= 0 && caught >= 0 && dup2(caught, STDOUT_FILENO) >= 0;
    assert(redirected);
    int code = run(count, words);
    fflush(stdout);
    dup2(before, STDOUT_FILENO);
    ssize_t got = pread(caught, out, COMMAND_OUT_MAX - 1, 0);
    out[got > 0 ? got : 0] = 0;
    close(before);
    close(caught);
    free(text);
    return code;
}
