/* http.h - answers HTTP requests on listening sockets, and does not let clients misuse it
 * SPDX-License-Identifier: Apache-2.0
 *
 * libevent reads and writes HTTP; here stands what it leaves to its user. Who may ask: only names
 * that are ours stand in the Host header (a web page must not reach us by way of a name that it
 * points at 127.0.0.1), and a page that sends something must come from us. How much: headers of 16
 * KiB, bodies of 1 MiB of JSON, so many connections of a client address. How long: 10 s from the
 * first byte, or from the last answer, until a request is complete, and 30 s until its answer is
 * sent, however busy the connection looks. What: a request that can be read in two ways (two Host
 * or Content-Length fields, any Transfer-Encoding) is refused.
 *
 * One thread runs a server; another may stop it. Answers that take their time are made by threads
 * of a pool. */
#pragma once

#include "base/addr.h"
#include "base/buf.h"
#include "config/config.h"

#include <sys/types.h>

enum {
    HTTP_HEADERS_BYTES_MAX = 16 * 1024,
    HTTP_BODY_BYTES_MAX = 1 << 20,
    HTTP_ANSWER_BYTES_MAX = 4 << 20,
    HTTP_REQUEST_S = 10,
    HTTP_FIELD_MAX = 256,
};

struct http;

enum http_method {
    HTTP_GET, /* and HEAD, of which only the head is sent */
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_METHOD_COUNT,
};

extern const char *const http_methods[HTTP_METHOD_COUNT];

/* A request that may be answered. Header fields that are not there are NULL. */
struct http_request {
    enum http_method method;
    const char *path;  /* as it was sent, escaped; never NULL */
    const char *query; /* what follows '?', or NULL */
    const char *body;  /* body_len bytes */
    size_t body_len;
    const char *host; /* one of ours, with its port */
    const char *cookie, *authorization, *if_match, *if_none_match, *last_event_id, *accept_language;
    bool from_page; /* an Origin says that a page of ours sent it */
    bool open;      /* below http_config.open_below */
    bool tls;
    bool here;  /* from this machine */
    bool local; /* over the unix socket, where `uid` is known; otherwise `client` is */
    uid_t uid;
    struct addr client;
};

/* Appends what follows after *cursor, and moves it, for a client that stays. Nothing: it is asked
 * again soon. Called by the server's thread; false ends the answer. */
typedef bool (*http_stream_fn)(void *arg, uint64_t *cursor, struct buf *out);

/* What a client saves as a file, made piece by piece as it takes it. */
struct http_download {
    /* Appends the next piece: 1 when there may be more, 0 when that was all. Negative: it failed,
     * and the client sees that the end is missing. Called by the server's thread. */
    int (*more)(struct http_download *download, void *arg, struct buf *out);
    void (*free)(struct http_download *download);
};

/* An answer to be made; it starts as 200 without a body. */
struct http_answer {
    int code;
    const char *type;   /* of the body's content; must outlive the call */
    const char *policy; /* Content-Security-Policy; NULL: nothing is allowed */
    struct buf body;
    char cookie[HTTP_FIELD_MAX]; /* Set-Cookie, ETag, Allow; "" for none */
    char etag[HTTP_FIELD_MAX];
    char allow[HTTP_FIELD_MAX];
    const char *encoding;   /* of the body; NULL: none. These two must outlive the call */
    const char *caching;    /* Cache-Control; NULL: no-store */
    unsigned retry_after_s; /* 0: none */
    http_stream_fn stream;  /* not NULL: events instead of a body, from `cursor` on */
    uint64_t cursor;
    struct http_download *download; /* not NULL: instead of a body; freed with the answer */
    char file[HTTP_FIELD_MAX];      /* what the download is to be called */
};

void http_answer_init(struct http_answer *answer);
void http_answer_done(struct http_answer *answer);

/* Makes the answer to a GET (or HEAD). Called by the server's thread, for which all other requests
 * wait meanwhile. */
typedef void (*http_fn)(void *arg, struct http_answer *answer);

struct http_route {
    const char *path;
    http_fn answer;
    bool local_only; /* others than this machine are refused */
};

/* Makes the answer to whatever has no route. Called by thread number `worker` of the pool. */
typedef void (*http_take_fn)(void *arg, unsigned worker, const struct http_request *request,
                             struct http_answer *answer);

struct http_config {
    const struct config_api *api; /* must outlive the server */
    const char *socket;           /* a unix socket to listen on, too; NULL: none */
    uid_t socket_uid;             /* to whom it is given; -1: to nobody else */
    gid_t socket_gid;
    const struct http_route *routes;
    size_t route_count;
    void *arg; /* of routes */
    /* Paths that begin so are open to whoever knows them, whatever page led him there and by
     * whatever name of ours; NULL: none. */
    const char *open_below;
    http_take_fn take; /* NULL: what has no route is 404 */
    void *take_arg;
    void *stream_arg; /* of streams and downloads */
    unsigned workers;
    unsigned request_s; /* until a request is complete; 0: HTTP_REQUEST_S */
};

/* Binds the sockets: api.listen, where it is set, and the unix socket. Reads certificate and key.
 * Negative errno and a message when that fails. */
int http_open(const struct http_config *config, struct http **ret_http, struct error *error);
void http_close(struct http *http);

/* Answers requests until it is stopped. */
void http_run(struct http *http);

/* Makes http_run(), or the next one, return soon. Any thread, and signal handlers. */
void http_stop(struct http *http);

/* The port that is listened on. */
unsigned http_port(const struct http *http);
