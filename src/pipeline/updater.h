/* updater.h - a process beside the running program that keeps its lists new
 * SPDX-License-Identifier: Apache-2.0
 *
 * The running program has given up the network for good; so before it does, it starts this process,
 * which never sees traffic. It fetches the feeds that are due, as `dnsvigil feeds update --due`
 * does, and sends SIGHUP when a list has changed, also one that somebody else has updated. It reads
 * the configuration anew each time, and ends with the program. */
#pragma once

#include "base/error.h"

#include <sys/types.h>

enum { UPDATER_PERIOD_S = 60 };

struct updater {
    pid_t pid; /* 0: the configuration has nothing to fetch */
};

/* Starts it, to look every `period_s` seconds; `config_path` as for config_load(), whose own errors
 * are left to others. Call it before threads are started and privileges dropped, with SIGHUP
 * blocked. Negative errno: no process could be made. */
int updater_start(const char *config_path, unsigned period_s, struct updater *ret_updater,
                  struct error *error);
void updater_stop(struct updater *updater);
