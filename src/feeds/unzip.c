/* unzip.c - unpacks a zip archive of one file while counting what comes out
 * SPDX-License-Identifier: Apache-2.0 */
#include "feeds/unzip.h"

#include <errno.h>
#include <zlib.h>

enum {
    PIECE_BYTES = 65536,
    END_BYTES = 22,   /* of the record that ends an archive, without its comment */
    ENTRY_BYTES = 46, /* of an entry in the directory, without its name */
    LOCAL_BYTES = 30, /* of the header in front of the data, the same */
    COMMENT_MAX = 65535,
    FLAG_ENCRYPTED = 1,
    METHOD_DEFLATED = 8,
};

/* What the directory says of the file. */
struct entry {
    unsigned flags, method;
    uint32_t crc, packed_bytes, local_at;
};

static unsigned u16(const uint8_t *at)
{
    return at[0] | (unsigned)at[1] << 8;
}

static uint32_t u32(const uint8_t *at)
{
    return u16(at) | (uint32_t)u16(at + 2) << 16;
}

/* The record at the end, behind which only a comment may stand; NULL: there is none. */
static const uint8_t *end_find(const uint8_t *data, size_t len)
{
    if (len < END_BYTES)
        return NULL;
    size_t first = len > END_BYTES + COMMENT_MAX ? len - END_BYTES - COMMENT_MAX : 0;
    for (size_t at = len - END_BYTES + 1; at-- > first;)
        if (u32(data + at) == 0x06054b50 && at + END_BYTES + u16(data + at + 20) == len)
            return data + at;
    return NULL;
}

/* Why its one file cannot be told from the directory, or NULL. */
static const char *entry_read(const uint8_t *data, size_t len, struct entry *ret_entry)
{
    const uint8_t *end = end_find(data, len);
    if (!end)
        return "is damaged or cut off (zip)";
    if (u16(end + 10) != 1)
        return "is a zip archive of several files, or of none";
    uint32_t at = u32(end + 16);
    if (len < ENTRY_BYTES || at > len - ENTRY_BYTES || u32(data + at) != 0x02014b50)
        return "is damaged, or a zip archive in the form for large files";
    const uint8_t *entry = data + at;
    *ret_entry = (struct entry){
        .flags = u16(entry + 8),
        .method = u16(entry + 10),
        .crc = u32(entry + 16),
        .packed_bytes = u32(entry + 20),
        .local_at = u32(entry + 42),
    };
    if (ret_entry->flags & FLAG_ENCRYPTED)
        return "is encrypted (zip)";
    return ret_entry->method == METHOD_DEFLATED ? NULL : "is packed in an unusual way (zip)";
}

/* Where the packed data lies; NULL when not within the archive. */
static const uint8_t *packed_find(const uint8_t *data, size_t len, const struct entry *entry)
{
    if (len < LOCAL_BYTES || entry->local_at > len - LOCAL_BYTES)
        return NULL;
    const uint8_t *local = data + entry->local_at;
    size_t at = entry->local_at + LOCAL_BYTES + u16(local + 26) + u16(local + 28);
    bool within = at <= len && entry->packed_bytes <= len - at;
    return within && unzip_is_packed(local, LOCAL_BYTES) ? data + at : NULL;
}

/* Z_STREAM_END when it came to its end. */
static int stream_unpack(z_stream *stream, struct buf *buf, uint32_t *ret_crc)
{
    unsigned char piece[PIECE_BYTES];
    uint32_t crc = 0;
    int code;
    do {
        stream->next_out = piece;
        stream->avail_out = sizeof(piece);
        code = inflate(stream, Z_NO_FLUSH);
        size_t got = sizeof(piece) - stream->avail_out;
        buf_append(buf, piece, got);
        crc = (uint32_t)crc32(crc, piece, (unsigned)got);
    } while (code == Z_OK && !buf->overflow);
    *ret_crc = crc;
    return code;
}

int unzip(const uint8_t *data, size_t len, struct buf *buf, struct error *error)
{
    struct entry entry;
    uint32_t crc;
    const char *why = entry_read(data, len, &entry);
    const uint8_t *packed = why ? NULL : packed_find(data, len, &entry);
    if (!packed)
        return error_set(error, -EINVAL, "%s", why ? why : "is damaged (zip)");
    z_stream stream = {.next_in = (unsigned char *)packed, .avail_in = entry.packed_bytes};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
        return error_set(error, -ENOMEM, "no memory to unpack it");
    int code = stream_unpack(&stream, buf, &crc);
    inflateEnd(&stream);
    if (buf->overflow)
        return error_set(error, -EFBIG, "unpacks to more than %zu MiB, or than there is memory for",
                         buf->max >> 20);
    return code == Z_STREAM_END && crc == entry.crc
               ? 0
               : error_set(error, -EINVAL, "is damaged or cut off (zip)");
}
