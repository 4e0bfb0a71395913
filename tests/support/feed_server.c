/* feed_server.c - starts feed_server.py beside a test, and ends it with the test
 * SPDX-License-Identifier: Apache-2.0 */
#include "feed_server.h"

#include <assert.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t server;
static int server_input = -1;

static void server_run(int in, int out)
{
    char script[4096];
    const char *root = getenv("TEST_SOURCE_ROOT");
    snprintf(script, sizeof(script), "%s/tests/support/feed_server.py", root ? root : ".");
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    execl("/usr/bin/python3", "python3", script, (char *)NULL);
    _exit(127);
}

unsigned feed_server_start(void)
{
    int in[2], out[2];
    unsigned port = 0;
    bool piped = pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0;
    assert(piped);
    server = fork();
    assert(server >= 0);
    if (server == 0)
        server_run(in[0], out[1]);
    close(in[0]);
    close(out[1]);
    server_input = in[1];
    FILE *answer = fdopen(out[0], "r");
    bool told = answer && fscanf(answer, "%u", &port) == 1;
    assert(told);
    fclose(answer);
    return port;
}

void feed_server_stop(void)
{
    close(server_input);
    waitpid(server, NULL, 0);
}
