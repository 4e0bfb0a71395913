/* timeline.c - frames handed out in the order of time: a binary heap
 * SPDX-License-Identifier: Apache-2.0 */
#include "timeline.h"

#include <stdlib.h>
#include <string.h>

struct timeline_frame {
    size_t len;
    uint8_t data[];
};

static void *must(void *memory)
{
    if (!memory) {
        fputs("dnsvigil-generate: not enough memory\n", stderr);
        exit(1);
    }
    return memory;
}

static bool before(const struct timeline_entry *a, const struct timeline_entry *b)
{
    return a->time_ns != b->time_ns ? a->time_ns < b->time_ns : a->order < b->order;
}

void timeline_init(struct timeline *timeline)
{
    *timeline = (struct timeline){.capacity = 1024};
    timeline->heap = must(calloc(timeline->capacity, sizeof(*timeline->heap)));
}

void timeline_done(struct timeline *timeline)
{
    for (size_t i = 0; i < timeline->count; i++)
        free(timeline->heap[i].frame);
    free(timeline->heap);
}

/* Puts an entry in at the bottom and lets it rise. */
static void heap_push(struct timeline *timeline, struct timeline_entry entry)
{
    if (timeline->count == timeline->capacity) {
        timeline->capacity *= 2;
        timeline->heap =
            must(realloc(timeline->heap, timeline->capacity * sizeof(*timeline->heap)));
    }
    struct timeline_entry *heap = timeline->heap;
    size_t at = timeline->count++;
    for (; at && before(&entry, &heap[(at - 1) / 2]); at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = entry;
}

/* Takes the first entry out; the last one fills the gap and sinks. */
static struct timeline_entry heap_pop(struct timeline *timeline)
{
    struct timeline_entry *heap = timeline->heap;
    struct timeline_entry first = heap[0], last = heap[--timeline->count];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < timeline->count; at = child) {
        if (child + 1 < timeline->count && before(&heap[child + 1], &heap[child]))
            child++;
        if (!before(&heap[child], &last))
            break;
        heap[at] = heap[child];
    }
    heap[at] = last;
    return first;
}

void timeline_add(struct timeline *timeline, int64_t time_ns, const void *data, size_t len)
{
    struct timeline_frame *frame = must(malloc(sizeof(*frame) + len));
    frame->len = len;
    memcpy(frame->data, data, len);
    heap_push(timeline, (struct timeline_entry){time_ns, timeline->added++, frame});
}

void timeline_write(struct timeline *timeline, int64_t until_ns, uint64_t frames_max,
                    struct capture_writer *writer)
{
    while (timeline->count && timeline->heap[0].time_ns <= until_ns &&
           writer->frames < frames_max) {
        struct timeline_entry first = heap_pop(timeline);
        capture_writer_add(writer, first.time_ns, first.frame->data, first.frame->len);
        free(first.frame);
    }
}
