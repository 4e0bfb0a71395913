/* dnstap_peer.c - one connection that delivers dnstap
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/dnstap_peer.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What has come before still counts. */
static void peer_fail(struct dnstap_peer *peer, const char *what)
{
    error_set(&peer->error, -EPROTO, "%s", what);
    peer->closed = true;
}

struct dnstap_peer *dnstap_peer_new(int fd, SSL_CTX *tls, struct metrics *metrics)
{
    struct dnstap_peer *peer = malloc(sizeof(*peer));
    if (!peer) {
        close(fd);
        return NULL;
    }
    memset(peer, 0, offsetof(struct dnstap_peer, data)); /* the buffer is touched as it fills */
    peer->fd = fd;
    peer->stream.metrics = metrics;
    if (!tls)
        return peer;
    peer->tls = SSL_new(tls);
    if (!peer->tls || SSL_set_fd(peer->tls, fd) != 1) {
        dnstap_peer_free(peer);
        return NULL;
    }
    SSL_set_accept_state(peer->tls);
    return peer;
}

void dnstap_peer_free(struct dnstap_peer *peer)
{
    if (!peer)
        return;
    SSL_free(peer->tls);
    close(peer->fd);
    free(peer);
}

/* What a TLS call that brought nothing means: -EAGAIN, or 0 for the end, good or bad. */
static ssize_t tls_outcome(struct dnstap_peer *peer, int r)
{
    int reason = SSL_get_error(peer->tls, r);
    if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE)
        return -EAGAIN;
    unsigned long detail = ERR_get_error();
    const char *text = ERR_reason_error_string(detail);
    ERR_clear_error();
    if (reason == SSL_ERROR_SSL && ERR_GET_REASON(detail) != SSL_R_UNEXPECTED_EOF_WHILE_READING)
        peer_fail(peer, text ? text : "TLS failed");
    return 0;
}

static ssize_t outcome(ssize_t r)
{
    return r >= 0 ? r : errno == EINTR || errno == EWOULDBLOCK ? -EAGAIN : -errno;
}

/* Bytes read, 0 at the end, -EAGAIN when none are there, or another negative errno. */
static ssize_t peer_read(struct dnstap_peer *peer, uint8_t *data, size_t len)
{
    if (!peer->tls)
        return outcome(recv(peer->fd, data, len, 0));
    int r = SSL_read(peer->tls, data, (int)len);
    return r > 0 ? r : tls_outcome(peer, r);
}

static ssize_t peer_write(struct dnstap_peer *peer, const uint8_t *data, size_t len)
{
    if (!peer->tls)
        return outcome(send(peer->fd, data, len, MSG_NOSIGNAL));
    int r = SSL_write(peer->tls, data, (int)len);
    return r > 0 ? r : tls_outcome(peer, r);
}

void dnstap_peer_send(struct dnstap_peer *peer)
{
    if (peer->answer_len == 0)
        return;
    ssize_t sent = peer_write(peer, peer->answer, peer->answer_len);
    if (sent > 0) {
        peer->answer_len -= (size_t)sent;
        memmove(peer->answer, peer->answer + sent, peer->answer_len);
    } else if (sent != -EAGAIN) {
        peer->answer_len = 0; /* it does not listen any more; what it has sent still counts */
    }
}

bool dnstap_peer_receive(struct dnstap_peer *peer)
{
    bool came = false;
    memmove(peer->data, peer->data + peer->taken, peer->filled - peer->taken);
    peer->filled -= peer->taken;
    peer->taken = 0;
    while (peer->filled < sizeof(peer->data)) {
        ssize_t got = peer_read(peer, peer->data + peer->filled, sizeof(peer->data) - peer->filled);
        if (got == -EAGAIN)
            break;
        if (got <= 0) {
            peer->closed = true;
            break;
        }
        peer->filled += (size_t)got;
        came = true;
        if (!peer->tls)
            break; /* the kernel will say when there is more */
    }
    peer->more = peer->tls && SSL_pending(peer->tls) > 0;
    dnstap_peer_send(peer);
    return came;
}

static void peer_answer(struct dnstap_peer *peer, const struct framestream_piece *piece)
{
    if (piece->reply_len == 0)
        return;
    if (peer->answer_len + piece->reply_len > sizeof(peer->answer)) {
        peer_fail(peer, "it does not read its answers");
        return;
    }
    memcpy(peer->answer + peer->answer_len, piece->reply, piece->reply_len);
    peer->answer_len += piece->reply_len;
    dnstap_peer_send(peer);
}

/* No complete frame is left. */
static void peer_drained(struct dnstap_peer *peer)
{
    bool clean = peer->taken == peer->filled && !peer->stream.frames.open;
    if (peer->closed)
        peer->end = peer->error.text[0] ? DNSTAP_PEER_FAILED
                    : clean             ? DNSTAP_PEER_ENDED
                                        : DNSTAP_PEER_CUT;
}

size_t dnstap_peer_take(struct dnstap_peer *peer, struct packet *packets, size_t max)
{
    struct framestream_piece piece;
    size_t count = 0;
    unsigned more;
    while (peer->end == DNSTAP_PEER_OPEN && count + DNSTAP_PACKETS <= max) {
        enum framestream_step step =
            dnstap_stream_next(&peer->stream, peer->data + peer->taken, peer->filled - peer->taken,
                               &piece, packets + count, &more, &peer->error);
        if (step == FRAMESTREAM_MORE && count == 0)
            peer_drained(peer);
        if (step == FRAMESTREAM_BAD)
            peer->end = DNSTAP_PEER_FAILED;
        if (step == FRAMESTREAM_MORE || step == FRAMESTREAM_BAD)
            break;
        peer->taken += piece.len;
        count += more;
        if (step == FRAMESTREAM_CONTROL)
            peer_answer(peer, &piece);
    }
    return count;
}
