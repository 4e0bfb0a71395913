/* log_reader.h - from the lines of one log to DNS messages
 * SPDX-License-Identifier: Apache-2.0
 *
 * Finds out the format by the first lines, where it is not given, and keeps what the format needs
 * from line to line. Messages go to a queue that several readers of one source share. */
#pragma once

#include "base/arena.h"
#include "input/log.h"

#include <dnsvigil/metrics.h>
#include <dnsvigil/packet.h>

enum { LOG_QUEUE_PACKETS = 1024 };

/* Messages that were read and not yet handed on; their bytes are in `bytes`. */
struct log_queue {
    struct arena bytes;
    unsigned begin;
    unsigned end;
    struct packet packets[LOG_QUEUE_PACKETS];
};

bool log_queue_init(struct log_queue *queue);
void log_queue_done(struct log_queue *queue);

/* Hands on at most `max` messages; their bytes stay until log_queue_reset(). */
size_t log_queue_take(struct log_queue *queue, struct packet *packets, size_t max);
void log_queue_reset(struct log_queue *queue);

struct log_reader {
    const struct log_format *format; /* NULL: not known yet */
    struct log_queue *queue;         /* borrowed */
    struct metrics *metrics;         /* borrowed; its LOG_ rows are counted */
    bool in_long_line;               /* the front of a line that is too long was passed over */
    bool skip_messages;              /* only the state is wanted: for lines that were read before */
    struct log_context context;
};

/* `format` may be NULL. False without memory. */
bool log_reader_init(struct log_reader *reader, const struct log_format *format,
                     const struct log_clock *clock, struct log_queue *queue,
                     struct metrics *metrics);
void log_reader_done(struct log_reader *reader);

/* Sets the format where it is not known yet; otherwise it stays. False without memory. */
bool log_reader_set_format(struct log_reader *reader, const struct log_format *format);

/* Reads whole lines of text[0..len) until the queue is half full, the last one too where `end` says
 * that it is all there is. Returns how many bytes of the text were consumed. A line of more than
 * LOG_LINE_MAX bytes is passed over as soon as so much of it is there, in one piece or several. */
size_t log_reader_read(struct log_reader *reader, const char *text, size_t len, bool end);

/* Hands on what waits for further lines. */
void log_reader_flush(struct log_reader *reader);
