/* dnstap_peer.h - one connection that delivers dnstap: its bytes, its TLS, what it still gets
 * SPDX-License-Identifier: Apache-2.0
 *
 * Nothing here ever waits. A peer has a fixed buffer in which one frame of any size finds room;
 * packets point into it until dnstap_peer_receive() or dnstap_peer_free(). */
#pragma once

#include "input/dnstap_stream.h"

#include <dnsvigil/metrics.h>
#include <openssl/types.h>

/* How a peer ended. */
enum dnstap_peer_end {
    DNSTAP_PEER_OPEN,
    DNSTAP_PEER_ENDED,  /* after its STOP frame, or having sent nothing */
    DNSTAP_PEER_CUT,    /* in the middle of its stream */
    DNSTAP_PEER_FAILED, /* not what it has to be; `error` says what */
};

struct dnstap_peer {
    int fd;
    SSL *tls; /* NULL: none */
    struct dnstap_stream stream;
    uint8_t end;       /* enum dnstap_peer_end */
    bool closed;       /* nothing more comes; what is in the buffer is still to be read */
    bool more;         /* TLS holds bytes for which there was no room */
    int64_t since_ns;  /* when it connected, on the caller's clock */
    int64_t active_ns; /* when something came last */
    size_t taken;      /* the buffer's bytes before this have been read */
    size_t filled;     /* and those before this have come */
    size_t answer_len; /* bytes at `answer` still to be sent */
    uint8_t answer[2 * FRAMESTREAM_REPLY_MAX];
    char name[80]; /* for the log: address and port, or "pid PID" */
    struct error error;
    uint8_t data[FRAMESTREAM_VIEW_MAX];
};

/* Takes the descriptor over in any case. NULL without memory. */
struct dnstap_peer *dnstap_peer_new(int fd, SSL_CTX *tls, struct metrics *metrics);
void dnstap_peer_free(struct dnstap_peer *peer);

/* Brings in what has come, as far as there is room, and sends what is due; true when bytes came. */
bool dnstap_peer_receive(struct dnstap_peer *peer);

/* Takes messages out of the complete frames in the buffer; returns how many (0 when there are none,
 * or room for fewer than DNSTAP_PACKETS). A peer whose bytes are damaged, or which has closed and
 * whose frames are all taken, has ended when this returns 0. */
size_t dnstap_peer_take(struct dnstap_peer *peer, struct packet *packets, size_t max);

/* Tries again to send what could not be sent at once. */
void dnstap_peer_send(struct dnstap_peer *peer);
