/* stream.h - a TCP connection to a server that the configuration names, with TLS or without, that
 * waits no longer than it is told
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * With TLS (1.2 or later) the server's chain of certificates and its name are verified; there is no
 * way round that. Every call that blocks takes a struct stream_wait and ends with -ETIMEDOUT when
 * its time is over and with -ECANCELED soon after its `stop` is set; only the search for a name's
 * address takes as long as the system's resolver does. Any thread, but one stream belongs to one
 * thread.
 *
 * Messages say what failed, not with whom: the caller knows what to call it. */
#pragma once

#include "base/error.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STREAM_HOST_MAX = 255, STREAM_PORT_MAX = 5 };

struct stream_place {
    char host[STREAM_HOST_MAX + 1]; /* a name, or an address without brackets */
    char port[STREAM_PORT_MAX + 1];
    bool tls;
    const char *ca_file;     /* PEM; "": the system's */
    const char *certificate; /* our own with its chain, PEM; "": none */
    const char *key;         /* its private key, PEM */
};

/* Sets host and port from "host", "host:port", "address", "[IPv6]" or "[IPv6]:port". -EINVAL when
 * it is none of these. */
int stream_place_read(const char *address, const char *default_port, struct stream_place *place);

struct stream_wait {
    const atomic_bool *stop;
    int64_t until_ns; /* of the monotonic clock */
};

/* So long from now on. `stop` must outlive it. */
struct stream_wait stream_wait_for(const atomic_bool *stop, unsigned seconds);

/* Whether the files of the place can be used. -EINVAL with the reason. */
int stream_check_files(const struct stream_place *place, struct error *error);

/* A connected socket of this type (SOCK_STREAM, SOCK_DGRAM) that does not block, without TLS, for
 * the caller to close; or a negative errno with the reason. */
int stream_dial(const struct stream_place *place, int type, const struct stream_wait *wait,
                struct error *error);

struct stream;

/* Connects, and with TLS shakes hands. The files are read anew each time, so that renewed
 * certificates count. From the first call with TLS on the process ignores SIGPIPE. -EACCES: the
 * server is not who it should be; other negative errno: it cannot be reached, or not now. */
int stream_open(const struct stream_place *place, const struct stream_wait *wait,
                struct stream **ret_stream, struct error *error);

/* Says goodbye and lets go, without waiting. NULL is allowed. */
void stream_close(struct stream *stream);

/* Hands all of it to the system. After a failure the stream can only be closed. */
int stream_write(struct stream *stream, const void *data, size_t len,
                 const struct stream_wait *wait, struct error *error);

/* Whether the server is still there, as far as is known without asking: -EPIPE when it has closed
 * the connection. What it says is read and dropped. */
int stream_check(struct stream *stream, struct error *error);

/* Waits until the server's system has acknowledged every byte, and looks whether the server is
 * still there then. That its program has read them is not known. */
int stream_settle(struct stream *stream, const struct stream_wait *wait, struct error *error);
