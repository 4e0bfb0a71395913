/* capture.c - a source that reads capture files and pipes
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/capture.h"

#include "input/pcap.h"
#include "input/pcapng.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

_Static_assert((int)CAPTURE_RECORD_MAX <= (int)BYTE_WINDOW_BYTES,
               "a record must fit in the window");

struct capture {
    struct source source; /* first: a source is a capture */
    struct byte_window window;
    uint64_t total_bytes;                /* 0 for a pipe */
    uint64_t last_offset;                /* where the piece consumed last began */
    const struct capture_format *format; /* NULL: nothing has come yet that tells */
    union {
        struct pcap_state pcap;
        struct pcapng_state pcapng;
    } state;
};

static const struct capture_format *const formats[] = {&pcap_format, &pcapng_format};

static int damaged(const struct capture *capture, uint64_t offset, struct error *error)
{
    error_prefix(error, "%s: byte %" PRIu64 ": ", capture->source.label, offset);
    return -EBADMSG;
}

/* The input is over: at the edge of a piece all is well, inside one it was cut. */
static int capture_end(const struct capture *capture, uint64_t need, struct error *error)
{
    const struct byte_window *window = &capture->window;
    uint64_t start = window->owed ? capture->last_offset : window->offset;
    uint64_t piece_bytes = window->owed ? window->offset - start : need;
    uint64_t have = byte_window_received(window) - start;
    if (have == 0)
        return 0;
    error_set(error, -EBADMSG,
              "cut inside a record: %" PRIu64 " of at least %" PRIu64
              " bytes are there; everything before was read",
              have, piece_bytes);
    return damaged(capture, start, error);
}

/* Brings `need` bytes into view. 1 when they are there, 0 at a clean end, else a negative errno. */
static int capture_fill(struct capture *capture, uint64_t need, struct error *error)
{
    struct byte_window *window = &capture->window;
    int r = byte_window_fill(window, need);
    if (r < 0)
        return error_set(error, r, "%s: byte %" PRIu64 ": reading failed: %s",
                         capture->source.label, window->offset, strerror(-r));
    if (window->stopped)
        return 0;
    if (byte_window_len(window) < need)
        return capture_end(capture, need, error);
    return 1;
}

static const struct capture_format *format_of(const uint8_t magic[static CAPTURE_MAGIC_BYTES])
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (formats[i]->recognise(magic))
            return formats[i];
    return NULL;
}

/* Waits for the first bytes of a pipe. Returns as capture_fill(). */
static int format_wait(struct capture *capture, struct error *error)
{
    int r = capture_fill(capture, CAPTURE_MAGIC_BYTES, error);
    if (r <= 0)
        return r;
    capture->format = format_of(byte_window_at(&capture->window));
    return capture->format ? 1
                           : error_set(error, -EBADMSG,
                                       "%s: not a capture: pcap and pcapng are read from a pipe",
                                       capture->source.label);
}

static int capture_read(struct source *source, struct frame *frames, size_t max,
                        struct error *error)
{
    struct capture *capture = (struct capture *)source;
    struct byte_window *window = &capture->window;
    size_t count = 0;
    int r = capture->format ? 1 : format_wait(capture, error);
    if (r <= 0)
        return r;
    while (count < max) {
        uint64_t len;
        enum piece piece =
            capture->format->next(&capture->state, byte_window_at(window), byte_window_len(window),
                                  &len, &frames[count], error);
        /* Filling moves the bytes of the frames found so far, and damage comes after them. */
        if (count && (piece == PIECE_MORE || piece == PIECE_BAD))
            break;
        if (piece == PIECE_BAD)
            return damaged(capture, window->offset, error);
        if (piece == PIECE_MORE) {
            r = capture_fill(capture, len, error);
            if (r <= 0)
                return r;
            continue;
        }
        capture->last_offset = window->offset;
        byte_window_consume(window, len);
        count += piece == PIECE_FRAME;
    }
    return (int)count;
}

static void capture_position(const struct source *source, uint64_t *ret_done, uint64_t *ret_total)
{
    const struct capture *capture = (const struct capture *)source;
    *ret_done = capture->window.offset - capture->window.owed;
    *ret_total = capture->total_bytes;
}

static void capture_close(struct source *source)
{
    struct capture *capture = (struct capture *)source;
    byte_window_done(&capture->window);
    free(capture);
}

/* Any thread; the descriptor stays readable. */
static void pipe_stop(struct source *source)
{
    const struct capture *capture = (const struct capture *)source;
    eventfd_write(capture->window.stop_fd, 1);
}

static void pipe_close(struct source *source)
{
    const struct capture *capture = (const struct capture *)source;
    close(capture->window.stop_fd);
    capture_close(source);
}

static const struct source_ops capture_ops = {
    .name = "capture",
    .read = capture_read,
    .position = capture_position,
    .close = capture_close,
};

/* What may have to wait for its bytes. */
static const struct source_ops pipe_ops = {
    .name = "capture",
    .read = capture_read,
    .stop = pipe_stop,
    .position = capture_position,
    .close = pipe_close,
};

bool capture_recognise(const uint8_t magic[static CAPTURE_MAGIC_BYTES])
{
    return format_of(magic);
}

struct source *capture_new(const char *label, struct byte_window *window, uint64_t total_bytes)
{
    struct capture *capture = calloc(1, sizeof(*capture));
    if (!capture) {
        byte_window_done(window);
        return NULL;
    }
    capture->source.ops = &capture_ops;
    snprintf(capture->source.label, sizeof(capture->source.label), "%s", label);
    capture->window = *window;
    *window = (struct byte_window){.fd = -1};
    capture->total_bytes = total_bytes;
    if (total_bytes == 0 && (capture->window.stop_fd = eventfd(0, EFD_CLOEXEC)) >= 0)
        capture->source.ops = &pipe_ops;
    if (byte_window_len(&capture->window) >= CAPTURE_MAGIC_BYTES)
        capture->format = format_of(byte_window_at(&capture->window));
    return &capture->source;
}

struct source *capture_open_pipe(const char *path, struct error *error)
{
    struct byte_window window;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        error_set(error, -errno, "%s: cannot be opened: %s", path, strerror(errno));
        return NULL;
    }
    fcntl(fd, F_SETFL, O_RDONLY); /* only opening was not to wait */
    struct source *source = byte_window_init(&window, fd) ? capture_new(path, &window, 0) : NULL;
    if (!source)
        error_set(error, -ENOMEM, "%s: not enough memory", path);
    return source;
}
