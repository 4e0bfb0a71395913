/* stream.c - a TCP connection with TLS or without, in which nothing blocks without a limit
 * SPDX-License-Identifier: Apache-2.0 */
#include "outside/stream.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    SLICE_MS = 100,   /* how soon `stop` is seen */
    VERDICT_MS = 500, /* a server of TLS 1.3 has this long to say that it does not want us */
    NAP_MAX_MS = 50,
    DRAIN_ROUNDS = 64,
    IDLE_S = 60, /* then the system asks a silent server whether it is there */
};

static const int64_t ns_per_ms = 1000000;

struct stream {
    int fd;
    SSL *ssl; /* NULL without TLS */
};

static int64_t monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

struct stream_wait stream_wait_for(const atomic_bool *stop, unsigned seconds)
{
    return (struct stream_wait){stop, monotonic_ns() + seconds * NS_PER_S};
}

static int part_copy(const char *from, size_t len, char *to, size_t max)
{
    if (len == 0 || len > max)
        return -EINVAL;
    memcpy(to, from, len);
    to[len] = 0;
    return 0;
}

static int port_copy(const char *text, char *port)
{
    for (const char *c = text; *c; c++)
        if (!isdigit((unsigned char)*c))
            return -EINVAL;
    int r = part_copy(text, strlen(text), port, STREAM_PORT_MAX);
    return r == 0 && (atoi(port) < 1 || atoi(port) > UINT16_MAX) ? -EINVAL : r;
}

/* Which part of the address is the host, and what stands behind it. */
static const char *host_end(const char *address, const char **ret_host)
{
    const char *first = strchr(address, ':');
    *ret_host = address;
    if (*address == '[') {
        *ret_host = address + 1;
        return strchr(address, ']');
    }
    if (!first || strchr(first + 1, ':')) /* no port, or an IPv6 address */
        return address + strlen(address);
    return first;
}

int stream_place_read(const char *address, const char *default_port, struct stream_place *place)
{
    const char *host, *end = host_end(address, &host);
    if (!end || part_copy(host, (size_t)(end - host), place->host, STREAM_HOST_MAX) < 0)
        return -EINVAL;
    end += *end == ']';
    if (!*end)
        return port_copy(default_port, place->port);
    return *end == ':' ? port_copy(end + 1, place->port) : -EINVAL;
}

/* Waits for the events, at most `most_ms` in all where that is not negative. 1: they are there; 0:
 * that time is over. */
static int await_within(int fd, short events, const struct stream_wait *wait, int64_t most_ms)
{
    int64_t until_ns = most_ms < 0 ? INT64_MAX : monotonic_ns() + most_ms * ns_per_ms;
    for (;;) {
        int64_t now = monotonic_ns();
        int64_t left_ms =
            ((until_ns < wait->until_ns ? until_ns : wait->until_ns) - now) / ns_per_ms;
        if (atomic_load(wait->stop))
            return -ECANCELED;
        if (now >= wait->until_ns)
            return -ETIMEDOUT;
        if (now >= until_ns)
            return 0;
        struct pollfd poller = {fd, events, 0};
        int ready = poll(&poller, 1, left_ms < SLICE_MS ? (int)left_ms + 1 : SLICE_MS);
        if (ready < 0 && errno != EINTR)
            return -errno;
        if (ready > 0)
            return 1;
    }
}

static int await(int fd, short events, const struct stream_wait *wait)
{
    int r = await_within(fd, events, wait, -1);
    return r < 0 ? r : 0;
}

/* Puts the connection through. */
static int dial_one(int fd, const struct addrinfo *address, const struct stream_wait *wait)
{
    int failure = 0;
    socklen_t len = sizeof(failure);
    if (connect(fd, address->ai_addr, address->ai_addrlen) == 0)
        return 0;
    if (errno != EINPROGRESS)
        return -errno;
    int r = await(fd, POLLOUT, wait);
    if (r == 0 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &len) < 0)
        return -errno;
    return r < 0 ? r : -failure;
}

/* Each address gets an even share of the time that is left: one that swallows packets leaves some
 * for the next. */
static int dial_all(const struct addrinfo *list, const struct stream_wait *wait)
{
    int r = -EADDRNOTAVAIL;
    unsigned left = 0;
    for (const struct addrinfo *address = list; address; address = address->ai_next)
        left++;
    for (; list && r != -ECANCELED; list = list->ai_next, left--) {
        struct stream_wait share = *wait;
        int64_t now = monotonic_ns();
        share.until_ns = now + (wait->until_ns - now) / left;
        int fd = socket(list->ai_family, list->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
                        list->ai_protocol);
        r = fd < 0 ? -errno : dial_one(fd, list, &share);
        if (r == 0)
            return fd;
        if (fd >= 0)
            close(fd);
    }
    return r;
}

int stream_dial(const struct stream_place *place, int type, const struct stream_wait *wait,
                struct error *error)
{
    const struct addrinfo hints = {.ai_socktype = type, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *list;
    int failure = getaddrinfo(place->host, place->port, &hints, &list);
    if (failure)
        return error_set(error, -EHOSTUNREACH, "its address cannot be found: %s",
                         gai_strerror(failure));
    int r = dial_all(list, wait);
    freeaddrinfo(list);
    return r < 0 ? error_set(error, r, "cannot connect: %s", strerror(-r)) : r;
}

/* Why the last call to the TLS library failed. */
static const char *tls_reason(void)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    return reason ? reason : "no reason given";
}

/* A key with a password would have the library ask the terminal. */
static int no_password(char *text, int size, int writing, void *context)
{
    (void)text, (void)size, (void)writing, (void)context;
    return 0;
}

static int authorities_load(SSL_CTX *context, const struct stream_place *place, struct error *error)
{
    int good = place->ca_file[0] ? SSL_CTX_load_verify_file(context, place->ca_file)
                                 : SSL_CTX_set_default_verify_paths(context);
    if (good == 1)
        return 0;
    return error_set(error, -EINVAL, "%s: no certificates can be read: %s",
                     place->ca_file[0] ? place->ca_file : "the system's authorities", tls_reason());
}

static int identity_load(SSL_CTX *context, const struct stream_place *place, struct error *error)
{
    if (!place->certificate[0])
        return 0;
    if (SSL_CTX_use_certificate_chain_file(context, place->certificate) != 1)
        return error_set(error, -EINVAL, "%s: no certificate can be read: %s", place->certificate,
                         tls_reason());
    if (SSL_CTX_use_PrivateKey_file(context, place->key, SSL_FILETYPE_PEM) != 1)
        return error_set(error, -EINVAL, "%s: no key of %s can be read: %s", place->key,
                         place->certificate, tls_reason());
    return 0;
}

static SSL_CTX *context_new(const struct stream_place *place, struct error *error)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (!context) {
        error_set(error, -ENOMEM, "no memory for TLS");
        return NULL;
    }
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_default_passwd_cb(context, no_password);
    ERR_clear_error();
    if (authorities_load(context, place, error) == 0 && identity_load(context, place, error) == 0)
        return context;
    SSL_CTX_free(context);
    return NULL;
}

int stream_check_files(const struct stream_place *place, struct error *error)
{
    SSL_CTX *context = context_new(place, error);
    SSL_CTX_free(context);
    return context ? 0 : -EINVAL;
}

/* Whom the certificate must be made out to: an address (RFC 5280 4.2.1.6), or a name, which is told
 * in clear, too, for servers with several certificates (RFC 6066 3). */
static bool expect_name(SSL *ssl, const char *host)
{
    unsigned char address[sizeof(struct in6_addr)];
    if (inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
}

static int tls_failed(const struct stream *stream, int code, int failure, struct error *error)
{
    long verdict = SSL_get_verify_result(stream->ssl);
    if (verdict != X509_V_OK)
        return error_set(error, -EACCES, "its certificate is not accepted: %s",
                         X509_verify_cert_error_string(verdict));
    if (code == SSL_ERROR_ZERO_RETURN || (code == SSL_ERROR_SYSCALL && failure == 0))
        return error_set(error, -EPIPE, "it has closed the connection");
    if (code == SSL_ERROR_SYSCALL)
        return error_set(error, -failure, "%s", strerror(failure));
    return error_set(error, -EPROTO, "TLS: %s", tls_reason());
}

/* What follows on a call to the TLS library that returned `result` (not a success): waits and
 * returns 0 for another attempt, or says why there is none. */
static int tls_again(struct stream *stream, int result, const struct stream_wait *wait,
                     struct error *error)
{
    int failure = errno;
    int code = SSL_get_error(stream->ssl, result);
    if (code != SSL_ERROR_WANT_READ && code != SSL_ERROR_WANT_WRITE)
        return tls_failed(stream, code, failure, error);
    int r = await(stream->fd, code == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, wait);
    return r < 0 ? error_set(error, r, "%s", strerror(-r)) : 0;
}

static int shake_hands(struct stream *stream, const struct stream_wait *wait, struct error *error)
{
    int r = 0;
    while (r == 0) {
        errno = 0;
        ERR_clear_error();
        int result = SSL_connect(stream->ssl);
        if (result == 1)
            break;
        r = tls_again(stream, result, wait, error);
    }
    /* Here a server looks at our certificate after the last step that we see (RFC 8446 2). */
    if (r < 0 || SSL_version(stream->ssl) < TLS1_3_VERSION)
        return r;
    r = await_within(stream->fd, POLLIN, wait, VERDICT_MS);
    return r < 0 ? error_set(error, r, "%s", strerror(-r)) : stream_check(stream, error);
}

static int tls_begin(struct stream *stream, const struct stream_place *place,
                     const struct stream_wait *wait, struct error *error)
{
    signal(SIGPIPE, SIG_IGN);
    SSL_CTX *context = context_new(place, error);
    if (!context)
        return -EINVAL;
    stream->ssl = SSL_new(context);
    SSL_CTX_free(context);
    if (!stream->ssl || SSL_set_fd(stream->ssl, stream->fd) != 1 ||
        !expect_name(stream->ssl, place->host))
        return error_set(error, -ENOMEM, "no memory for TLS");
    return shake_hands(stream, wait, error);
}

static void options_set(int fd)
{
    const int on = 1, idle_s = IDLE_S;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
}

int stream_open(const struct stream_place *place, const struct stream_wait *wait,
                struct stream **ret_stream, struct error *error)
{
    struct stream *stream = calloc(1, sizeof(*stream));
    if (!stream)
        return error_set(error, -ENOMEM, "no memory for a connection");
    stream->fd = stream_dial(place, SOCK_STREAM, wait, error);
    int r = stream->fd < 0 ? stream->fd : 0;
    if (r == 0)
        options_set(stream->fd);
    if (r == 0 && place->tls)
        r = tls_begin(stream, place, wait, error);
    if (r < 0)
        stream_close(stream);
    else
        *ret_stream = stream;
    return r;
}

/* Unread bytes would have the system break the connection off, and the server lose what it has not
 * read. */
static void drain(int fd)
{
    char dropped[4096];
    for (unsigned i = 0; i < DRAIN_ROUNDS; i++)
        if (recv(fd, dropped, sizeof(dropped), MSG_DONTWAIT) <= 0)
            return;
}

void stream_close(struct stream *stream)
{
    if (!stream)
        return;
    if (stream->ssl) {
        SSL_shutdown(stream->ssl);
        ERR_clear_error();
    }
    SSL_free(stream->ssl);
    if (stream->fd >= 0) {
        shutdown(stream->fd, SHUT_WR);
        drain(stream->fd);
        close(stream->fd);
    }
    free(stream);
}

/* 0: the system takes nothing now. */
static ssize_t plain_write(struct stream *stream, const char *data, size_t len)
{
    ssize_t written = send(stream->fd, data, len, MSG_NOSIGNAL);
    if (written >= 0)
        return written;
    return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

static int plain_write_all(struct stream *stream, const char *data, size_t len,
                           const struct stream_wait *wait, struct error *error)
{
    while (len > 0) {
        ssize_t written = plain_write(stream, data, len);
        int r = written < 0 ? (int)written : 0;
        if (written == 0)
            r = await(stream->fd, POLLOUT, wait);
        if (r < 0)
            return error_set(error, r, "%s", strerror(-r));
        data += written;
        len -= (size_t)written;
    }
    return 0;
}

static int tls_write_all(struct stream *stream, const char *data, size_t len,
                         const struct stream_wait *wait, struct error *error)
{
    while (len > 0) {
        size_t written = 0;
        errno = 0;
        ERR_clear_error();
        int result = SSL_write_ex(stream->ssl, data, len, &written);
        int r = result == 1 ? 0 : tls_again(stream, result, wait, error);
        if (r < 0)
            return r;
        data += written;
        len -= written;
    }
    return 0;
}

int stream_write(struct stream *stream, const void *data, size_t len,
                 const struct stream_wait *wait, struct error *error)
{
    return stream->ssl ? tls_write_all(stream, data, len, wait, error)
                       : plain_write_all(stream, data, len, wait, error);
}

/* Reads and drops a piece. 1: there was one; 0: there is none now. */
static int tls_drop(struct stream *stream, struct error *error)
{
    char dropped[4096];
    size_t got;
    errno = 0;
    ERR_clear_error();
    int result = SSL_read_ex(stream->ssl, dropped, sizeof(dropped), &got);
    int failure = errno;
    if (result == 1)
        return 1;
    int code = SSL_get_error(stream->ssl, result);
    if (code == SSL_ERROR_WANT_READ || code == SSL_ERROR_WANT_WRITE)
        return 0;
    return tls_failed(stream, code, failure, error);
}

static int plain_drop(struct stream *stream, struct error *error)
{
    char dropped[4096];
    ssize_t got = recv(stream->fd, dropped, sizeof(dropped), MSG_DONTWAIT);
    if (got > 0)
        return 1;
    if (got == 0)
        return error_set(error, -EPIPE, "it has closed the connection");
    if (errno == EAGAIN || errno == EINTR)
        return 0;
    return error_set(error, -errno, "%s", strerror(errno));
}

int stream_check(struct stream *stream, struct error *error)
{
    int r = 1;
    for (unsigned i = 0; r > 0 && i < DRAIN_ROUNDS; i++)
        r = stream->ssl ? tls_drop(stream, error) : plain_drop(stream, error);
    return r < 0 ? r : 0;
}

int stream_settle(struct stream *stream, const struct stream_wait *wait, struct error *error)
{
    for (int64_t nap_ms = 1;; nap_ms = nap_ms < NAP_MAX_MS ? 2 * nap_ms : NAP_MAX_MS) {
        int unacknowledged = 0;
        if (ioctl(stream->fd, SIOCOUTQ, &unacknowledged) < 0)
            return error_set(error, -errno, "%s", strerror(errno));
        int r = stream_check(stream, error);
        if (r < 0 || unacknowledged == 0)
            return r;
        r = await_within(stream->fd, POLLIN, wait, nap_ms);
        if (r < 0)
            return error_set(error, r, "it does not acknowledge what it was sent: %s",
                             strerror(-r));
    }
}
