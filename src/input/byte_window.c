/* byte_window.c - a descriptor's bytes through a sliding buffer
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/byte_window.h"

#include "base/pulse.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool byte_window_init(struct byte_window *window, int fd)
{
    *window = (struct byte_window){.fd = fd, .stop_fd = -1, .data = malloc(BYTE_WINDOW_BYTES)};
    return window->data != NULL;
}

void byte_window_done(struct byte_window *window)
{
    free(window->data);
    close(window->fd);
    *window = (struct byte_window){.fd = -1};
}

/* Moves what is in view to the front of the buffer. */
static void byte_window_slide(struct byte_window *window)
{
    size_t len = byte_window_len(window);
    memmove(window->data, byte_window_at(window), len);
    window->begin = 0;
    window->end = len;
}

/* Lets go of bytes that were consumed before they came in. */
static void byte_window_settle(struct byte_window *window)
{
    uint64_t owed = window->owed;
    window->owed = 0;
    window->offset -= owed;
    byte_window_consume(window, owed);
}

/* Waits for bytes; false when the input was stopped instead. */
static bool wait_readable(const struct byte_window *window)
{
    struct pollfd fds[] = {{.fd = window->stop_fd, .events = POLLIN},
                           {.fd = window->fd, .events = POLLIN}};
    if (window->stop_fd < 0)
        return true;
    while (poll(fds, 2, PULSE_WAIT_MS) == 0) /* a signal is noticed by read() */
        pulse_beat();
    return !fds[0].revents;
}

int byte_window_fill(struct byte_window *window, size_t need)
{
    assert(need <= BYTE_WINDOW_BYTES);
    while (byte_window_len(window) < need) {
        byte_window_slide(window);
        window->stopped |= !wait_readable(window);
        if (window->stopped)
            return 0;
        size_t room = BYTE_WINDOW_BYTES - window->end;
        ssize_t got = read(window->fd, window->data + window->end,
                           room < BYTE_WINDOW_READ_BYTES ? room : BYTE_WINDOW_READ_BYTES);
        if (got < 0)
            return -errno;
        if (got == 0)
            return 0;
        window->end += (size_t)got;
        byte_window_settle(window);
    }
    return 0;
}
