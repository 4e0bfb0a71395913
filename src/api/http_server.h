/* http_server.h - what the files of the HTTP server share
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "api/http.h"

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <openssl/types.h>

enum { ANSWER_S = 30, TOTAL_FACTOR = 4, BACKLOG = 1024 };

/* One client's connection. libevent decides when it ends and tells nobody; but what is freed there
 * has lost its callbacks, and our reference keeps it and its descriptor until we have seen that. */
struct connection {
    struct connection *next;
    struct bufferevent *socket;
    int64_t due_s; /* it is cut off then, by the monotonic clock */
    bool admitted;
    bool local;
    uid_t uid;          /* of a local one */
    struct addr client; /* once admitted; of a local one all zero */
};

/* TCP or the unix socket. */
struct listener {
    struct http *http;
    struct evhttp *server;
    bool local;
};

struct http {
    struct http_config config;
    struct event_base *base;
    struct listener tcp, local;
    SSL_CTX *tls; /* NULL: none */
    struct event *stop;
    struct event *look; /* every second, and when a connection was opened */
    struct event *flow; /* for streams, several times a second */
    struct event *made; /* the pool has made an answer */
    int stop_fd, made_fd;
    unsigned port;
    struct connection *connections;
    struct stream *streams;
    unsigned stream_count;
    struct pool *pool; /* NULL without workers */
};

/* A request on its way through the pool. */
struct job {
    struct job *next;
    struct evhttp_request *request;
    struct http_request view; /* of `request` */
    struct http_answer answer;
};

/* http_connection.c */
int64_t monotonic_s(void);
struct bufferevent *connection_open(struct event_base *base, void *listener);
void connection_deadline(struct http *http, struct evhttp_request *request, unsigned s);
const struct connection *connection_of(struct http *http, struct evhttp_request *request);
void connections_look(struct http *http);
void connections_drop(struct http *http, bool all);

/* http_request.c: the code with which a request is refused before it is looked at, or 0; and what
 * is in it otherwise. The view borrows from the request. */
int request_refusal(struct http *http, struct evhttp_request *request);
void request_view(struct http *http, struct evhttp_request *request, struct http_request *ret_view);

/* http_answer.c */
void answer_send(struct http *http, struct evhttp_request *request,
                 const struct http_answer *answer, bool close);
void answer_fields(struct evhttp_request *request, const struct http_answer *answer);

/* http_stream.c. The answer's download is taken over. */
void stream_begin(struct http *http, struct evhttp_request *request, struct http_answer *answer);
void streams_flow(struct http *http);
void streams_drop(struct http *http);

/* http_pool.c: threads that make answers. Jobs made are counted to the eventfd `made_fd`. */
struct pool *pool_new(const struct http_config *config, int made_fd);
void pool_put(struct pool *pool, struct job *job);
struct job *pool_made(struct pool *pool); /* a list */
/* Ends the threads and gives back all jobs there are. */
struct job *pool_end(struct pool *pool);
void pool_free(struct pool *pool);

/* http_tls.c */
int tls_load(const struct config_api *config, SSL_CTX **ret_tls, struct error *error);
