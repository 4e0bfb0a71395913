/* dnstap_file.c - dnstap recorded in a file, or coming through a pipe
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/dnstap_file.h"

#include "input/dnstap_stream.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)FRAMESTREAM_VIEW_MAX <= (int)BYTE_WINDOW_BYTES,
               "a frame must fit in the window");

struct dnstap_file {
    struct source source; /* first: a source is a dnstap_file */
    struct byte_window window;
    uint64_t total_bytes;
    struct dnstap_stream stream;
    struct metrics metrics;
};

static int damaged(const struct dnstap_file *file, struct error *error)
{
    error_prefix(error, "%s: byte %" PRIu64 ": ", file->source.label, file->window.offset);
    return -EBADMSG;
}

/* The input is over: after a STOP frame all is well. */
static int file_end(const struct dnstap_file *file, uint64_t need, struct error *error)
{
    size_t have = byte_window_len(&file->window);
    if (have == 0 && !file->stream.frames.open)
        return 0;
    if (have == 0)
        error_set(error, -EBADMSG,
                  "ends without a STOP frame, the writer was not done; everything before was read");
    else
        error_set(error, -EBADMSG,
                  "cut inside a frame: %zu of at least %" PRIu64
                  " bytes are there; everything before was read",
                  have, need);
    return damaged(file, error);
}

/* Brings `need` bytes into view. 1 when they are there, 0 at a clean end, else a negative errno. */
static int file_fill(struct dnstap_file *file, uint64_t need, struct error *error)
{
    struct byte_window *window = &file->window;
    int r = byte_window_fill(window, need);
    if (r < 0)
        return error_set(error, r, "%s: byte %" PRIu64 ": reading failed: %s", file->source.label,
                         window->offset, strerror(-r));
    return byte_window_len(window) < need ? file_end(file, need, error) : 1;
}

static int file_read_messages(struct source *source, struct packet *packets, size_t max,
                              struct error *error)
{
    struct dnstap_file *file = (struct dnstap_file *)source;
    struct byte_window *window = &file->window;
    struct framestream_piece piece;
    size_t count = 0;
    unsigned more;
    assert(max >= DNSTAP_PACKETS);
    while (count + DNSTAP_PACKETS <= max) {
        enum framestream_step step =
            dnstap_stream_next(&file->stream, byte_window_at(window), byte_window_len(window),
                               &piece, packets + count, &more, error);
        /* Filling moves the bytes of the messages found so far, and damage comes after them. */
        if (count && (step == FRAMESTREAM_MORE || step == FRAMESTREAM_BAD))
            break;
        if (step == FRAMESTREAM_BAD)
            return damaged(file, error);
        if (step == FRAMESTREAM_MORE) {
            int r = file_fill(file, piece.len, error);
            if (r <= 0)
                return r;
            continue;
        }
        byte_window_consume(window, piece.len);
        count += more;
    }
    return (int)count;
}

static void file_position(const struct source *source, uint64_t *ret_done, uint64_t *ret_total)
{
    const struct dnstap_file *file = (const struct dnstap_file *)source;
    *ret_done = file->window.offset;
    *ret_total = file->total_bytes;
}

static const struct metrics *file_metrics(const struct source *source)
{
    return &((const struct dnstap_file *)source)->metrics;
}

static void file_close(struct source *source)
{
    struct dnstap_file *file = (struct dnstap_file *)source;
    byte_window_done(&file->window);
    free(file);
}

static const struct source_ops file_ops = {
    .name = "dnstap",
    .read_messages = file_read_messages,
    .metrics = file_metrics,
    .position = file_position,
    .close = file_close,
};

struct source *dnstap_file_new(const char *label, struct byte_window *window, uint64_t total_bytes)
{
    struct dnstap_file *file = calloc(1, sizeof(*file));
    if (!file) {
        byte_window_done(window);
        return NULL;
    }
    file->source.ops = &file_ops;
    snprintf(file->source.label, sizeof(file->source.label), "%s", label);
    file->window = *window;
    *window = (struct byte_window){.fd = -1};
    file->total_bytes = total_bytes;
    file->stream.metrics = &file->metrics;
    return &file->source;
}
