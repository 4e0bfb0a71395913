/* capture_write.c - writes frames to a capture file
 * SPDX-License-Identifier: Apache-2.0 */
#include "capture_write.h"

#include "base/clock.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

enum {
    PCAP_MAGIC_US = 0xa1b2c3d4,
    LINKTYPE_ETHERNET = 1,
    SNAPLEN = 262144,
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_ENHANCED_PACKET = 6,
    BYTE_ORDER_MAGIC = 0x1a2b3c4d,
    OPTION_TSRESOL = 9,
    TSRESOL_NS = 9,
};

static void put(struct capture_writer *writer, const void *data, size_t len)
{
    fwrite(data, 1, len, writer->file);
}

static void put32s(struct capture_writer *writer, const uint32_t *words, size_t count)
{
    uint32_t little[16];
    for (size_t i = 0; i < count; i++)
        little[i] = htole32(words[i]);
    put(writer, little, count * sizeof(*little));
}

#define PUT32S(writer, ...)                                                                        \
    put32s(writer, (const uint32_t[]){__VA_ARGS__},                                                \
           sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

static void put_pcap_head(struct capture_writer *writer)
{
    PUT32S(writer, PCAP_MAGIC_US, 4 << 16 | 2, 0, 0, SNAPLEN, LINKTYPE_ETHERNET);
}

static void put_pcapng_head(struct capture_writer *writer)
{
    PUT32S(writer, BLOCK_SECTION, 28, BYTE_ORDER_MAGIC, 1, UINT32_MAX, UINT32_MAX, 28);
    PUT32S(writer, BLOCK_INTERFACE, 32, LINKTYPE_ETHERNET, SNAPLEN, 1 << 16 | OPTION_TSRESOL,
           TSRESOL_NS, 0, 32);
}

static void put_pcap_record(struct capture_writer *writer, int64_t time_ns, const void *data,
                            uint32_t len)
{
    PUT32S(writer, (uint32_t)(time_ns / NS_PER_S), (uint32_t)(time_ns % NS_PER_S / NS_PER_US), len,
           len);
    put(writer, data, len);
}

static void put_pcapng_record(struct capture_writer *writer, int64_t time_ns, const void *data,
                              uint32_t len)
{
    uint32_t padding = -len % 4;
    uint32_t total = 32 + len + padding;
    PUT32S(writer, BLOCK_ENHANCED_PACKET, total, 0, (uint32_t)(time_ns >> 32), (uint32_t)time_ns,
           len, len);
    put(writer, data, len);
    put(writer, "\0\0\0", padding);
    PUT32S(writer, total);
}

int capture_writer_open(struct capture_writer *writer, const char *path, bool pcapng,
                        struct error *error)
{
    FILE *file = strcmp(path, "-") == 0 ? stdout : fopen(path, "wb");
    if (!file)
        return error_set(error, -errno, "%s: cannot write: %s", path, strerror(errno));
    *writer = (struct capture_writer){.file = file, .path = path, .pcapng = pcapng};
    setvbuf(file, NULL, _IOFBF, 1 << 20);
    if (pcapng)
        put_pcapng_head(writer);
    else
        put_pcap_head(writer);
    return 0;
}

void capture_writer_add(struct capture_writer *writer, int64_t time_ns, const void *data,
                        size_t len)
{
    if (writer->pcapng)
        put_pcapng_record(writer, time_ns, data, (uint32_t)len);
    else
        put_pcap_record(writer, time_ns, data, (uint32_t)len);
    writer->frames++;
    writer->bytes += len;
}

int capture_writer_close(struct capture_writer *writer, struct error *error)
{
    bool failed = ferror(writer->file);
    if (fclose(writer->file) != 0 || failed)
        return error_set(error, -EIO, "%s: writing failed; is the disk full?", writer->path);
    return 0;
}
