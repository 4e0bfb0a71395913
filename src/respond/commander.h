/* commander.h - a process that runs the configured jobs for one that may not start programs
 * SPDX-License-Identifier: Apache-2.0
 *
 * `dnsvigil run` gives up its privileges and, in its sandbox, execve() and most files (see
 * pipeline/sandbox.h). Before that it forks this process, which keeps them and does one thing: a
 * request names one of the jobs it was forked with, by number, and brings the bytes. So whoever
 * takes over the sandboxed process can do no more than have the configured commands run, and the
 * configured files read and written; neither an argument nor a path comes over the socket.
 *
 * It asks nothing of the sandbox but the socketpair that is open: sendmsg() and recvmsg(). It ends
 * when that is closed. Commands of a configuration that was loaded later are unknown to it. */
#pragma once

#include "config/config.h"
#include "respond/job.h"

struct commander;

/* Each has a process of its own, so that no slow program of a rule holds up an isolation. */
enum commander_work { COMMANDER_ISOLATION, COMMANDER_AUTOMATION };

/* Forks it, with what the configuration has of this work as its jobs; *ret_commander is NULL where
 * there is none. Call it before the sandbox, before privileges are dropped, and before threads
 * start. */
int commander_open(const struct config *config, enum commander_work work,
                   struct commander **ret_commander, struct error *error);

/* Ends it, and waits for what it is doing. NULL is allowed. */
void commander_close(struct commander *commander);

/* Whether the job is one of those it was opened with. NULL, here and below, knows none. */
bool commander_knows(const struct commander *commander, const struct job *job);

/* A runner for any thread; requests wait for one another. -EPERM: the job is not known. -EPIPE: the
 * process is gone. */
struct job_runner commander_runner(struct commander *commander);
