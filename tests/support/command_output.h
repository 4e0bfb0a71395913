/* command_output.h - runs a sub-command and catches what it prints
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

enum { COMMAND_OUT_MAX = 16384 };

/* Runs `run` with the words of `line` (parted by single blanks) as its arguments, and stands its
 * output, cut at COMMAND_OUT_MAX, in `out`. Returns the exit code. */
int command_output(int (*run)(int argc, char **argv), const char *line, char out[COMMAND_OUT_MAX]);
