/* capture_text.c - what a function prints, as text
 * SPDX-License-Identifier: Apache-2.0 */
#include "capture_text.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

static FILE *file;
static int saved_fd;

void capture_start(void)
{
    file = tmpfile();
    assert(file);
    fflush(stdout);
    saved_fd = dup(STDOUT_FILENO);
    dup2(fileno(file), STDOUT_FILENO);
}

char *capture_end(void)
{
    fflush(stdout);
    dup2(saved_fd, STDOUT_FILENO);
    close(saved_fd);
    long len = lseek(fileno(file), 0, SEEK_END);
    char *text = calloc(1, (size_t)len + 1);
    ssize_t got = text ? pread(fileno(file), text, (size_t)len, 0) : -1;
    assert(got == len);
    fclose(file);
    return text;
}
