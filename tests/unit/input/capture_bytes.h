/* capture_bytes.h - builds capture files byte by byte for the tests of the input room
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <assert.h>
#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { CAPTURE_BYTES_MAX = 1 << 20, CAPTURE_FRAMES_MAX = 64 };

struct capture_bytes {
    bool big_endian;
    size_t len;
    size_t frames;
    size_t frame_end[CAPTURE_FRAMES_MAX]; /* offset after each complete frame */
    size_t edges;
    size_t edge[CAPTURE_FRAMES_MAX]; /* offsets at which the file could end without being cut */
    uint8_t data[CAPTURE_BYTES_MAX];
};

static inline void put(struct capture_bytes *to, const void *data, size_t len)
{
    assert(len <= sizeof(to->data) - to->len);
    memcpy(to->data + to->len, data, len);
    to->len += len;
}

static inline void put16(struct capture_bytes *to, uint16_t value)
{
    value = to->big_endian ? htobe16(value) : htole16(value);
    put(to, &value, sizeof(value));
}

static inline void put32(struct capture_bytes *to, uint32_t value)
{
    value = to->big_endian ? htobe32(value) : htole32(value);
    put(to, &value, sizeof(value));
}

static inline void put64(struct capture_bytes *to, uint64_t value)
{
    value = to->big_endian ? htobe64(value) : htole64(value);
    put(to, &value, sizeof(value));
}

static inline void put_fill(struct capture_bytes *to, uint8_t byte, size_t len)
{
    for (; len; len--)
        put(to, &byte, 1);
}

static inline void end_of_piece(struct capture_bytes *to, bool is_frame)
{
    if (is_frame)
        to->frame_end[to->frames++] = to->len;
    to->edge[to->edges++] = to->len;
}

static inline void put_pcap_header(struct capture_bytes *to, uint32_t magic, uint32_t linktype)
{
    put32(to, magic);
    put16(to, 2);
    put16(to, 4);
    put64(to, 0);
    put32(to, 65535);
    put32(to, linktype);
    end_of_piece(to, false);
}

/* A record of `caplen` bytes of `fill`; `extra` more header bytes for the modified format. */
static inline void put_pcap_record(struct capture_bytes *to, uint32_t seconds, uint32_t fraction,
                                   uint32_t caplen, uint32_t wirelen, uint8_t fill, size_t extra)
{
    put32(to, seconds);
    put32(to, fraction);
    put32(to, caplen);
    put32(to, wirelen);
    put_fill(to, 0xee, extra);
    put_fill(to, fill, caplen);
    end_of_piece(to, true);
}

/* Opens a pcapng block; the result goes to block_end(). */
static inline size_t block_begin(struct capture_bytes *to, uint32_t type)
{
    size_t start = to->len;
    put32(to, type);
    put32(to, 0);
    return start;
}

static inline void block_end(struct capture_bytes *to, size_t start, bool is_frame)
{
    put_fill(to, 0, (4 - to->len % 4) % 4);
    uint32_t total = (uint32_t)(to->len - start + 4);
    put32(to, total);
    memcpy(to->data + start + 4, to->data + to->len - 4, 4);
    end_of_piece(to, is_frame);
}

static inline void put_section(struct capture_bytes *to)
{
    size_t start = block_begin(to, 0x0a0d0d0a);
    put32(to, 0x1a2b3c4d);
    put16(to, 1);
    put16(to, 0);
    put64(to, UINT64_MAX);
    block_end(to, start, false);
}

static inline void put_option(struct capture_bytes *to, uint16_t code, const void *value,
                              uint16_t len)
{
    put16(to, code);
    put16(to, len);
    put(to, value, len);
    put_fill(to, 0, (4 - len % 4) % 4);
}

/* An interface without options. */
static inline void put_interface(struct capture_bytes *to, uint16_t linktype, uint32_t snaplen)
{
    size_t start = block_begin(to, 1);
    put16(to, linktype);
    put16(to, 0);
    put32(to, snaplen);
    block_end(to, start, false);
}

/* An interface with a time resolution and a time offset. */
static inline void put_timed_interface(struct capture_bytes *to, uint8_t tsresol, int64_t offset_s)
{
    size_t start = block_begin(to, 1);
    put16(to, 1);
    put16(to, 0);
    put32(to, 0);
    put_option(to, 2, "eth0", 4);
    put_option(to, 9, &tsresol, 1);
    put16(to, 14);
    put16(to, 8);
    put64(to, (uint64_t)offset_s);
    put32(to, 0);
    block_end(to, start, false);
}

static inline void put_enhanced(struct capture_bytes *to, uint32_t interface, uint64_t stamp,
                                uint32_t caplen, uint32_t wirelen, uint8_t fill)
{
    size_t start = block_begin(to, 6);
    put32(to, interface);
    put32(to, (uint32_t)(stamp >> 32));
    put32(to, (uint32_t)stamp);
    put32(to, caplen);
    put32(to, wirelen);
    put_fill(to, fill, caplen);
    block_end(to, start, true);
}

static inline void put_obsolete(struct capture_bytes *to, uint16_t interface, uint64_t stamp,
                                uint32_t caplen, uint8_t fill)
{
    size_t start = block_begin(to, 2);
    put16(to, interface);
    put16(to, 0xffff);
    put32(to, (uint32_t)(stamp >> 32));
    put32(to, (uint32_t)stamp);
    put32(to, caplen);
    put32(to, caplen);
    put_fill(to, fill, caplen);
    block_end(to, start, true);
}

static inline void put_simple(struct capture_bytes *to, uint32_t wirelen, uint32_t caplen,
                              uint8_t fill)
{
    size_t start = block_begin(to, 3);
    put32(to, wirelen);
    put_fill(to, fill, caplen);
    block_end(to, start, true);
}

/* A pcapng with every kind of block and a change of byte order in the middle: seven frames. */
static inline void put_every_block(struct capture_bytes *to)
{
    to->big_endian = false;
    put_section(to);
    put_interface(to, 1, 64);
    put_timed_interface(to, 9, 0);
    put_enhanced(to, 0, 1700000000000000, 61, 61, 0xa1);
    put_enhanced(to, 1, 1700000000100000000, 60, 1500, 0xa2);
    put_simple(to, 1500, 64, 0xa3);
    size_t start = block_begin(to, 5);
    put_fill(to, 0, 20);
    block_end(to, start, false);
    to->big_endian = true;
    put_section(to);
    put_interface(to, 101, 0);
    put_obsolete(to, 0, 1700000001000000, 33, 0xa4);
    put_enhanced(to, 0, 1700000001200000, 0, 0, 0xa5);
    put_simple(to, 47, 47, 0xa6);
    put_enhanced(to, 0, 1700000001300000, 1, 1, 0xa7);
}
