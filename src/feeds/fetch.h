/* fetch.h - gets one file by HTTP(S): only if it changed, only so much, only from where allowed
 * SPDX-License-Identifier: Apache-2.0
 *
 * The server is not trusted: what it sends is bounded in bytes and time and goes to the given file
 * as it is, compressed or not. Certificates are verified. At most five redirects are followed, to
 * plain HTTP and to private addresses (RFC 6890) only where the request allows them; the request's
 * own headers, which may be secret, are sent to the first host alone. Where a proxy is used it
 * decides which addresses it reaches. Blocks; any thread, but fetch_init() first in one. */
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

enum { FETCH_BYTES_MAX = 64 << 20, FETCH_TAG_MAX = 256 };

struct fetch_request {
    const char *url;
    const char *etag;         /* of what is held already, as the server named it, or "" */
    const char *modified;     /* its date in the same way, or "" */
    const char *headers_file; /* lines to send along, or "" */
    const char *proxy;        /* "": as the environment says */
    bool allow_http;
    bool allow_private;
};

struct fetch_limits {
    uint64_t bytes_max;
    unsigned connect_s;
    unsigned stalled_s; /* without as much as 64 bytes a second */
    unsigned total_s;
};

extern const struct fetch_limits fetch_limits_default;

struct fetched {
    bool unchanged; /* what is held is the newest; nothing was written */
    uint64_t bytes;
    char etag[FETCH_TAG_MAX]; /* "" where the server names none, or a longer one */
    char modified[FETCH_TAG_MAX];
};

/* Told now and then how far it has come; `total` is 0 where the server does not say. */
typedef void (*fetch_progress_fn)(void *arg, uint64_t done, uint64_t total);

/* Call once before any thread fetches. */
void fetch_init(void);

/* Fetches into `fd`, an empty file. 0, or a negative errno with the reason in `error`, which does
 * not show the URL, for it may hold a secret: -EFBIG too large, -EACCES not allowed, -EPERM the
 * file of headers may be read by others, -EIO everything else. */
int fetch(const struct fetch_request *request, const struct fetch_limits *limits, int fd,
          fetch_progress_fn progress, void *arg, struct fetched *ret_fetched, struct error *error);
