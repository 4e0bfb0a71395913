/* cli.h - what the sub-commands share: the table of commands, exit codes, options all of them know
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

enum cli_exit {
#define EXIT_CODE(id, number, text) CLI_EXIT_##id = number,
#include "cli/exit_codes.def"
#undef EXIT_CODE
};

/* Each runs with argv[0] = the command's name and returns an exit code. */
#define COMMAND(name, arguments, summary) int command_##name(int argc, char **argv);
#include "cli/commands.def"
#undef COMMAND
