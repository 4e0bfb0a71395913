/* http_connection.c - who is connected, how many, and for how long
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/http_server.h"

#include <assert.h>
#include <event2/bufferevent_ssl.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

int64_t monotonic_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static bool connection_is_freed(const struct connection *connection)
{
    bufferevent_event_cb on_event;
    bufferevent_getcb(connection->socket, NULL, NULL, &on_event, NULL);
    return !on_event;
}

/* The reader finds the end of the stream, and libevent frees the connection. */
static void connection_cut(struct connection *connection)
{
    shutdown(bufferevent_getfd(connection->socket), SHUT_RDWR);
}

static bool user_of(int fd, uid_t *ret_uid)
{
    struct ucred peer;
    socklen_t len = sizeof(peer);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
        return false;
    *ret_uid = peer.uid;
    return true;
}

static bool peer_of(int fd, struct addr *ret_addr)
{
    struct sockaddr_storage peer = {0};
    socklen_t len = sizeof(peer);
    if (getpeername(fd, (struct sockaddr *)&peer, &len) < 0)
        return false;
    if (peer.ss_family == AF_INET)
        *ret_addr = addr_from_v4((const uint8_t *)&((struct sockaddr_in *)&peer)->sin_addr);
    else
        *ret_addr = addr_from_v6((const uint8_t *)&((struct sockaddr_in6 *)&peer)->sin6_addr);
    return true;
}

/* Whether the client may have one more; called as soon as the descriptor is known. Those of the
 * unix socket count apart: a flood from outside does not keep the administrator out. */
static bool connection_admit(const struct http *http, struct connection *connection)
{
    unsigned max = http->config.api->connections_max;
    unsigned own = 0, all = 0;
    int fd = bufferevent_getfd(connection->socket);
    if (connection->local ? !user_of(fd, &connection->uid) : !peer_of(fd, &connection->client))
        return false;
    for (const struct connection *c = http->connections; c; c = c->next) {
        if (!c->admitted || c->local != connection->local)
            continue;
        all++;
        own += addr_equal(&c->client, &connection->client);
    }
    return own < max && all < TOTAL_FACTOR * max;
}

void connections_drop(struct http *http, bool all)
{
    for (struct connection **link = &http->connections; *link;) {
        struct connection *connection = *link;
        if (!all && !connection_is_freed(connection)) {
            link = &connection->next;
            continue;
        }
        *link = connection->next;
        bufferevent_decref(connection->socket);
        free(connection);
    }
}

/* Forgets those that have ended, then lets new ones in and cuts off those whose time is over. */
void connections_look(struct http *http)
{
    connections_drop(http, false);
    for (struct connection *c = http->connections; c; c = c->next) {
        c->admitted = c->admitted || connection_admit(http, c);
        if (!c->admitted || monotonic_s() >= c->due_s)
            connection_cut(c);
    }
}

static struct bufferevent *socket_new(const struct http *http, bool local)
{
    if (local || !http->tls)
        return bufferevent_socket_new(http->base, -1, BEV_OPT_CLOSE_ON_FREE);
    SSL *ssl = SSL_new(http->tls);
    if (!ssl)
        return NULL;
    struct bufferevent *socket = bufferevent_openssl_socket_new(
        http->base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
    if (!socket)
        SSL_free(ssl);
    else
        bufferevent_openssl_set_allow_dirty_shutdown(socket, 1);
    return socket;
}

/* An evhttp bevcb: the descriptor is put in after it returns. */
struct bufferevent *connection_open(struct event_base *base, void *arg)
{
    const struct listener *listener = arg;
    struct http *http = listener->http;
    (void)base;
    struct connection *connection = calloc(1, sizeof(*connection));
    struct bufferevent *socket = connection ? socket_new(http, listener->local) : NULL;
    if (!socket) {
        free(connection);
        return NULL;
    }
    bufferevent_incref(socket);
    *connection =
        (struct connection){.next = http->connections, .socket = socket, .local = listener->local};
    connection->due_s = monotonic_s() + http->config.request_s;
    http->connections = connection;
    event_active(http->look, EV_READ, 0); /* as a timeout it would put off the next one */
    return socket;
}

static struct connection *find(struct http *http, struct evhttp_request *request)
{
    struct bufferevent *socket =
        evhttp_connection_get_bufferevent(evhttp_request_get_connection(request));
    struct connection *connection = http->connections;
    while (connection && connection->socket != socket)
        connection = connection->next;
    assert(connection); /* all were made by connection_open() */
    return connection;
}

const struct connection *connection_of(struct http *http, struct evhttp_request *request)
{
    return find(http, request);
}

void connection_deadline(struct http *http, struct evhttp_request *request, unsigned s)
{
    find(http, request)->due_s = monotonic_s() + s;
}
