/* http.c - answers HTTP requests on a listening socket, and does not let clients misuse it
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/http.h"

#include "base/addr.h"
#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_S = 30, TOTAL_FACTOR = 4, BACKLOG = 128 };

/* One client's connection. libevent decides when it ends and tells nobody; but what is freed there
 * has lost its callbacks, and our reference keeps it and its descriptor until we have seen that. */
struct connection {
    struct connection *next;
    struct bufferevent *socket;
    int64_t due_s; /* it is cut off then, by the monotonic clock */
    bool admitted;
    struct addr client; /* once admitted */
};

struct http {
    struct http_config config;
    struct event_base *base;
    struct evhttp *server;
    struct event *stop;
    struct event *look; /* every second, and when a connection was opened */
    int stop_fd;
    unsigned port;
    struct connection *connections;
};

static int64_t now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static void deadline_set(struct connection *connection, unsigned s)
{
    connection->due_s = now_s() + s;
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

/* Whether the client may have one more; called as soon as the descriptor is known. */
static bool connection_admit(const struct http *http, struct connection *connection)
{
    unsigned max = http->config.api->connections_max;
    unsigned own = 0, all = 0;
    if (!peer_of(bufferevent_getfd(connection->socket), &connection->client))
        return false;
    for (const struct connection *c = http->connections; c; c = c->next) {
        all += c->admitted;
        own += c->admitted && addr_equal(&c->client, &connection->client);
    }
    return own < max && all < TOTAL_FACTOR * max;
}

static void connections_drop(struct http *http, bool all)
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
static void connections_look(struct http *http)
{
    connections_drop(http, false);
    for (struct connection *c = http->connections; c; c = c->next) {
        c->admitted = c->admitted || connection_admit(http, c);
        if (!c->admitted || now_s() >= c->due_s)
            connection_cut(c);
    }
}

static void look_take(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    connections_look(arg);
}

/* An evhttp bevcb: the descriptor is put in after it returns. */
static struct bufferevent *connection_open(struct event_base *base, void *arg)
{
    struct http *http = arg;
    struct connection *connection = calloc(1, sizeof(*connection));
    struct bufferevent *socket =
        connection ? bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE) : NULL;
    if (!socket) {
        free(connection);
        return NULL;
    }
    bufferevent_incref(socket);
    *connection = (struct connection){.next = http->connections, .socket = socket};
    deadline_set(connection, http->config.request_s);
    http->connections = connection;
    event_active(http->look, EV_TIMEOUT, 0);
    return socket;
}

static struct connection *connection_of(struct http *http, struct evhttp_request *request)
{
    struct bufferevent *socket =
        evhttp_connection_get_bufferevent(evhttp_request_get_connection(request));
    struct connection *connection = http->connections;
    while (connection && connection->socket != socket)
        connection = connection->next;
    assert(connection); /* all were made by connection_open() */
    return connection;
}

/* How often the header field is there. */
static unsigned field_count(const struct evkeyvalq *fields, const char *name)
{
    unsigned count = 0;
    for (const struct evkeyval *field = fields->tqh_first; field; field = field->next.tqe_next)
        count += strcasecmp(field->key, name) == 0;
    return count;
}

/* What follows a host in a Host header: nothing, or a port. */
static bool is_port(const char *text)
{
    return *text == 0 || (*text == ':' && strspn(text + 1, "0123456789") == strlen(text + 1));
}

/* Names could be anybody's, pointed at our address; addresses are what they say. */
static bool host_is_ours(const struct http *http, const char *host)
{
    char name[CONFIG_NAME_MAX + 1];
    struct addr addr;
    bool bracket = *host == '[';
    size_t len = strcspn(host += bracket, bracket ? "]" : ":");
    if (len >= sizeof(name))
        return false;
    memcpy(name, host, len);
    name[len] = 0;
    host += len;
    if (bracket && *host++ != ']')
        return false;
    if (!is_port(host))
        return false;
    if (addr_parse(name, len, &addr))
        return true;
    if (bracket)
        return false;
    const struct config_names *hosts = &http->config.api->hosts;
    for (uint32_t i = 0; i < hosts->count; i++)
        if (strcasecmp(hosts->items[i].text, name) == 0)
            return true;
    return strcasecmp(name, "localhost") == 0;
}

/* The code with which a request is refused before it is looked at, or 0. */
static int refusal_of(const struct http *http, struct evhttp_request *request)
{
    const struct evkeyvalq *fields = evhttp_request_get_input_headers(request);
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    unsigned lengths = field_count(fields, "Content-Length");
    if (!uri || evhttp_uri_get_host(uri) || lengths > 1 || field_count(fields, "Host") != 1 ||
        (lengths > 0 && field_count(fields, "Transfer-Encoding") > 0))
        return 400;
    return host_is_ours(http, evhttp_find_header(fields, "Host")) ? 0 : 421;
}

static void route_run(const struct http *http, struct evhttp_request *request,
                      struct http_answer *answer)
{
    enum evhttp_cmd_type method = evhttp_request_get_command(request);
    const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request));
    const struct http_route *route = http->config.routes;
    const struct http_route *end = route + http->config.route_count;
    while (route < end && (!path || strcmp(route->path, path) != 0))
        route++;
    if (route == end)
        answer->code = 404;
    else if (method != EVHTTP_REQ_GET && method != EVHTTP_REQ_HEAD)
        answer->code = 405;
    else
        route->answer(http->config.arg, answer);
    if (answer->body.overflow)
        answer->code = 500;
}

static const char *reason_of(int code)
{
    switch (code) {
    case 200: return "OK";
    case 400: return "Bad Request";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 421: return "Misdirected Request";
    case 503: return "Service Unavailable";
    default: return "Internal Server Error";
    }
}

/* libevent would send a body after HEAD, too. */
static void body_add(struct evhttp_request *request, const struct http_answer *answer)
{
    const char *text = answer->body.data;
    size_t len = answer->body.len;
    char number[24];
    if (answer->body.overflow || len == 0) {
        text = reason_of(answer->code);
        len = strlen(text);
    }
    if (evhttp_request_get_command(request) != EVHTTP_REQ_HEAD) {
        evbuffer_add(evhttp_request_get_output_buffer(request), text, len);
        return;
    }
    snprintf(number, sizeof(number), "%zu", len);
    evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Length", number);
}

static void answer_done(struct evhttp_request *request, void *arg)
{
    struct http *http = arg;
    deadline_set(connection_of(http, request), http->config.request_s);
}

static void answer_send(struct http *http, struct evhttp_request *request,
                        const struct http_answer *answer, bool refused)
{
    struct evkeyvalq *fields = evhttp_request_get_output_headers(request);
    evhttp_add_header(fields, "Content-Type", answer->type);
    evhttp_add_header(fields, "Cache-Control", "no-store");
    evhttp_add_header(fields, "X-Content-Type-Options", "nosniff");
    evhttp_add_header(fields, "Content-Security-Policy", "default-src 'none'");
    if (answer->code == 405)
        evhttp_add_header(fields, "Allow", "GET, HEAD");
    if (refused) /* where one request ends and the next begins is in doubt */
        evhttp_add_header(fields, "Connection", "close");
    body_add(request, answer);
    deadline_set(connection_of(http, request), ANSWER_S);
    evhttp_request_set_on_complete_cb(request, answer_done, http);
    evhttp_send_reply(request, answer->code, reason_of(answer->code), NULL);
}

static void request_take(struct evhttp_request *request, void *arg)
{
    struct http *http = arg;
    struct http_answer answer = {.code = 200, .type = "text/plain; charset=utf-8"};
    buf_init(&answer.body, HTTP_ANSWER_BYTES_MAX);
    int refusal = refusal_of(http, request);
    if (refusal)
        answer.code = refusal;
    else
        route_run(http, request, &answer);
    answer_send(http, request, &answer, refusal != 0);
    buf_done(&answer.body);
}

static void stop_take(evutil_socket_t fd, short what, void *arg)
{
    struct http *http = arg;
    (void)fd;
    (void)what;
    event_base_loopbreak(http->base);
}

static void library_log(int severity, const char *text)
{
    log_line(severity >= EVENT_LOG_WARN ? LOG_LEVEL_WARNING : LOG_LEVEL_DEBUG, "http: %s", text);
}

static socklen_t sockaddr_of(const struct addr *addr, uint16_t port, struct sockaddr_storage *ret)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)ret;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;
    memset(ret, 0, sizeof(*ret));
    if (!addr_is_v4(addr)) {
        *v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port)};
        memcpy(&v6->sin6_addr, addr->bytes, 16);
        return sizeof(*v6);
    }
    *v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
    memcpy(&v4->sin_addr, addr->bytes + 12, 4);
    return sizeof(*v4);
}

/* Reads `address:port`, where an IPv6 address stands in brackets; port 0 is any free one. Returns
 * the length of the socket address, 0 for anything else. */
static socklen_t listen_parse(const char *text, struct sockaddr_storage *ret)
{
    struct addr addr;
    char *end;
    bool bracket = *text == '[';
    size_t len = strcspn(text += bracket, bracket ? "]" : ":");
    const char *port = text + len + (bracket && text[len]);
    if (!addr_parse(text, len, &addr) || *port != ':' || port[1] < '0' || port[1] > '9')
        return 0;
    unsigned long number = strtoul(port + 1, &end, 10);
    return *end == 0 && number <= UINT16_MAX ? sockaddr_of(&addr, (uint16_t)number, ret) : 0;
}

static int socket_bind(struct http *http, struct error *error)
{
    const char *listen = http->config.api->listen;
    struct sockaddr_storage addr;
    socklen_t len = listen_parse(listen, &addr);
    if (len == 0)
        return error_set(error, -EINVAL,
                         "api.listen: \"%s\" is no address with a port, such as 127.0.0.1:9553",
                         listen);
    struct evconnlistener *listener = evconnlistener_new_bind(
        http->base, NULL, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE,
        BACKLOG, (struct sockaddr *)&addr, (int)len);
    if (!listener)
        return error_set(error, -errno, "api.listen: %s: %s", listen, strerror(errno));
    int fd = evconnlistener_get_fd(listener);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)); /* connections inherit it */
    socklen_t bound = sizeof(addr);
    getsockname(fd, (struct sockaddr *)&addr, &bound);
    http->port = ntohs(((struct sockaddr_in *)&addr)->sin_port); /* where IPv6 has it, too */
    if (evhttp_bind_listener(http->server, listener))
        return 0;
    evconnlistener_free(listener);
    return error_set(error, -ENOMEM, "no memory to listen for HTTP");
}

static void server_limit(struct http *http)
{
    evhttp_set_allowed_methods(http->server, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST |
                                                 EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE |
                                                 EVHTTP_REQ_PATCH | EVHTTP_REQ_OPTIONS);
    evhttp_set_max_headers_size(http->server, HTTP_HEADERS_BYTES_MAX);
    evhttp_set_max_body_size(http->server, 0);
    evhttp_set_timeout(http->server, ANSWER_S);
    evhttp_set_bevcb(http->server, connection_open, http);
    evhttp_set_gencb(http->server, request_take, http);
}

int http_open(const struct http_config *config, struct http **ret_http, struct error *error)
{
    event_set_log_callback(library_log);
    struct http *http = calloc(1, sizeof(*http));
    if (!http)
        return error_set(error, -ENOMEM, "no memory to listen for HTTP");
    http->config = *config;
    if (config->request_s == 0)
        http->config.request_s = HTTP_REQUEST_S;
    http->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    http->base = event_base_new();
    http->server = http->base ? evhttp_new(http->base) : NULL;
    if (http->base && http->stop_fd >= 0) {
        http->stop = event_new(http->base, http->stop_fd, EV_READ, stop_take, http);
        http->look = event_new(http->base, -1, EV_PERSIST, look_take, http);
    }
    int rc = error_set(error, -ENOMEM, "no memory to listen for HTTP");
    if (http->server && http->stop && http->look) {
        server_limit(http);
        event_add(http->stop, NULL);
        event_add(http->look, &(struct timeval){.tv_sec = 1});
        rc = socket_bind(http, error);
    }
    if (rc < 0) {
        http_close(http);
        return rc;
    }
    *ret_http = http;
    return 0;
}

void http_close(struct http *http)
{
    if (!http)
        return;
    if (http->server)
        evhttp_free(http->server);
    if (http->stop)
        event_free(http->stop);
    if (http->look)
        event_free(http->look);
    connections_drop(http, true);
    if (http->base) {
        event_base_loop(http->base, EVLOOP_NONBLOCK); /* what waits to be freed */
        event_base_free(http->base);
    }
    if (http->stop_fd >= 0)
        close(http->stop_fd);
    free(http);
}

void http_run(struct http *http)
{
    event_base_dispatch(http->base);
}

void http_stop(struct http *http)
{
    ssize_t written = write(http->stop_fd, &(uint64_t){1}, sizeof(uint64_t));
    (void)written; /* it fails only when so many have written before that it stops anyway */
}

unsigned http_port(const struct http *http)
{
    return http->port;
}
