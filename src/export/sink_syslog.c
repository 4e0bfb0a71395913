/* sink_syslog.c - alerts to a syslog collector, over UDP (RFC 5426), TCP (RFC 6587) or TLS (RFC
 * 5425)
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * Syslog acknowledges nothing. Over UDP a record counts as taken once it is sent. Over TCP and TLS
 * it does once the collector's system has acknowledged its bytes and the connection still stands;
 * what the collector's program had not read when it ended is lost to it all the same. Therefore the
 * records of the last seconds are kept here, and sent once more before all others when a connection
 * broke: they come twice then, with the same id and revision. Our own end within these seconds
 * forgets them. */
#include "export/sinks.h"

#include "base/clock.h"
#include "export/syslog_message.h"
#include "outside/stream.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    QUIET_S = 10,
    RECENT_BYTES_MAX = 4 * 1024 * 1024,
    MESSAGE_BYTES_MAX = 8192,   /* as collectors are set up */
    DATAGRAM_BYTES_MAX = 65507, /* IPv4 less its header and UDP's */
};

/* A message with its framing. */
struct frame {
    STAILQ_ENTRY(frame) link;
    int64_t sent_ns; /* by the monotonic clock */
    size_t len;
    char bytes[];
};
STAILQ_HEAD(frames, frame);

struct sink_syslog {
    struct sink sink;
    struct stream_place place;
    struct buf message;    /* the one that is being written */
    int socket;            /* of UDP; -1: none */
    struct stream *stream; /* of TCP and TLS; NULL: not connected */
    struct frames waiting; /* this batch */
    struct frames recent;  /* taken in the last seconds, oldest first */
    size_t recent_bytes;
    int64_t quiet_until_ns; /* by the monotonic clock: no attempt without an alert before */
};

static struct sink_syslog *of(struct sink *sink)
{
    return (struct sink_syslog *)sink;
}

static int64_t monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void answer(struct sink_answer *answer, enum sink_verdict verdict, const char *reason)
{
    answer->verdict = verdict;
    snprintf(answer->reason, sizeof(answer->reason), "%.*s", (int)sizeof(answer->reason) - 1,
             reason);
}

/* Writes the record's message to syslog->message; false without memory. */
static bool message_write(struct sink_syslog *syslog, const struct sink_record *record)
{
    buf_reset(&syslog->message);
    syslog_message_write(syslog->sink.config, record, &syslog->message);
    return !syslog->message.overflow;
}

/* UDP */

static void udp_close(struct sink_syslog *syslog)
{
    if (syslog->socket >= 0)
        close(syslog->socket);
    syslog->socket = -1;
}

static int udp_open(struct sink_syslog *syslog, const struct stream_wait *wait, struct error *error)
{
    if (syslog->socket >= 0)
        return 0;
    int r = stream_dial(&syslog->place, SOCK_DGRAM, wait, error);
    if (r < 0)
        return r;
    syslog->socket = r;
    return 0;
}

/* Sends one datagram. That nobody listens is told by the next call or, on this machine and in a
 * quick network, at once. */
static int datagram_send(struct sink_syslog *syslog, const struct sink_record *record)
{
    int failure = 0;
    socklen_t len = sizeof(failure);
    if (!message_write(syslog, record))
        return -ENOMEM;
    if (send(syslog->socket, syslog->message.data, syslog->message.len, MSG_NOSIGNAL) < 0)
        return -errno;
    getsockopt(syslog->socket, SOL_SOCKET, SO_ERROR, &failure, &len);
    return -failure;
}

static void udp_send(struct sink_syslog *syslog, const struct sink_record *records, size_t count,
                     struct sink_answer *answers)
{
    struct stream_wait wait = stream_wait_for(&syslog->sink.stop, syslog->sink.config->timeout_s);
    struct error error;
    size_t sent = 0;
    int r = udp_open(syslog, &wait, &error);
    while (r == 0 && sent < count) {
        r = datagram_send(syslog, &records[sent]);
        if (r == 0)
            answers[sent++].verdict = SINK_TAKEN;
        else
            error_set(&error, r, "cannot send: %s", strerror(-r));
    }
    if (r < 0)
        udp_close(syslog); /* the collector's name may have another address the next time */
    if (r == -EMSGSIZE)
        answer(&answers[sent], SINK_REFUSED, "it is longer than a datagram can be");
    for (size_t i = sent + (r == -EMSGSIZE); i < count; i++)
        answer(&answers[i], SINK_AGAIN, error.text);
}

/* TCP and TLS */

static void frames_free(struct frames *frames)
{
    while (!STAILQ_EMPTY(frames)) {
        struct frame *frame = STAILQ_FIRST(frames);
        STAILQ_REMOVE_HEAD(frames, link);
        free(frame);
    }
}

/* The message with its length before it, or a line end behind it. The dialects guarantee that a
 * record has no line end inside. NULL without memory. */
static struct frame *frame_new(const struct sink_syslog *syslog)
{
    const struct buf *message = &syslog->message;
    bool newline = syslog->sink.config->framing == CONFIG_FRAMING_NEWLINE;
    char prefix[24] = "";
    if (newline)
        assert(!memchr(message->data, '\n', message->len));
    else
        snprintf(prefix, sizeof(prefix), "%zu ", message->len);
    size_t before = strlen(prefix);
    struct frame *frame = malloc(sizeof(*frame) + before + message->len + 1);
    if (!frame)
        return NULL;
    memcpy(frame->bytes, prefix, before);
    memcpy(frame->bytes + before, message->data, message->len);
    frame->bytes[before + message->len] = '\n';
    frame->len = before + message->len + newline;
    return frame;
}

static int waiting_fill(struct sink_syslog *syslog, const struct sink_record *records, size_t count,
                        struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        struct frame *frame = message_write(syslog, &records[i]) ? frame_new(syslog) : NULL;
        if (!frame)
            return error_set(error, -ENOMEM, "no memory for a message");
        STAILQ_INSERT_TAIL(&syslog->waiting, frame, link);
    }
    return 0;
}

static void recent_drop_first(struct sink_syslog *syslog)
{
    struct frame *frame = STAILQ_FIRST(&syslog->recent);
    STAILQ_REMOVE_HEAD(&syslog->recent, link);
    syslog->recent_bytes -= frame->len;
    free(frame);
}

/* Forgets what was sent so long ago that the collector will have read it. Only while the connection
 * stands: once it has broken, it is the seconds before that which count. */
static void recent_forget(struct sink_syslog *syslog)
{
    int64_t since_ns = monotonic_ns() - syslog->sink.config->resend_s * NS_PER_S;
    struct frame *first;
    while ((first = STAILQ_FIRST(&syslog->recent)) &&
           (first->sent_ns <= since_ns || syslog->recent_bytes > RECENT_BYTES_MAX))
        recent_drop_first(syslog);
}

static void recent_keep(struct sink_syslog *syslog)
{
    struct frame *frame;
    STAILQ_FOREACH(frame, &syslog->waiting, link)
    syslog->recent_bytes += frame->len;
    STAILQ_CONCAT(&syslog->recent, &syslog->waiting);
    recent_forget(syslog);
}

static int frames_send(struct sink_syslog *syslog, struct frames *frames,
                       const struct stream_wait *wait, struct error *error)
{
    struct frame *frame;
    int r = 0;
    STAILQ_FOREACH(frame, frames, link)
    {
        r = stream_write(syslog->stream, frame->bytes, frame->len, wait, error);
        if (r < 0)
            break;
        frame->sent_ns = monotonic_ns();
    }
    return r;
}

/* Connects where there is no connection, and begins with what the last one may have lost. */
static int stream_ready(struct sink_syslog *syslog, const struct stream_wait *wait,
                        struct error *error)
{
    if (syslog->stream && stream_check(syslog->stream, error) == 0)
        return 0;
    stream_close(syslog->stream);
    syslog->stream = NULL;
    int r = stream_open(&syslog->place, wait, &syslog->stream, error);
    return r < 0 ? r : frames_send(syslog, &syslog->recent, wait, error);
}

static int stream_send(struct sink_syslog *syslog, struct error *error)
{
    struct stream_wait wait = stream_wait_for(&syslog->sink.stop, syslog->sink.config->timeout_s);
    int r = stream_ready(syslog, &wait, error);
    if (r == 0)
        r = frames_send(syslog, &syslog->waiting, &wait, error);
    if (r == 0)
        r = stream_settle(syslog->stream, &wait, error);
    if (r == 0)
        return 0;
    stream_close(syslog->stream);
    syslog->stream = NULL;
    return r;
}

static void batch_send(struct sink_syslog *syslog, const struct sink_record *records, size_t count,
                       struct sink_answer *answers)
{
    struct error error;
    int r = waiting_fill(syslog, records, count, &error);
    if (r == 0)
        r = stream_send(syslog, &error);
    for (size_t i = 0; i < count; i++)
        answer(&answers[i], r == 0 ? SINK_TAKEN : SINK_AGAIN, r == 0 ? "" : error.text);
    if (r == 0)
        recent_keep(syslog);
    frames_free(&syslog->waiting);
}

/* The sink */

static void syslog_send(struct sink *sink, const struct sink_record *records, size_t count,
                        struct sink_answer *answers, unsigned *ret_wait_s)
{
    (void)ret_wait_s;
    if (sink->config->transport == CONFIG_TRANSPORT_UDP)
        udp_send(of(sink), records, count, answers);
    else
        batch_send(of(sink), records, count, answers);
}

/* A collector that has gone is missed at once, not only with the next alert: what it was sent last
 * goes to it as soon as it is back. */
static void syslog_tick(struct sink *sink, int64_t now_ns)
{
    struct sink_syslog *syslog = of(sink);
    struct error error;
    (void)now_ns;
    if (syslog->stream && stream_check(syslog->stream, &error) == 0) {
        recent_forget(syslog);
        return;
    }
    if (STAILQ_EMPTY(&syslog->recent) || monotonic_ns() < syslog->quiet_until_ns)
        return;
    if (stream_send(syslog, &error) < 0)
        syslog->quiet_until_ns = monotonic_ns() + QUIET_S * NS_PER_S;
}

static void syslog_close(struct sink *sink)
{
    struct sink_syslog *syslog = of(sink);
    udp_close(syslog);
    stream_close(syslog->stream);
    frames_free(&syslog->waiting);
    frames_free(&syslog->recent);
    buf_done(&syslog->message);
    free(syslog);
}

static const struct sink_ops ops = {
    .send = syslog_send, .tick = syslog_tick, .close = syslog_close};

/* Where it is and whom we trust there; false with a message. */
static bool place_make(const struct config_export *config, struct stream_place *place,
                       struct error *error)
{
    place->tls = config->transport == CONFIG_TRANSPORT_TLS;
    place->ca_file = config->tls_ca;
    place->certificate = config->tls_certificate;
    place->key = config->tls_key;
    if (stream_place_read(config->address, place->tls ? "6514" : "514", place) < 0) {
        error_set(error, -EINVAL, "export %s: address: \"%s\" is neither host nor host:port",
                  config->name, config->address);
        return false;
    }
    if (!place->tls || stream_check_files(place, error) == 0)
        return true;
    error_prefix(error, "export %s: ", config->name);
    return false;
}

static bool length_fits(const struct config_export *config, struct error *error)
{
    const unsigned max = DATAGRAM_BYTES_MAX - SYSLOG_HEADER_MAX;
    if (config->transport != CONFIG_TRANSPORT_UDP || config->record_bytes_max <= max)
        return true;
    error_set(error, -EINVAL, "export %s: record_bytes_max: over udp a record has at most %u bytes",
              config->name, max);
    return false;
}

struct sink *sink_open_syslog(const struct config_export *config, struct error *error)
{
    struct stream_place place;
    if (!length_fits(config, error) || !place_make(config, &place, error))
        return NULL;
    struct sink_syslog *syslog = calloc(1, sizeof(*syslog));
    if (!syslog) {
        error_set(error, -ENOMEM, "no memory for export %s", config->name);
        return NULL;
    }
    syslog->sink.ops = &ops;
    syslog->sink.dialect = &dialects[DIALECT_CEF];
    syslog->sink.limit_bytes = MESSAGE_BYTES_MAX - SYSLOG_HEADER_MAX;
    syslog->place = place;
    syslog->socket = -1;
    buf_init(&syslog->message, SYSLOG_HEADER_MAX + EXPORT_RECORD_MAX_BYTES);
    STAILQ_INIT(&syslog->waiting);
    STAILQ_INIT(&syslog->recent);
    return &syslog->sink;
}
