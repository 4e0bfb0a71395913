/* http.c - answers HTTP requests on listening sockets, and does not let clients misuse it
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/http.h"

#include "api/http_server.h"
#include "base/log.h"
#include "base/pulse.h"

#include <errno.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { FLOW_MS = 250, SOCKET_MODE = 0660 };

static void look_take(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    pulse_beat();
    connections_look(arg);
}

static void flow_take(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    streams_flow(arg);
}

static void stop_take(evutil_socket_t fd, short what, void *arg)
{
    struct http *http = arg;
    (void)fd, (void)what;
    event_base_loopbreak(http->base);
}

/* Sends what was made and frees the job. A client that has gone meanwhile has left its request. */
static void job_finish(struct http *http, struct job *job)
{
    if (!evhttp_request_get_connection(job->request))
        evhttp_request_free(job->request);
    else if (job->answer.stream || job->answer.download)
        stream_begin(http, job->request, &job->answer);
    else
        answer_send(http, job->request, &job->answer, false);
    http_answer_done(&job->answer);
    free(job);
}

static void made_take(evutil_socket_t fd, short what, void *arg)
{
    struct http *http = arg;
    uint64_t count;
    (void)what;
    ssize_t got = read(fd, &count, sizeof(count));
    (void)got; /* there may be no more than there was */
    for (struct job *job = pool_made(http->pool), *next; job; job = next) {
        next = job->next;
        job_finish(http, job);
    }
}

static void job_begin(struct http *http, struct evhttp_request *request)
{
    struct job *job = calloc(1, sizeof(*job));
    if (!job) {
        evhttp_send_error(request, 503, NULL);
        return;
    }
    job->request = request;
    http_answer_init(&job->answer);
    request_view(http, request, &job->view);
    connection_deadline(http, request, ANSWER_S);
    pool_put(http->pool, job);
}

static const struct http_route *route_of(const struct http *http, struct evhttp_request *request)
{
    const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request));
    for (size_t i = 0; path && i < http->config.route_count; i++)
        if (strcmp(http->config.routes[i].path, path) == 0)
            return &http->config.routes[i];
    return NULL;
}

static void route_run(struct http *http, struct evhttp_request *request,
                      const struct http_route *route, struct http_answer *answer)
{
    struct http_request view;
    request_view(http, request, &view);
    if (view.method != HTTP_GET) {
        answer->code = 405;
        snprintf(answer->allow, sizeof(answer->allow), "GET, HEAD");
    } else if (route->local_only && !view.here) {
        answer->code = 403;
    } else {
        route->answer(http->config.arg, answer);
    }
}

static void request_take(struct evhttp_request *request, void *arg)
{
    struct http *http = ((struct listener *)arg)->http;
    struct http_answer answer;
    int refusal = request_refusal(http, request);
    const struct http_route *route = refusal ? NULL : route_of(http, request);
    if (!refusal && !route && http->pool) {
        job_begin(http, request);
        return;
    }
    http_answer_init(&answer);
    if (route)
        route_run(http, request, route, &answer);
    else
        answer.code = refusal ? refusal : 404;
    answer_send(http, request, &answer, refusal != 0);
    http_answer_done(&answer);
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

static int no_memory(struct error *error)
{
    return error_set(error, -ENOMEM, "no memory to listen for HTTP");
}

static int tcp_bind(struct http *http, struct error *error)
{
    const char *listen = http->config.api->listen;
    struct sockaddr_storage addr;
    struct addr where;
    uint16_t port;
    if (!addr_port_parse(listen, &where, &port))
        return error_set(error, -EINVAL,
                         "api.listen: \"%s\" is no address with a port, such as 127.0.0.1:9553",
                         listen);
    socklen_t len = sockaddr_of(&where, port, &addr);
    struct evconnlistener *listener = evconnlistener_new_bind(
        http->base, NULL, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE,
        BACKLOG, (struct sockaddr *)&addr, (int)len);
    if (!listener)
        return error_set(error, -errno, "api.listen: %s: %s%s", listen, strerror(errno),
                         errno == EADDRINUSE ? "; end what answers there, such as another dnsvigil,"
                                               " or configure another port"
                                             : "");
    int fd = evconnlistener_get_fd(listener);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)); /* connections inherit it */
    socklen_t bound = sizeof(addr);
    getsockname(fd, (struct sockaddr *)&addr, &bound);
    http->port = ntohs(((struct sockaddr_in *)&addr)->sin_port); /* where IPv6 has it, too */
    if (evhttp_bind_listener(http->tcp.server, listener))
        return 0;
    evconnlistener_free(listener);
    return no_memory(error);
}

/* A socket on which nobody answers is left over and goes. */
static int local_clear(const struct sockaddr_un *addr, struct error *error)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return error_set(error, -errno, "api.socket: %s: %s", addr->sun_path, strerror(errno));
    int connected = connect(fd, (const struct sockaddr *)addr, sizeof(*addr));
    int why = errno;
    close(fd);
    if (connected == 0)
        return error_set(error, -EADDRINUSE, "api.socket: %s: another dnsvigil answers there",
                         addr->sun_path);
    if (why == ECONNREFUSED)
        unlink(addr->sun_path);
    return 0;
}

/* Closed to all until its mode is set: nobody can connect before it listens. */
static int local_listen(const struct http_config *config, const struct sockaddr_un *addr,
                        int *ret_fd, struct error *error)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && bind(fd, (const struct sockaddr *)addr, sizeof(*addr)) == 0 &&
        chmod(addr->sun_path, SOCKET_MODE) == 0 &&
        (config->socket_uid == (uid_t)-1 ||
         chown(addr->sun_path, config->socket_uid, config->socket_gid) == 0) &&
        listen(fd, BACKLOG) == 0) {
        *ret_fd = fd;
        return 0;
    }
    int r = error_set(error, -errno, "api.socket: %s: %s", addr->sun_path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return r;
}

static int local_bind(struct http *http, struct error *error)
{
    int fd = -1;
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    if (strlen(http->config.socket) >= sizeof(addr.sun_path))
        return error_set(
            error, -ENAMETOOLONG,
            "api.socket: %s: a socket's path has %zu bytes at most; name a shorter one",
            http->config.socket, sizeof(addr.sun_path) - 1);
    snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", http->config.socket);
    int r = local_clear(&addr, error);
    if (r == 0)
        r = local_listen(&http->config, &addr, &fd, error);
    if (r < 0)
        return r;
    struct evconnlistener *listener = evconnlistener_new(
        http->base, NULL, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
    if (listener && evhttp_bind_listener(http->local.server, listener))
        return 0;
    if (listener)
        evconnlistener_free(listener);
    else
        close(fd);
    return no_memory(error);
}

static int listener_make(struct http *http, struct listener *listener, bool local,
                         struct error *error)
{
    struct evhttp *server = evhttp_new(http->base);
    if (!server)
        return no_memory(error);
    *listener = (struct listener){http, server, local};
    evhttp_set_allowed_methods(server, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST |
                                           EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE | EVHTTP_REQ_PATCH);
    evhttp_set_max_headers_size(server, HTTP_HEADERS_BYTES_MAX);
    evhttp_set_max_body_size(server, http->config.take ? HTTP_BODY_BYTES_MAX : 0);
    evhttp_set_timeout(server, ANSWER_S);
    evhttp_set_bevcb(server, connection_open, listener);
    evhttp_set_gencb(server, request_take, listener);
    return local ? local_bind(http, error) : tcp_bind(http, error);
}

static bool events_make(struct http *http)
{
    http->base = event_base_new();
    http->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    http->made_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (!http->base || http->stop_fd < 0 || http->made_fd < 0)
        return false;
    http->stop = event_new(http->base, http->stop_fd, EV_READ, stop_take, http);
    http->made = event_new(http->base, http->made_fd, EV_READ | EV_PERSIST, made_take, http);
    http->look = event_new(http->base, -1, EV_PERSIST, look_take, http);
    http->flow = event_new(http->base, -1, EV_PERSIST, flow_take, http);
    if (!http->stop || !http->made || !http->look || !http->flow)
        return false;
    return event_add(http->stop, NULL) == 0 && event_add(http->made, NULL) == 0 &&
           event_add(http->look, &(struct timeval){.tv_sec = 1}) == 0 &&
           event_add(http->flow, &(struct timeval){.tv_usec = FLOW_MS * 1000}) == 0;
}

static int open_all(struct http *http, struct error *error)
{
    int r = events_make(http) ? 0 : no_memory(error);
    if (r == 0 && http->config.api->tls_certificate && http->config.api->tls_certificate[0])
        r = tls_load(http->config.api, &http->tls, error);
    if (r == 0 && http->config.api->listen[0])
        r = listener_make(http, &http->tcp, false, error);
    if (r == 0 && http->config.socket)
        r = listener_make(http, &http->local, true, error);
    return r;
}

int http_open(const struct http_config *config, struct http **ret_http, struct error *error)
{
    event_set_log_callback(library_log);
    struct http *http = calloc(1, sizeof(*http));
    if (!http)
        return no_memory(error);
    http->config = *config;
    http->stop_fd = http->made_fd = -1;
    if (config->request_s == 0)
        http->config.request_s = HTTP_REQUEST_S;
    int r = open_all(http, error);
    if (r < 0) {
        http_close(http);
        return r;
    }
    *ret_http = http;
    return 0;
}

/* Requests that still have their connection are freed with it. */
static void jobs_drop(struct http *http)
{
    for (struct job *job = http->pool ? pool_end(http->pool) : NULL, *next; job; job = next) {
        next = job->next;
        if (!evhttp_request_get_connection(job->request))
            evhttp_request_free(job->request);
        http_answer_done(&job->answer);
        free(job);
    }
    pool_free(http->pool);
    http->pool = NULL;
}

static void event_drop(struct event *event)
{
    if (event)
        event_free(event);
}

static void servers_free(struct http *http)
{
    if (http->tcp.server)
        evhttp_free(http->tcp.server);
    if (!http->local.server)
        return;
    evhttp_free(http->local.server);
    unlink(http->config.socket);
}

void http_close(struct http *http)
{
    if (!http)
        return;
    streams_drop(http);
    servers_free(http);
    event_drop(http->stop);
    event_drop(http->made);
    event_drop(http->look);
    event_drop(http->flow);
    connections_drop(http, true);
    if (http->base) {
        event_base_loop(http->base, EVLOOP_NONBLOCK); /* what waits to be freed */
        event_base_free(http->base);
    }
    SSL_CTX_free(http->tls);
    if (http->stop_fd >= 0)
        close(http->stop_fd);
    if (http->made_fd >= 0)
        close(http->made_fd);
    free(http);
}

void http_run(struct http *http)
{
    if (http->config.take)
        http->pool = pool_new(&http->config, http->made_fd);
    if (http->config.take && !http->pool)
        log_error("cannot start a thread to answer HTTP requests: they are refused");
    event_base_dispatch(http->base);
    jobs_drop(http);
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
