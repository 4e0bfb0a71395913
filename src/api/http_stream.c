/* http_stream.c - answers that take their time: server-sent events, and long downloads
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each stream has a cursor of its own, so nothing is kept for a client that reads slowly: it is
 * asked for more only when it has taken what it got. One that takes nothing for 30 s is closed by
 * libevent's timeout. After ten minutes a stream ends and the client comes again, by which it is
 * also asked again who it is. */
#include "api/http_server.h"

#include <event2/buffer.h>
#include <stdlib.h>

enum {
    STREAM_S = 600,
    HEARTBEAT_S = 15,
    STREAM_BUFFER_MAX = 64 * 1024,
    STREAM_CHUNK_MAX = 1 << 20,
    DOWNLOAD_PIECE_MAX = 32 << 20,
};

struct stream {
    struct stream *next;
    struct evhttp_request *request;
    http_stream_fn more;
    struct http_download *download; /* instead of `more`; or NULL */
    bool broken;                    /* it waits for its connection to be cut off */
    uint64_t cursor;
    int64_t end_s;
    int64_t told_s;
};

static bool chunk_send(struct stream *stream, const struct buf *buf)
{
    struct evbuffer *chunk = evbuffer_new();
    bool sent = chunk && evbuffer_add(chunk, buf->data, buf->len) == 0;
    if (sent)
        evhttp_send_reply_chunk(stream->request, chunk);
    if (chunk)
        evbuffer_free(chunk);
    stream->told_s = monotonic_s();
    return sent;
}

/* A client has taken a piece of a download. */
static void piece_taken(struct evhttp_connection *connection, void *arg)
{
    struct http *http = arg;
    (void)connection;
    event_active(http->flow, EV_TIMEOUT, 0);
}

static bool piece_send(struct http *http, struct stream *stream, const struct buf *buf)
{
    struct evbuffer *piece = evbuffer_new();
    bool sent = piece && evbuffer_add(piece, buf->data, buf->len) == 0;
    connection_deadline(http, stream->request, ANSWER_S);
    if (sent)
        evhttp_send_reply_chunk_with_cb(stream->request, piece, piece_taken, http);
    if (piece)
        evbuffer_free(piece);
    return sent;
}

/* False when it has ended. One that failed is cut off, so that nobody takes it for whole. */
static bool download_flow(struct http *http, struct stream *stream)
{
    struct buf buf;
    buf_init(&buf, DOWNLOAD_PIECE_MAX);
    int r = stream->download->more(stream->download, http->config.stream_arg, &buf);
    if (r >= 0 && (buf.overflow || (buf.len > 0 && !piece_send(http, stream, &buf))))
        r = -1;
    buf_done(&buf);
    stream->broken = r < 0;
    if (stream->broken)
        connection_deadline(http, stream->request, 0);
    return r != 0;
}

/* False when it has ended. */
static bool stream_flow(struct http *http, struct stream *stream)
{
    struct evhttp_connection *connection = evhttp_request_get_connection(stream->request);
    if (!connection || (!stream->download && monotonic_s() >= stream->end_s))
        return false;
    if (stream->broken)
        return true;
    struct bufferevent *socket = evhttp_connection_get_bufferevent(connection);
    if (evbuffer_get_length(bufferevent_get_output(socket)) > STREAM_BUFFER_MAX)
        return true;
    if (stream->download)
        return download_flow(http, stream);
    struct buf buf;
    buf_init(&buf, STREAM_CHUNK_MAX);
    bool goes_on = stream->more(http->config.stream_arg, &stream->cursor, &buf);
    if (buf.len == 0 && monotonic_s() - stream->told_s >= HEARTBEAT_S)
        buf_text(&buf, ":\n\n");
    if (goes_on && buf.len > 0)
        goes_on = !buf.overflow && chunk_send(stream, &buf);
    buf_done(&buf);
    return goes_on;
}

static void stream_free(struct stream *stream)
{
    if (stream->download)
        stream->download->free(stream->download);
    free(stream);
}

void streams_flow(struct http *http)
{
    for (struct stream **link = &http->streams; *link;) {
        struct stream *stream = *link;
        if (stream_flow(http, stream)) {
            link = &stream->next;
            continue;
        }
        *link = stream->next;
        http->stream_count--;
        evhttp_send_reply_end(stream->request);
        stream_free(stream);
    }
}

/* Of HEAD there is no more than that. */
static void head_send(struct http *http, struct evhttp_request *request,
                      const struct http_answer *answer)
{
    answer_fields(request, answer);
    connection_deadline(http, request, ANSWER_S);
    evhttp_send_reply(request, 200, "OK", NULL);
}

void stream_begin(struct http *http, struct evhttp_request *request, struct http_answer *answer)
{
    struct stream *stream = NULL;
    if (evhttp_request_get_command(request) == EVHTTP_REQ_HEAD) {
        head_send(http, request, answer);
        return;
    }
    if (http->stream_count < http->config.api->streams_max)
        stream = calloc(1, sizeof(*stream));
    if (!stream) {
        struct http_answer full = {.code = 503, .type = "text/plain; charset=utf-8"};
        answer_send(http, request, &full, false);
        return;
    }
    int64_t now = monotonic_s();
    *stream = (struct stream){
        .next = http->streams,
        .request = request,
        .more = answer->stream,
        .download = answer->download,
        .cursor = answer->cursor,
        .end_s = now + STREAM_S,
        .told_s = now - HEARTBEAT_S,
    };
    answer->download = NULL;
    http->streams = stream;
    http->stream_count++;
    answer_fields(request, answer);
    connection_deadline(http, request, STREAM_S + ANSWER_S);
    evhttp_send_reply_start(request, 200, "OK");
    streams_flow(http);
}

void streams_drop(struct http *http)
{
    for (struct stream *stream = http->streams; stream;) {
        struct stream *next = stream->next;
        if (!evhttp_request_get_connection(stream->request))
            evhttp_request_free(stream->request); /* nobody else knows of it */
        stream_free(stream);
        stream = next;
    }
    http->streams = NULL;
}
