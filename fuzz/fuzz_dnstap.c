/* fuzz_dnstap.c - hostile bytes as Frame Streams: the file reader and a walk in pieces must agree
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/dnstap_file.h"
#include "input/dnstap_stream.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* What one way of reading found. */
struct outcome {
    uint64_t messages;
    uint64_t sum;
    bool bad;
};

static void outcome_add(struct outcome *outcome, const struct packet *packet)
{
    assert(packet->len > 0 && packet->len <= UINT16_MAX && packet->time_ns >= 0);
    assert((packet->src_port == 53 || packet->dst_port == 53) && packet->transport <= 1);
    uint64_t sum = outcome->sum * 31 + (uint64_t)packet->time_ns + packet->lacks;
    for (uint32_t i = 0; i < packet->len; i++)
        sum = sum * 31 + packet->data[i];
    outcome->sum = sum;
    outcome->messages++;
}

/* Shows the bytes as a socket would bring them at worst: never more than what was asked for, in
 * memory that ends where they end. */
static struct outcome walk(const uint8_t *data, size_t len)
{
    struct metrics metrics = {0};
    struct dnstap_stream stream = {.metrics = &metrics};
    struct outcome outcome = {0};
    size_t view = 0;
    for (size_t at = 0; at <= len;) {
        struct framestream_piece piece;
        struct packet packets[DNSTAP_PACKETS];
        struct error error;
        unsigned count;
        uint8_t *copy = malloc(view + 1);
        memcpy(copy, data + at, view);
        enum framestream_step step =
            dnstap_stream_next(&stream, copy, view, &piece, packets, &count, &error);
        for (unsigned i = 0; i < count; i++)
            outcome_add(&outcome, &packets[i]);
        free(copy);
        assert(step != FRAMESTREAM_MORE || (piece.len > view && piece.len <= FRAMESTREAM_VIEW_MAX));
        outcome.bad = step == FRAMESTREAM_BAD ||
                      (step == FRAMESTREAM_MORE && (at < len || stream.frames.open));
        if (step == FRAMESTREAM_BAD || (step == FRAMESTREAM_MORE && piece.len > len - at))
            break;
        at += step == FRAMESTREAM_MORE ? 0 : piece.len;
        view = step == FRAMESTREAM_MORE ? piece.len : 0;
    }
    const uint64_t *value = metrics.value;
    assert(value[METRIC_DNSTAP_FRAMES] <= outcome.messages + value[METRIC_DNSTAP_FRAMES_BROKEN] +
                                              value[METRIC_DNSTAP_FRAMES_OTHER]);
    return outcome;
}

static struct outcome read_file(const uint8_t *data, size_t len)
{
    struct byte_window window;
    struct outcome outcome = {0};
    struct packet packets[5];
    struct error error;
    int got, fd = memfd_create("dnstap", MFD_CLOEXEC);
    if (fd < 0 || pwrite(fd, data, len, 0) != (ssize_t)len || !byte_window_init(&window, fd))
        abort();
    struct source *source = dnstap_file_new("file", &window, len);
    while ((got = source->ops->read_messages(source, packets, 5, &error)) > 0)
        for (int i = 0; i < got; i++)
            outcome_add(&outcome, &packets[i]);
    assert(got == 0 || got == -EBADMSG);
    outcome.bad = got < 0;
    source->ops->close(source);
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct outcome walked = walk(data, len);
    struct outcome read = read_file(data, len);
    assert(read.messages == walked.messages && read.sum == walked.sum && read.bad == walked.bad);
    return 0;
}
