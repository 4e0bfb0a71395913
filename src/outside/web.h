/* web.h - one HTTP request to a place that the configuration names, guarded against being led
 * astray
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * A URL in a configuration is trusted less than it seems: its name may come to mean an address in
 * our own network. So the address is checked when the connection is made, after the name was
 * resolved: special ones (base/special.h) are refused unless `allow` has them. Redirects are never
 * followed, certificates are verified, proxies of the environment are not used. What comes back is
 * bounded in bytes and time. Blocks; any thread, but web_init() first in one. */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "config/config.h"

#include <stdatomic.h>

/* What a member leaves out (NULL, false) is not used. */
struct web_request {
    const char *url;            /* http:// only with allow_http */
    const char *const *headers; /* "Name: value", ended by NULL; may be NULL */
    const void *body;           /* sent by POST; NULL: a GET */
    size_t body_len;
    bool gzip;                           /* the body is sent compressed */
    const struct config_networks *allow; /* special addresses that may be called; may be NULL */
    const char *proxy;            /* URL, or ""; it then decides which addresses it reaches */
    const char *ca_file;          /* certificates in PEM instead of the system's, or "" */
    const char *certificate_file; /* our own in PEM, or "" */
    const char *key_file;         /* its key */
    const atomic_bool *stop;      /* once it is true the request is given up within a second */
    bool allow_http;
};

struct web_answer {
    long status;
    unsigned retry_after_s; /* as Retry-After has it, of either form (RFC 9110 10.2.3); else 0 */
};

struct web_limits {
    size_t answer_bytes_max; /* what is longer is a failure */
    unsigned connect_s;
    unsigned total_s;
};

extern const struct web_limits web_limits_default;

/* Call once before any thread sends. */
void web_init(void);

/* One that sends many requests to one place and keeps the connection open between them. One thread
 * at a time uses it. NULL without memory. */
struct web_client;
struct web_client *web_client_new(void);
void web_client_free(struct web_client *client);

/* Sends the request. 0 when the server answered with whatever status; the body is appended to
 * `answer`, which may be NULL. Otherwise a negative errno with the reason, which does not show the
 * URL, for it may hold a secret: -EACCES a place that is not allowed, -EFBIG too long an answer,
 * -ECANCELED it was stopped, -ENOMEM, -EIO everything else. */
int web_client_send(struct web_client *client, const struct web_request *request,
                    const struct web_limits *limits, struct web_answer *ret_answer,
                    struct buf *answer, struct error *error);

/* The same for a single request. */
int web_send(const struct web_request *request, const struct web_limits *limits, long *ret_status,
             struct buf *answer, struct error *error);
