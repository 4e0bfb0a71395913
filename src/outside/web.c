/* web.c - one HTTP request to a place that the configuration names, guarded against being led
 * astray
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "outside/web.h"

#include "base/special.h"

#include <curl/curl.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

const struct web_limits web_limits_default = {
    .answer_bytes_max = 64 << 10, .connect_s = 10, .total_s = 30};

enum { GZIP_BITS = 15 + 16, GZIP_MEMORY = 8 };

struct web_client {
    CURL *curl;
};

struct exchange {
    const struct web_request *request;
    const struct web_limits *limits;
    const char *body; /* as it is sent */
    size_t body_len;
    struct buf *answer;
    size_t answer_bytes;
    bool place_refused;
    char message[CURL_ERROR_SIZE];
};

void web_init(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static bool given(const char *text)
{
    return text && text[0];
}

static bool allowed(const struct config_networks *allow, const struct sockaddr *sockaddr)
{
    struct addr addr;
    if (!allow || !special_addr_of(sockaddr, &addr))
        return false;
    for (uint32_t i = 0; i < allow->count; i++)
        if (prefix_contains(&allow->items[i], &addr))
            return true;
    return false;
}

/* Asked for each connection with the address that it really goes to. */
static curl_socket_t on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct exchange *exchange = arg;
    const struct web_request *request = exchange->request;
    (void)purpose;
    if (!given(request->proxy) && special_sockaddr(&address->addr) &&
        !allowed(request->allow, &address->addr)) {
        exchange->place_refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
    struct exchange *exchange = arg;
    size_t len = size * count;
    exchange->answer_bytes += len;
    if (exchange->answer_bytes > exchange->limits->answer_bytes_max)
        return 0;
    if (exchange->answer)
        buf_append(exchange->answer, data, len);
    return len;
}

static int on_progress(void *arg, curl_off_t down_all, curl_off_t down, curl_off_t up_all,
                       curl_off_t up)
{
    const struct exchange *exchange = arg;
    (void)down_all, (void)down, (void)up_all, (void)up;
    return atomic_load(exchange->request->stop);
}

static void tls_set(CURL *curl, const struct web_request *request)
{
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (given(request->ca_file))
        curl_easy_setopt(curl, CURLOPT_CAINFO, request->ca_file);
    if (given(request->certificate_file)) {
        curl_easy_setopt(curl, CURLOPT_SSLCERT, request->certificate_file);
        curl_easy_setopt(curl, CURLOPT_SSLKEY, request->key_file);
    }
}

static void guards_set(CURL *curl, const struct exchange *exchange)
{
    const struct web_request *request = exchange->request;
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, request->allow_http ? "http,https" : "https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, exchange);
    /* "" keeps the environment's out. */
    curl_easy_setopt(curl, CURLOPT_PROXY, given(request->proxy) ? request->proxy : "");
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)exchange->limits->connect_s);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)exchange->limits->total_s);
    if (request->stop) {
        curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
        curl_easy_setopt(curl, CURLOPT_XFERINFODATA, exchange);
    }
    tls_set(curl, request);
}

static void exchange_set(CURL *curl, struct exchange *exchange, struct curl_slist *headers)
{
    const struct web_request *request = exchange->request;
    guards_set(curl, exchange);
    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "dnsvigil/" DNSVIGIL_VERSION);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, exchange->message);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, exchange);
    if (exchange->body) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)exchange->body_len);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, exchange->body);
    }
}

static int failure_tell(const struct exchange *exchange, CURLcode code, struct error *error)
{
    if (exchange->place_refused)
        return error_set(error, -EACCES,
                         "its server has a private or local address: a network in `allow` permits "
                         "it");
    if (code == CURLE_UNSUPPORTED_PROTOCOL)
        return error_set(error, -EACCES, "is not https: allow_http permits http, nothing others");
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return error_set(error, -ECANCELED, "was stopped");
    if (exchange->answer_bytes > exchange->limits->answer_bytes_max)
        return error_set(error, -EFBIG, "answers with more than %zu bytes",
                         exchange->limits->answer_bytes_max);
    return error_set(error, -EIO, "%s",
                     exchange->message[0] ? exchange->message : curl_easy_strerror(code));
}

static bool header_add(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);
    if (longer)
        *list = longer;
    return longer != NULL;
}

/* False without memory; *list is to be freed in any case. Nobody is asked whether a long body is
 * welcome: the question costs a second where it is not understood. */
static bool headers_make(const struct web_request *request, struct curl_slist **list)
{
    bool made = header_add(list, "Expect:");
    if (request->gzip)
        made &= header_add(list, "Content-Encoding: gzip");
    for (size_t i = 0; made && request->headers && request->headers[i]; i++)
        made = header_add(list, request->headers[i]);
    return made;
}

/* The bytes compressed, in memory that is the caller's; NULL without any. */
static char *packed(const char *bytes, size_t len, size_t *ret_len)
{
    z_stream stream = {.next_in = (z_const Bytef *)bytes, .avail_in = (uInt)len};
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_BITS, GZIP_MEMORY,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        return NULL;
    size_t room = deflateBound(&stream, len);
    char *data = malloc(room);
    stream.next_out = (Bytef *)data;
    stream.avail_out = (uInt)room;
    bool whole = data && deflate(&stream, Z_FINISH) == Z_STREAM_END;
    *ret_len = stream.total_out;
    deflateEnd(&stream);
    if (!whole) {
        free(data);
        return NULL;
    }
    return data;
}

static void answer_read(CURL *curl, struct web_answer *ret_answer)
{
    curl_off_t wait_s = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &ret_answer->status);
    curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &wait_s);
    ret_answer->retry_after_s = wait_s > UINT_MAX ? UINT_MAX : (unsigned)wait_s;
}

static int exchange_run(CURL *curl, struct exchange *exchange, struct web_answer *ret_answer,
                        struct error *error)
{
    struct curl_slist *headers = NULL;
    int r = 0;
    curl_easy_reset(curl); /* connections stay */
    if (headers_make(exchange->request, &headers)) {
        exchange_set(curl, exchange, headers);
        CURLcode code = curl_easy_perform(curl);
        if (code == CURLE_OK)
            answer_read(curl, ret_answer);
        else
            r = failure_tell(exchange, code, error);
    } else {
        r = error_set(error, -ENOMEM, "no memory for a request");
    }
    curl_slist_free_all(headers);
    return r;
}

int web_client_send(struct web_client *client, const struct web_request *request,
                    const struct web_limits *limits, struct web_answer *ret_answer,
                    struct buf *answer, struct error *error)
{
    struct exchange exchange = {.request = request,
                                .limits = limits,
                                .body = request->body,
                                .body_len = request->body_len,
                                .answer = answer};
    char *small = NULL;
    if (request->gzip) {
        small = packed(request->body, request->body_len, &exchange.body_len);
        if (!small)
            return error_set(error, -ENOMEM, "no memory for a request");
        exchange.body = small;
    }
    int r = exchange_run(client->curl, &exchange, ret_answer, error);
    free(small);
    return r;
}

struct web_client *web_client_new(void)
{
    struct web_client *client = malloc(sizeof(*client));
    CURL *curl = curl_easy_init();
    if (client && curl) {
        client->curl = curl;
        return client;
    }
    curl_easy_cleanup(curl);
    free(client);
    return NULL;
}

void web_client_free(struct web_client *client)
{
    if (client)
        curl_easy_cleanup(client->curl);
    free(client);
}

int web_send(const struct web_request *request, const struct web_limits *limits, long *ret_status,
             struct buf *answer, struct error *error)
{
    struct web_answer head;
    struct web_client *client = web_client_new();
    if (!client)
        return error_set(error, -ENOMEM, "no memory for a request");
    int r = web_client_send(client, request, limits, &head, answer, error);
    if (r == 0)
        *ret_status = head.status;
    web_client_free(client);
    return r;
}
