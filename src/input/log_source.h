/* log_source.h - a source that reads logs of DNS servers, from a file or as they are written
 * SPDX-License-Identifier: Apache-2.0
 *
 * A log that is followed is one file, a named pipe, or all files that fit a pattern of glob(7) but
 * compressed ones. A file is known by its inode: one that was renamed is read on under its new name
 * until nothing has come for a minute, and the one that took its name from its beginning; one that
 * was cut to nothing is read from its beginning again. Lines stay in the order of their file. */
#pragma once

#include "input/byte_window.h"
#include "input/log.h"

#include <dnsvigil/source.h>

enum { LOG_FILES_MAX = 64 };

struct log_source_config {
    const char *path;                /* file, pipe or pattern */
    const struct log_format *format; /* NULL: each file's by its first lines */
    struct log_zone zone;            /* of times that tell none */
    bool from_start;                 /* files that are there at first are read from the beginning */
    const char *positions;           /* file in which is kept how far all was read, or NULL */
};

/* Follows a log until it is stopped; the texts are copied. Where `positions` says how far a file
 * was read, it goes on there; with that, a restart in order neither loses nor repeats lines, and a
 * crash repeats those of the last seconds. What is not there yet is waited for. NULL with a
 * message. */
struct source *log_source_follow(const struct log_source_config *config, struct error *error);

/* Reads an input to its end. Takes over a window at the beginning, with bytes in view; *window is
 * empty afterwards, in case of failure too. `total_bytes` is 0 for a pipe. NULL without memory. */
struct source *log_source_new(const char *label, const struct log_format *format,
                              const struct log_zone *zone, struct byte_window *window,
                              uint64_t total_bytes);
