/* actions.h - commands that are several: `dnsvigil alerts list`, `dnsvigil rules test`
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/options.h"

struct action {
    const char *name;
    int (*run)(int argc, char **argv); /* argv[0] is the action's name; returns an exit code */
    const struct option_table *table;
};

/* Runs the action that argv[1] names. argv[0] is the command's name. */
int actions_run(const struct action *actions, size_t count, int argc, char **argv);
