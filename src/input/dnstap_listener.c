/* dnstap_listener.c - a source that DNS servers connect to and send dnstap: unix socket, TCP, TLS
 * SPDX-License-Identifier: Apache-2.0 */
#include "input/dnstap_listener.h"

#include "base/addr.h"
#include "base/clock.h"
#include "base/log.h"
#include "input/dnstap_peer.h"
#include "input/dnstap_socket.h"
#include "input/dnstap_tls.h"

#include <assert.h>
#include <errno.h>
#include <grp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    WAIT_MS = 1000,   /* the contract of source.h */
    GREETING_S = 10,  /* for TLS and the first control frame */
    EVENTS_MAX = 64,  /* looked at between two rounds */
    ACCEPTS_MAX = 16, /* the same of new connections */
};

struct listener {
    struct source source; /* first: a source is a listener */
    int fd;
    int epoll_fd;
    int stop_fd;
    SSL_CTX *tls; /* NULL: none */
    char *path;   /* of a unix socket, removed at the end; NULL: TCP */
    int64_t idle_ns;
    unsigned peers_max;
    unsigned peer_count;
    unsigned turn; /* the peer that is served first next time */
    bool stopped;
    bool drained; /* what had come by then has been brought in */
    bool resting; /* no more connections until the next round: there was no room for one */
    struct metrics metrics;
    struct dnstap_peer *peers[]; /* [peers_max], the first `peer_count` are in use */
};

/* Only to see who has been quiet for how long: no message's time comes from here. */
static int64_t steady_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int watch(const struct listener *listener, int fd, uint32_t events, void *what)
{
    struct epoll_event event = {.events = events, .data.ptr = what};
    return epoll_ctl(listener->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : -errno;
}

/* Accepting goes on after the next wait, so that a full table does not keep us busy. */
static void rest(struct listener *listener, bool resting)
{
    struct epoll_event event = {.events = resting ? 0 : EPOLLIN, .data.ptr = &listener->fd};
    if (listener->resting == resting)
        return;
    epoll_ctl(listener->epoll_fd, EPOLL_CTL_MOD, listener->fd, &event);
    listener->resting = resting;
}

static void peer_name(const struct listener *listener, int fd, char *name, size_t size)
{
    struct sockaddr_in6 six;
    struct ucred cred = {0};
    socklen_t len = sizeof(six), cred_len = sizeof(cred);
    char text[ADDR_TEXT_MAX];
    if (listener->path) {
        getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &cred_len);
        snprintf(name, size, "process %d", (int)cred.pid);
        return;
    }
    snprintf(name, size, "a peer that is gone");
    if (getpeername(fd, (struct sockaddr *)&six, &len) != 0)
        return;
    const struct sockaddr_in *four = (const struct sockaddr_in *)&six;
    bool v4 = six.sin6_family == AF_INET;
    struct addr addr = v4 ? addr_from_v4((const uint8_t *)&four->sin_addr)
                          : addr_from_v6((const uint8_t *)&six.sin6_addr);
    addr_format(&addr, text);
    snprintf(name, size, "%s port %u", text, ntohs(v4 ? four->sin_port : six.sin6_port));
}

/* A TCP peer that vanished without a word is found out by the kernel within some minutes. */
static void keep_alive(int fd)
{
    static const struct {
        int level, option, value;
    } options[] = {{SOL_SOCKET, SO_KEEPALIVE, 1},
                   {IPPROTO_TCP, TCP_KEEPIDLE, 60},
                   {IPPROTO_TCP, TCP_KEEPINTVL, 20},
                   {IPPROTO_TCP, TCP_KEEPCNT, 3}};
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        setsockopt(fd, options[i].level, options[i].option, &options[i].value, sizeof(int));
}

/* Takes the descriptor over. */
static bool peer_add(struct listener *listener, int fd)
{
    if (listener->peer_count == listener->peers_max) {
        close(fd);
        return false;
    }
    struct dnstap_peer *peer = dnstap_peer_new(fd, listener->tls, &listener->metrics);
    if (!peer)
        return false;
    if (!listener->path)
        keep_alive(fd);
    peer_name(listener, fd, peer->name, sizeof(peer->name));
    peer->since_ns = peer->active_ns = steady_ns();
    if (watch(listener, fd, EPOLLIN, peer) < 0) {
        dnstap_peer_free(peer);
        return false;
    }
    listener->peers[listener->peer_count++] = peer;
    return true;
}

static void peers_accept(struct listener *listener)
{
    for (int i = 0; i < ACCEPTS_MAX; i++) {
        int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            bool no_room = errno == EMFILE || errno == ENFILE || errno == ENOMEM;
            rest(listener, no_room || errno == ENOBUFS);
            return;
        }
        bool added = peer_add(listener, fd);
        listener->metrics.value[added ? METRIC_DNSTAP_PEERS : METRIC_DNSTAP_PEERS_REFUSED]++;
        if (!added)
            log_warning("%s: a connection refused: %u are open, sources.peers_max allows %u",
                        listener->source.label, listener->peer_count, listener->peers_max);
    }
}

/* Whether nothing has come for longer than allowed. */
static bool peer_is_idle(const struct listener *listener, const struct dnstap_peer *peer,
                         int64_t now_ns)
{
    if (!peer->stream.frames.begun)
        return now_ns - peer->since_ns > GREETING_S * NS_PER_S;
    return now_ns - peer->active_ns > listener->idle_ns;
}

static void peer_report(const struct listener *listener, const struct dnstap_peer *peer, bool idle)
{
    const char *label = listener->source.label;
    const char *identity = peer->stream.identity, *version = peer->stream.version;
    if (peer->end == DNSTAP_PEER_FAILED)
        log_warning("%s: %s closed: %s", label, peer->name, peer->error.text);
    else if (idle)
        log_info("%s: %s closed: nothing came for too long", label, peer->name);
    else if (peer->stream.frames.begun)
        log_info("%s: %s (%s%s%s) is done", label, peer->name, identity[0] ? identity : "no name",
                 version[0] ? ", " : "", version);
}

static void peer_remove(struct listener *listener, unsigned i, bool idle)
{
    struct dnstap_peer *peer = listener->peers[i];
    static const enum metric metrics[] = {
        [DNSTAP_PEER_OPEN] = METRIC_DNSTAP_PEERS_IDLE,
        [DNSTAP_PEER_ENDED] = METRIC_DNSTAP_PEERS_ENDED,
        [DNSTAP_PEER_CUT] = METRIC_DNSTAP_PEERS_CUT,
        [DNSTAP_PEER_FAILED] = METRIC_DNSTAP_PEERS_FAILED,
    };
    listener->metrics.value[metrics[peer->end]]++;
    peer_report(listener, peer, idle);
    dnstap_peer_free(peer);
    listener->peers[i] = listener->peers[--listener->peer_count];
}

/* No packet points into any peer's buffer now: ends those that are done and brings in what TLS
 * still holds for others. Returns whether there is something to read without waiting. */
static bool peers_tend(struct listener *listener)
{
    int64_t now_ns = steady_ns();
    bool more = false;
    for (unsigned i = listener->peer_count; i-- > 0;) {
        struct dnstap_peer *peer = listener->peers[i];
        bool idle = peer->end == DNSTAP_PEER_OPEN && peer_is_idle(listener, peer, now_ns);
        if (idle || peer->end != DNSTAP_PEER_OPEN) {
            peer_remove(listener, i, idle);
            continue;
        }
        dnstap_peer_send(peer);
        more = more || (peer->more && dnstap_peer_receive(peer));
    }
    return more;
}

/* Packets of complete frames that are there, each peer in its turn. */
static size_t peers_take(struct listener *listener, struct packet *packets, size_t max)
{
    size_t count = 0;
    unsigned peers = listener->peer_count;
    for (unsigned i = 0; i < peers; i++) {
        unsigned at = (listener->turn + i) % peers;
        count += dnstap_peer_take(listener->peers[at], packets + count, max - count);
        if (count + DNSTAP_PACKETS > max) {
            listener->turn = at + 1;
            break;
        }
    }
    return count;
}

/* Waits until something can be done, and brings in what has come. */
static int events_handle(struct listener *listener, int timeout_ms)
{
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(listener->epoll_fd, events, EVENTS_MAX, timeout_ms);
    if (count < 0)
        return -errno;
    rest(listener, false);
    int64_t now_ns = steady_ns();
    for (int i = 0; i < count; i++) {
        struct dnstap_peer *peer = events[i].data.ptr;
        if (events[i].data.ptr == &listener->stop_fd)
            listener->stopped = true;
        else if (events[i].data.ptr == &listener->fd)
            peers_accept(listener);
        else if (dnstap_peer_receive(peer))
            peer->active_ns = now_ns;
    }
    return count;
}

/* What servers have sent before we stop is not lost. */
static void peers_drain(struct listener *listener)
{
    for (unsigned i = 0; i < listener->peer_count; i++)
        dnstap_peer_receive(listener->peers[i]);
    listener->drained = true;
}

static int listener_read_messages(struct source *source, struct packet *packets, size_t max,
                                  struct error *error)
{
    struct listener *listener = (struct listener *)source;
    assert(max >= DNSTAP_PACKETS);
    for (;;) {
        size_t count = peers_take(listener, packets, max);
        if (count)
            return (int)count;
        if (listener->stopped && listener->drained)
            return 0;
        if (listener->stopped) {
            peers_drain(listener);
            continue;
        }
        bool more = peers_tend(listener);
        int r = events_handle(listener, more ? 0 : WAIT_MS);
        if (r == -EINTR || (r == 0 && !more))
            return r == 0 ? -EAGAIN : r;
        if (r < 0)
            return error_set(error, r, "%s: waiting failed: %s", source->label, strerror(-r));
    }
}

static void listener_stop(struct source *source)
{
    const struct listener *listener = (const struct listener *)source;
    const uint64_t one = 1;
    ssize_t written = write(listener->stop_fd, &one, sizeof(one));
    (void)written; /* can only fail where it has been told before */
}

static const struct metrics *listener_metrics(const struct source *source)
{
    return &((const struct listener *)source)->metrics;
}

static void listener_position(const struct source *source, uint64_t *ret_done, uint64_t *ret_total)
{
    const struct listener *listener = (const struct listener *)source;
    *ret_done = listener->metrics.value[METRIC_DNSTAP_FRAMES];
    *ret_total = 0;
}

static void listener_close(struct source *source)
{
    struct listener *listener = (struct listener *)source;
    for (unsigned i = 0; i < listener->peer_count; i++)
        dnstap_peer_free(listener->peers[i]);
    if (listener->path)
        unlink(listener->path);
    free(listener->path);
    SSL_CTX_free(listener->tls);
    close(listener->fd);
    close(listener->epoll_fd);
    close(listener->stop_fd);
    free(listener);
}

static const struct source_ops listener_ops = {
    .name = "dnstap",
    .read_messages = listener_read_messages,
    .stop = listener_stop,
    .metrics = listener_metrics,
    .position = listener_position,
    .close = listener_close,
};

/* Takes over the descriptor and `tls`. */
static struct source *listener_new(const struct config_source *config, const char *label, int fd,
                                   SSL_CTX *tls, struct error *error)
{
    struct listener *listener =
        calloc(1, sizeof(*listener) + config->peers_max * sizeof(struct dnstap_peer *));
    if (!listener) {
        close(fd);
        SSL_CTX_free(tls);
        error_set(error, -ENOMEM, "%s: no memory to listen", label);
        return NULL;
    }
    listener->source.ops = &listener_ops;
    snprintf(listener->source.label, sizeof(listener->source.label), "%s", label);
    listener->fd = fd;
    listener->tls = tls;
    listener->peers_max = config->peers_max;
    listener->idle_ns = config->idle_s * NS_PER_S;
    listener->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    listener->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (watch(listener, fd, EPOLLIN, &listener->fd) < 0 ||
        watch(listener, listener->stop_fd, EPOLLIN, &listener->stop_fd) < 0) {
        error_set(error, -errno, "%s: cannot wait for connections: %s", label, strerror(errno));
        listener_close(&listener->source);
        return NULL;
    }
    return &listener->source;
}

/* The number of the group named, or that stays as it is. */
static int group_find(const char *name, gid_t *ret_group, struct error *error)
{
    *ret_group = (gid_t)-1;
    if (!name[0])
        return 0;
    const struct group *group = getgrnam(name);
    if (!group)
        return error_set(error, -EINVAL, "group %s: there is none of that name", name);
    *ret_group = group->gr_gid;
    return 0;
}

static int mode_parse(const char *text, mode_t *ret_mode, struct error *error)
{
    char *end;
    unsigned long mode = strtoul(text, &end, 8);
    if (text[0] < '0' || text[0] > '7' || *end || mode > 0777)
        return error_set(error, -EINVAL, "mode %s: not an octal number up to 0777", text);
    *ret_mode = (mode_t)mode;
    return 0;
}

struct source *dnstap_listen_unix(const struct config_source *config, struct error *error)
{
    mode_t mode = 0;
    gid_t group = 0;
    if (mode_parse(config->mode, &mode, error) < 0 || group_find(config->group, &group, error) < 0)
        return NULL;
    int fd = dnstap_socket_unix(config->path, mode, group, error);
    if (fd < 0)
        return NULL;
    struct source *source = listener_new(config, config->path, fd, NULL, error);
    if (!source)
        unlink(config->path);
    else
        ((struct listener *)source)->path = strdup(config->path);
    return source;
}

struct source *dnstap_listen_tcp(const struct config_source *config, struct error *error)
{
    SSL_CTX *tls = NULL;
    if (config->tls_certificate[0]) {
        tls =
            dnstap_tls_new(config->tls_certificate, config->tls_key, config->tls_client_ca, error);
        if (!tls)
            return NULL;
    }
    int fd = dnstap_socket_tcp(config->listen, error);
    if (fd < 0) {
        SSL_CTX_free(tls);
        return NULL;
    }
    if (!tls && !dnstap_socket_is_loopback(config->listen))
        log_warning("%s: dnstap without TLS: whoever reaches it can send what it likes",
                    config->listen);
    return listener_new(config, config->listen, fd, tls, error);
}
