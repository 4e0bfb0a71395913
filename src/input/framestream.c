/* framestream.c - takes a byte stream apart into control and data frames
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/framestream.h"

#include "base/cursor.h"
#include "input/dnstap.h"

#include <errno.h>
#include <fstrm.h>

static const char content_type[] = DNSTAP_CONTENT_TYPE;
enum { CONTENT_TYPE_BYTES = sizeof(content_type) - 1 };

static uint32_t be32_at(const uint8_t *at)
{
    struct cursor c = cursor_of(at, 4);
    return cursor_be32(&c);
}

bool framestream_recognise(const uint8_t magic[static 4])
{
    return be32_at(magic) == 0;
}

static enum framestream_step refuse(struct error *error, const char *what)
{
    error_set(error, -EBADMSG, "%s", what);
    return FRAMESTREAM_BAD;
}

/* ACCEPT names what we read; FINISH says nothing. */
static void reply_build(fstrm_control_type type, struct framestream_piece *ret)
{
    struct fstrm_control *control = fstrm_control_init();
    size_t len = sizeof(ret->reply);
    bool built = fstrm_control_set_type(control, type) == fstrm_res_success;
    if (built && type == FSTRM_CONTROL_ACCEPT)
        built = fstrm_control_add_field_content_type(control, (const uint8_t *)content_type,
                                                     CONTENT_TYPE_BYTES) == fstrm_res_success;
    built = built && fstrm_control_encode(control, ret->reply, &len,
                                          FSTRM_CONTROL_FLAG_WITH_HEADER) == fstrm_res_success;
    ret->reply_len = built ? (uint8_t)len : 0;
    fstrm_control_destroy(&control);
}

static enum framestream_step take_ready(struct framestream *stream, struct framestream_piece *ret,
                                        struct error *error)
{
    if (stream->begun)
        return refuse(error, "a READY frame in the middle of the stream");
    stream->bidirectional = true;
    reply_build(FSTRM_CONTROL_ACCEPT, ret);
    return FRAMESTREAM_CONTROL;
}

static enum framestream_step take_start(struct framestream *stream, struct error *error)
{
    if (stream->open)
        return refuse(error, "a START frame in a stream that was started");
    stream->open = true;
    return FRAMESTREAM_CONTROL;
}

static enum framestream_step take_stop(struct framestream *stream, struct framestream_piece *ret,
                                       struct error *error)
{
    if (!stream->open)
        return refuse(error, "a STOP frame in a stream that was not started");
    stream->open = false;
    if (stream->bidirectional)
        reply_build(FSTRM_CONTROL_FINISH, ret);
    return FRAMESTREAM_CONTROL;
}

/* `control` is decoded; its content types are looked at by libfstrm, none at all is every one. */
static enum framestream_step control_take(struct framestream *stream,
                                          const struct fstrm_control *control,
                                          struct framestream_piece *ret, struct error *error)
{
    fstrm_control_type type;
    if (fstrm_control_get_type(control, &type) != fstrm_res_success)
        return refuse(error, "a control frame without a type");
    if ((type == FSTRM_CONTROL_READY || type == FSTRM_CONTROL_START) &&
        fstrm_control_match_field_content_type(control, (const uint8_t *)content_type,
                                               CONTENT_TYPE_BYTES) != fstrm_res_success)
        return refuse(error, "the stream carries something else than " DNSTAP_CONTENT_TYPE);
    switch (type) {
    case FSTRM_CONTROL_READY: return take_ready(stream, ret, error);
    case FSTRM_CONTROL_START: return take_start(stream, error);
    case FSTRM_CONTROL_STOP: return take_stop(stream, ret, error);
    default: return refuse(error, "a control frame that only a reader sends");
    }
}

static enum framestream_step control_next(struct framestream *stream, const uint8_t *data,
                                          size_t len, struct framestream_piece *ret,
                                          struct error *error)
{
    ret->len = 2 * FRAMESTREAM_HEADER_BYTES;
    if (len < ret->len)
        return FRAMESTREAM_MORE;
    uint32_t payload = be32_at(data + FRAMESTREAM_HEADER_BYTES);
    if (payload < 4 || payload > FSTRM_CONTROL_FRAME_LENGTH_MAX)
        return refuse(error, "a control frame of impossible length");
    ret->len += payload;
    if (len < ret->len)
        return FRAMESTREAM_MORE;
    struct fstrm_control *control = fstrm_control_init();
    enum framestream_step step;
    if (fstrm_control_decode(control, data, ret->len, FSTRM_CONTROL_FLAG_WITH_HEADER) ==
        fstrm_res_success)
        step = control_take(stream, control, ret, error);
    else
        step = refuse(error, "a control frame that cannot be read");
    fstrm_control_destroy(&control);
    stream->begun = true;
    return step;
}

enum framestream_step framestream_next(struct framestream *stream, const uint8_t *data, size_t len,
                                       struct framestream_piece *ret, struct error *error)
{
    ret->len = FRAMESTREAM_HEADER_BYTES;
    ret->reply_len = 0;
    if (len < FRAMESTREAM_HEADER_BYTES)
        return FRAMESTREAM_MORE;
    uint32_t payload = be32_at(data);
    if (payload == 0)
        return control_next(stream, data, len, ret, error);
    if (!stream->open)
        return refuse(error, "a data frame in a stream that was not started");
    if (payload > FRAMESTREAM_FRAME_MAX) {
        error_set(error, -EBADMSG, "frame length %u is impossible (at most %d)", payload,
                  FRAMESTREAM_FRAME_MAX);
        return FRAMESTREAM_BAD;
    }
    ret->len += payload;
    return len < ret->len ? FRAMESTREAM_MORE : FRAMESTREAM_DATA;
}
