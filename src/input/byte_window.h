/* byte_window.h - a descriptor's bytes, seen through a buffer of fixed size that slides forward
 * SPDX-License-Identifier: Apache-2.0
 *
 * Files and pipes go the same way. Plain read() into one reused buffer and not a mapping: the
 * part in use stays in the processor's cache, a file that shrinks while it is read just ends, and
 * resident memory does not grow with the file. One thread owns a window. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BYTE_WINDOW_BYTES = 1 << 20,
    BYTE_WINDOW_READ_BYTES = 1 << 17, /* taken in at a time: so much is read while it is in cache */
};

struct byte_window {
    int fd;        /* owned */
    int stop_fd;   /* once it can be read, the input is over; -1: nobody stops it; borrowed */
    uint8_t *data; /* BYTE_WINDOW_BYTES */
    size_t begin;  /* what is in view: data[begin..end) */
    size_t end;
    uint64_t offset; /* input offset of data[begin] */
    bool stopped;    /* the input was ended by way of stop_fd */
    uint64_t owed;   /* bytes consumed that have not come in yet */
};

/* Takes the descriptor over; false without memory, and then the descriptor stays the caller's. */
bool byte_window_init(struct byte_window *window, int fd);
void byte_window_done(struct byte_window *window);

/* Reads until `need` bytes (at most BYTE_WINDOW_BYTES) are in view or the input ends, moving what
 * is in view: pointers into it become invalid. Negative errno when reading failed; after -EINTR the
 * call can be repeated. */
int byte_window_fill(struct byte_window *window, size_t need);

static inline const uint8_t *byte_window_at(const struct byte_window *window)
{
    return window->data + window->begin;
}

/* Bytes in view. */
static inline size_t byte_window_len(const struct byte_window *window)
{
    return window->end - window->begin;
}

/* Moves the view forward, possibly past what has come in yet. */
static inline void byte_window_consume(struct byte_window *window, uint64_t len)
{
    size_t here = byte_window_len(window);
    window->offset += len;
    if (len <= here) {
        window->begin += (size_t)len;
        return;
    }
    window->owed += len - here;
    window->begin = window->end = 0;
}

/* Bytes the input has given so far. */
static inline uint64_t byte_window_received(const struct byte_window *window)
{
    return window->offset - window->owed + byte_window_len(window);
}
