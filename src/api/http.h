/* http.h - answers HTTP requests on a listening socket, and does not let clients misuse it
 * SPDX-License-Identifier: Apache-2.0
 *
 * libevent reads and writes HTTP; here stands what it leaves to its user. Who may ask: only names
 * that are ours stand in the Host header (a web page must not reach us by way of a name that it
 * points at 127.0.0.1). How much: headers of 16 KiB, no bodies, so many connections of a client
 * address. How long: 10 s from the first byte, or from the last answer, until a request is
 * complete, and 30 s until its answer is sent, however busy the connection looks. What: a request
 * that can be read in two ways (two Host or Content-Length fields, a Content-Length beside a
 * Transfer-Encoding) is refused.
 *
 * One thread runs a server; another may stop it. */
#pragma once

#include "base/buf.h"
#include "config/config.h"

enum {
    HTTP_HEADERS_BYTES_MAX = 16 * 1024,
    HTTP_ANSWER_BYTES_MAX = 4 << 20,
    HTTP_REQUEST_S = 10,
};

struct http;

/* An answer to be made; it starts as 200 without a body. */
struct http_answer {
    int code;
    const char *type; /* of the body's content; must outlive the call */
    struct buf body;
};

/* Makes the answer to a GET (or HEAD). Called by the server's thread, for which all other requests
 * wait meanwhile. */
typedef void (*http_fn)(void *arg, struct http_answer *answer);

struct http_route {
    const char *path;
    http_fn answer;
};

struct http_config {
    const struct config_api *api; /* must outlive the server */
    const struct http_route *routes;
    size_t route_count;
    /* Called every second by the server's thread: it lives. */
    void (*tick)(void *arg);
    void *arg;          /* of tick and routes */
    unsigned request_s; /* until a request is complete; 0: HTTP_REQUEST_S */
};

/* Binds the socket. Negative errno and a message when that fails. */
int http_open(const struct http_config *config, struct http **ret_http, struct error *error);
void http_close(struct http *http);

/* Answers requests until it is stopped. */
void http_run(struct http *http);

/* Makes http_run(), or the next one, return soon. Any thread, and signal handlers. */
void http_stop(struct http *http);

/* The port that is listened on. */
unsigned http_port(const struct http *http);
