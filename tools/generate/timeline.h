/* timeline.h - frames that are to be seen at some time, handed out in the order of time
 * SPDX-License-Identifier: Apache-2.0
 *
 * A conversation puts its answers, repetitions and late comers here as soon as it is thought up;
 * the writer takes out what is due. Frames of one time come out in the order they were put in. */
#pragma once

#include "capture_write.h"

struct timeline_entry {
    int64_t time_ns;
    uint64_t order;
    struct timeline_frame *frame;
};

struct timeline {
    struct timeline_entry *heap; /* the earliest is first, children of i are 2i+1 and 2i+2 */
    size_t count;
    size_t capacity;
    uint64_t added;
};

void timeline_init(struct timeline *timeline);
void timeline_done(struct timeline *timeline);

/* Copies the frame. Ends the program without memory: this is a tool that starts over cheaply. */
void timeline_add(struct timeline *timeline, int64_t time_ns, const void *data, size_t len);

/* Writes all frames up to and including `until_ns`, but no more than until the writer has
 * `frames_max` in all. */
void timeline_write(struct timeline *timeline, int64_t until_ns, uint64_t frames_max,
                    struct capture_writer *writer);
