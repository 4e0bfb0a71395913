/* log_file.h - one file of a log: read forward while it grows, and known again after a restart
 * SPDX-License-Identifier: Apache-2.0
 *
 * A file is who it is by device and inode, whatever it is called by now, and by its first bytes:
 * inodes are used again. One thread. */
#pragma once

#include "input/byte_window.h"
#include "input/log_reader.h"

#include <sys/types.h>

enum { LOG_MARK_BYTES = 256 }; /* of the first line, by which a file is known */

/* How far a file was read. */
struct log_place {
    uint64_t device;
    uint64_t inode;
    uint64_t offset;
    uint64_t mark; /* hash of the first min(offset, LOG_MARK_BYTES) bytes */
};

struct log_file {
    struct byte_window window;
    struct log_reader reader;
    uint64_t device;
    uint64_t inode;
    uint64_t done; /* offset up to which lines were read and their messages handed on */
    bool regular; /* not a pipe: it can be shorter than it was, and has an offset to come back to */
    unsigned idle; /* times in a row that nothing had come */
};

/* Takes over the window, at whatever offset it is, in case of failure too. NULL without memory. */
struct log_file *log_file_new(struct byte_window *window, const struct log_format *format,
                              const struct log_zone *zone, struct log_queue *queue,
                              struct metrics *metrics);
void log_file_free(struct log_file *file);

/* Opens a file or named pipe for reading as it grows. NULL with errno. */
struct log_file *log_file_open(const char *path, const struct log_format *format,
                               const struct log_zone *zone, struct log_queue *queue,
                               struct metrics *metrics);

/* Goes to `offset`, reading the header lines (#...) that stand at the beginning, which tell how to
 * read what follows. The first line from there on may be cut: it is passed over unless `offset` is
 * where a line begins. Only before the first read. */
void log_file_seek(struct log_file *file, uint64_t offset);

uint64_t log_file_size(const struct log_file *file);

/* Reads what has come. `end`: a last line without its end is one, for nothing will follow. 1 when
 * something was read, 0 when nothing has come, negative errno when reading failed. */
int log_file_read(struct log_file *file, bool end);

/* Where the file stands, for log_file_is(). */
struct log_place log_file_place(const struct log_file *file);

/* Whether the file is the one of this place and has not been written anew. */
bool log_file_is(const struct log_file *file, const struct log_place *place);
