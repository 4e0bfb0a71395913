/* fuzz_pcap.c - hostile bytes as a capture file: through the whole source, and straight to the
 * format
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/open.h"
#include "input/pcap.h"
#include "input/pcapng.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* What one way of reading found; two ways must find the same. */
struct outcome {
    uint64_t frames;
    uint64_t sum;
    bool bad;
};

static void outcome_add(struct outcome *outcome, const struct frame *frame)
{
    assert(frame->caplen <= CAPTURE_FRAME_MAX && frame->caplen <= frame->wirelen);
    assert(frame->time_ns >= 0 && frame->time_ns <= CAPTURE_TIME_MAX_NS);
    uint64_t sum = outcome->sum * 31 + (uint64_t)frame->time_ns + frame->linktype;
    for (uint32_t i = 0; i < frame->caplen; i++)
        sum = sum * 31 + frame->data[i];
    outcome->sum = sum;
    outcome->frames++;
}

/* Straight over the input, which ends where a sanitizer watches. */
static struct outcome walk(const struct capture_format *format, const uint8_t *data, size_t len)
{
    static union {
        struct pcap_state pcap;
        struct pcapng_state pcapng;
    } state;
    struct outcome outcome = {0};
    memset(&state, 0, sizeof(state));
    for (uint64_t at = 0, step; at <= len; at += step) {
        struct error error;
        struct frame frame;
        enum piece piece = format->next(&state, data + at, len - at, &step, &frame, &error);
        if (piece == PIECE_MORE)
            assert(step > len - at && step <= CAPTURE_RECORD_MAX);
        outcome.bad = piece == PIECE_BAD || (piece == PIECE_MORE && at < len) ||
                      (piece != PIECE_BAD && piece != PIECE_MORE && step > len - at);
        if (piece == PIECE_MORE || piece == PIECE_BAD)
            break;
        assert(step > 0);
        if (piece == PIECE_FRAME)
            outcome_add(&outcome, &frame);
    }
    return outcome;
}

static struct outcome read_source(struct source *source, size_t len)
{
    struct outcome outcome = {0};
    struct frame frames[3];
    struct error error;
    uint64_t done, total;
    int got;
    while ((got = source->ops->read(source, frames, 3, &error)) > 0)
        for (int i = 0; i < got; i++)
            outcome_add(&outcome, &frames[i]);
    assert(got == 0 || got == -EBADMSG);
    assert(source->ops->read(source, frames, 3, &error) == got);
    source->ops->position(source, &done, &total);
    assert(done <= len && total == len);
    outcome.bad = got < 0;
    return outcome;
}

static struct source *open_bytes(const uint8_t *data, size_t len, int fd)
{
    char path[64];
    struct error error;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    if (ftruncate(fd, 0) != 0 || pwrite(fd, data, len, 0) != (ssize_t)len)
        abort();
    return input_open(path, &error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static int fd = -1;
    if (fd < 0)
        fd = memfd_create("capture", MFD_CLOEXEC);
    struct source *source = open_bytes(data, len, fd);
    if (!source)
        return 0;
    if (!source->ops->read) { /* dnstap has a target of its own */
        source->ops->close(source);
        return 0;
    }
    struct outcome read = read_source(source, len);
    source->ops->close(source);
    const struct capture_format *format =
        pcap_format.recognise(data) ? &pcap_format : &pcapng_format;
    struct outcome walked = walk(format, data, len);
    assert(read.frames == walked.frames && read.sum == walked.sum && read.bad == walked.bad);
    return 0;
}
