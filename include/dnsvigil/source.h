/* source.h - where traffic comes from: the vtable every input implements
 * SPDX-License-Identifier: Apache-2.0
 *
 * A source gives frames (captures, interfaces) or messages that somebody else has taken out of
 * frames already (dnstap, logs): it has `read` or `read_messages`, not both. A caller opens a
 * source, reads batches until it returns 0 or a negative errno, and closes it. A source that breaks
 * in the middle first delivers everything that was readable. One thread reads a source; any thread
 * may stop it. */
#pragma once

#include "base/error.h"

#include <dnsvigil/frame.h>
#include <dnsvigil/metrics.h>
#include <dnsvigil/packet.h>

#include <stddef.h>

struct source;

/* Frames that nobody could read. */
struct source_losses {
    uint64_t kernel;    /* found the capture buffer full */
    uint64_t interface; /* the network interface or its driver had no room for */
};

struct source_ops {
    const char *name; /* "pcap" */

    /* Fills at most `max` frames, whose bytes stay valid until the next call on this source.
     * Returns how many; 0 at the end; -EBADMSG when the input is damaged or cut from here on (the
     * message names file, byte offset and reason), -EINTR when a signal came while it waited and
     * -EAGAIN when nothing came for a second (after both reading can go on), another negative errno
     * when reading failed. */
    int (*read)(struct source *source, struct frame *frames, size_t max, struct error *error);

    /* The same with messages. */
    int (*read_messages)(struct source *source, struct packet *packets, size_t max,
                         struct error *error);

    /* Makes a read that waits, and every later one, return 0 soon. NULL for what never waits. */
    void (*stop)(struct source *source);

    /* What was lost on the way to `read` since the source was opened; called by the thread that
     * reads. NULL for what loses nothing. */
    void (*losses)(struct source *source, struct source_losses *ret_losses);

    /* What it counts by itself (only the rows of metrics.def that no shard counts), since it was
     * opened and until it is closed; the thread that reads writes it. NULL for what counts nothing.
     */
    const struct metrics *(*metrics)(const struct source *source);

    /* Bytes consumed, and the total or 0 where it is unknown (a pipe). For progress. */
    void (*position)(const struct source *source, uint64_t *ret_done, uint64_t *ret_total);

    void (*close)(struct source *source);
};

/* The head of every source object. */
struct source {
    const struct source_ops *ops;
    char label[256]; /* file name or "-", as the user gave it */
};
