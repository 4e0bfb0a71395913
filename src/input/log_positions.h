/* log_positions.h - keeps how far the files of a log were read, in a small file of their own
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "input/log_file.h"

#include <stddef.h>

/* Reads at most `max` places; *ret_count is 0 where there is no such file yet. Negative errno and a
 * message when it cannot be read or is damaged. */
int log_positions_read(const char *path, struct log_place *places, size_t max, size_t *ret_count,
                       struct error *error);

/* Writes the file anew: after a crash it is the old one or the new one. Its folders are made. */
int log_positions_write(const char *path, const struct log_place *places, size_t count,
                        struct error *error);
