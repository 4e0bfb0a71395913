/* fuzz_frames.c - feeds any sequence of frames to the network decoder and checks its accounts
 * SPDX-License-Identifier: Apache-2.0
 *
 * Input: the link type (two bytes, big endian), then frames: milliseconds since the one before (two
 * bytes, the highest bit turns time back), bytes missing at the end as if cut by a snaplen (one),
 * length (two), and the bytes. */
#include "base/clock.h"
#include "base/cursor.h"
#include "decode/net.h"
#include "decode/odd_port.h"
#include "frame_build.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { LEN_MAX = 65535, MEMORY_BYTES = 256 << 10 };

struct seen {
    uint64_t messages;
    uint64_t bounced;
    uint64_t sum; /* of all bytes delivered, so that each is read */
};

static void see(void *arg, const struct packet *packet)
{
    struct seen *seen = arg;
    assert((packet->len > 0 || packet->bounced) && packet->len <= LEN_MAX);
    assert(packet->transport == TRANSPORT_UDP || packet->transport == TRANSPORT_TCP);
    assert(packet->src_port == 53 || packet->dst_port == 53 ||
           odd_port_is_dns(packet->data, packet->len, packet->src_port, packet->dst_port));
    assert(!packet->bounced || (packet->src_port == 53 && packet->dst_port != 53));
    seen->messages += !packet->bounced;
    seen->bounced += packet->bounced;
    for (uint32_t i = 0; i < packet->len; i++)
        seen->sum += packet->data[i];
}

/* A block of exactly its size, so that a sanitizer sees a read one byte past it. */
static void pass(struct net *net, struct frame frame, struct seen *seen)
{
    uint8_t *block = malloc(frame.caplen ? frame.caplen : 1);
    assert(block);
    if (frame.caplen > 0)
        memcpy(block, frame.data, frame.caplen);
    frame.data = block;
    net_frame(net, &frame, see, seen);
    free(block);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct net_config config = net_config_default;
    config.fragment_bytes_max = MEMORY_BYTES;
    config.stream_bytes_max = MEMORY_BYTES;
    config.streams_max = 16;
    struct metrics metrics = {0};
    struct error error;
    struct seen seen = {0};
    struct net *net = net_new(&config, &metrics, &error);
    assert(net);
    struct cursor c = cursor_of(data, len);
    struct frame frame = {.linktype = cursor_be16(&c), .time_ns = 1000 * NS_PER_S};
    while (cursor_left(&c) > 0) {
        uint16_t step_ms = cursor_be16(&c);
        int64_t step_ns = (step_ms & 0x7fff) * NS_PER_MS;
        frame.time_ns += step_ms & 0x8000 ? -step_ns : step_ns;
        uint8_t missing = cursor_u8(&c);
        size_t want = cursor_be16(&c);
        frame.caplen = (uint32_t)(want < cursor_left(&c) ? want : cursor_left(&c));
        frame.data = cursor_take(&c, frame.caplen);
        frame.wirelen = frame.caplen + missing;
        pass(net, frame, &seen);
        assert(frames_add_up(&metrics));
        assert(metrics.value[METRIC_MESSAGES_IN] == seen.messages);
        assert(metrics.rejected[REJECT_BOUNCED] == seen.bounced);
    }
    net_finish(net);
    assert(metrics.value[METRIC_FRAGMENTS_EXPIRED] <= metrics.value[METRIC_FRAMES_HELD]);
    net_free(net);
    return 0;
}
