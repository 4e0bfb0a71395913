/* pcap.c - the classic capture format of tcpdump
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/pcap.h"

#include "base/clock.h"

#include <errno.h>

enum { FILE_HEADER_BYTES = 24, RECORD_HEADER_BYTES = 16, MODIFIED_HEADER_BYTES = 24 };

/* What the first four bytes, read as little endian, say about the rest. */
static const struct pcap_variant {
    uint32_t magic;
    bool big_endian;
    uint8_t header_bytes; /* of a record */
    uint16_t tick_ns;     /* of the time stamp's fraction */
} variants[] = {
    {0xa1b2c3d4, false, RECORD_HEADER_BYTES, NS_PER_US},
    {0xd4c3b2a1, true, RECORD_HEADER_BYTES, NS_PER_US},
    {0xa1b23c4d, false, RECORD_HEADER_BYTES, 1},
    {0x4d3cb2a1, true, RECORD_HEADER_BYTES, 1},
    {0xa1b2cd34, false, MODIFIED_HEADER_BYTES, NS_PER_US},
    {0x34cdb2a1, true, MODIFIED_HEADER_BYTES, NS_PER_US},
};

static const struct pcap_variant *variant_of(const uint8_t *magic)
{
    for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++)
        if (capture_u32(magic, false) == variants[i].magic)
            return &variants[i];
    return NULL;
}

static bool pcap_recognise(const uint8_t magic[CAPTURE_MAGIC_BYTES])
{
    return variant_of(magic);
}

static enum piece pcap_begin(struct pcap_state *pcap, const uint8_t *data, size_t len,
                             uint64_t *ret_len, struct error *error)
{
    *ret_len = FILE_HEADER_BYTES;
    if (len < FILE_HEADER_BYTES)
        return PIECE_MORE;
    const struct pcap_variant *variant = variant_of(data);
    if (!variant) {
        error_set(error, -EBADMSG, "not a pcap file header");
        return PIECE_BAD;
    }
    unsigned major = capture_u16(data + 4, variant->big_endian);
    unsigned minor = capture_u16(data + 6, variant->big_endian);
    if (major != 2) {
        error_set(error, -EBADMSG, "pcap version %u.%u: only 2.x is known", major, minor);
        return PIECE_BAD;
    }
    pcap->variant = variant;
    /* The upper half holds the length of a frame check sequence, which IP's own lengths cut off. */
    pcap->linktype = (uint16_t)capture_u32(data + 20, variant->big_endian);
    return PIECE_SKIP;
}

static enum piece pcap_next(void *state, const uint8_t *data, size_t len, uint64_t *ret_len,
                            struct frame *ret_frame, struct error *error)
{
    struct pcap_state *pcap = state;
    const struct pcap_variant *variant = pcap->variant;
    if (!variant)
        return pcap_begin(pcap, data, len, ret_len, error);
    *ret_len = variant->header_bytes;
    if (len < variant->header_bytes)
        return PIECE_MORE;
    uint32_t caplen = capture_u32(data + 8, variant->big_endian);
    if (caplen > CAPTURE_FRAME_MAX) {
        error_set(error, -EBADMSG, "record length %u is impossible (at most %d)", caplen,
                  CAPTURE_FRAME_MAX);
        return PIECE_BAD;
    }
    *ret_len += caplen;
    if (len < *ret_len)
        return PIECE_MORE;
    *ret_frame = (struct frame){
        .time_ns = capture_u32(data, variant->big_endian) * NS_PER_S +
                   (int64_t)capture_u32(data + 4, variant->big_endian) * variant->tick_ns,
        .data = data + variant->header_bytes,
        .caplen = caplen,
        .wirelen = capture_wirelen(caplen, capture_u32(data + 12, variant->big_endian)),
        .linktype = pcap->linktype,
    };
    return PIECE_FRAME;
}

const struct capture_format pcap_format = {"pcap", pcap_recognise, pcap_next};
