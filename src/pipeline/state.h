/* state.h - the file in which what the meters know outlives the process
 * SPDX-License-Identifier: Apache-2.0
 *
 * One file, replaced as a whole: a head, then the images (image.h) of what all shards know and of
 * each shard. It is believed only when its checksum holds, it is of the same program version and of
 * the same limits, and not older than the configuration allows. Tables are keyed by the process's
 * hash seed, so that is in the head, and the next process goes on with it: for this reason the file
 * is readable by its owner only, and not believed otherwise. */
#pragma once

#include "base/image.h"
#include "config/config.h"

enum { STATE_PARTS_MAX = 65, STATE_PART_BYTES_MAX = 1 << 30 };

/* A file that was read. */
struct state {
    char *bytes;
    int64_t saved_ns; /* when it was written, by the clock */
    unsigned count;
    struct image parts[STATE_PARTS_MAX]; /* as many as were written, in their order */
};

/* `state.bin` in the configured folder, for the caller to free; NULL without memory. */
char *state_path(const struct config *config);

/* Reads the file, checks it, and makes its hash seed the process's: call before anything is hashed.
 * `now_ns` is the clock. -ENOENT without a message when there is none. Otherwise a negative errno
 * and why the meters start empty. Free with state_done(). */
int state_read(const char *path, const struct config *config, unsigned parts, int64_t now_ns,
               struct state *ret_state, struct error *error);
void state_done(struct state *state);

/* Writes the file anew, durably: a crash leaves the old or the new one. Any thread; one at a time.
 */
int state_write(const char *path, const struct config *config, const struct buf *parts,
                unsigned count, int64_t now_ns, struct error *error);
