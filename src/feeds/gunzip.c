/* gunzip.c - unpacks gzip (RFC 1952) while counting what comes out
 * SPDX-License-Identifier: Apache-2.0 */
#include "feeds/gunzip.h"

#include <errno.h>
#include <zlib.h>

enum { PIECE_BYTES = 65536, WINDOW_GZIP = 15 + 16 };

/* Unpacks one member; Z_STREAM_END when it came to its end. */
static int member_unpack(z_stream *stream, struct buf *buf)
{
    unsigned char piece[PIECE_BYTES];
    int code;
    do {
        stream->next_out = piece;
        stream->avail_out = sizeof(piece);
        code = inflate(stream, Z_NO_FLUSH);
        buf_append(buf, piece, sizeof(piece) - stream->avail_out);
    } while (code == Z_OK && !buf->overflow);
    return code;
}

int gunzip(const uint8_t *data, size_t len, struct buf *buf, struct error *error)
{
    z_stream stream = {.next_in = (unsigned char *)data, .avail_in = (unsigned)len};
    if (inflateInit2(&stream, WINDOW_GZIP) != Z_OK)
        return error_set(error, -ENOMEM, "no memory to unpack it");
    int code;
    do {
        code = member_unpack(&stream, buf);
    } while (code == Z_STREAM_END && !buf->overflow &&
             gunzip_is_packed(stream.next_in, stream.avail_in) && inflateReset(&stream) == Z_OK);
    inflateEnd(&stream);
    if (buf->overflow)
        return error_set(error, -EFBIG, "unpacks to more than %zu MiB, or than there is memory for",
                         buf->max >> 20);
    return code == Z_STREAM_END ? 0 : error_set(error, -EINVAL, "is damaged or cut off (gzip)");
}
