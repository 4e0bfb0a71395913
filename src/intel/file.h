/* file.h - a whole regular file in memory, up to a limit
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct file {
    char *data; /* NUL-terminated after `len` bytes */
    size_t len;
    int64_t modified_ns;
};

/* Reads `path`. Negative errno with the reason in `error`: not there, not a regular file, over
 * `max` bytes, read error, no memory. */
int file_read(struct file *file, const char *path, size_t max, struct error *error);
void file_done(struct file *file);
