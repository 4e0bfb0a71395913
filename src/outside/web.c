/* web.c - one HTTP request to a place that the configuration names, guarded against being led
 * astray
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "outside/web.h"

#include "base/special.h"

#include <curl/curl.h>
#include <errno.h>

const struct web_limits web_limits_default = {
    .answer_bytes_max = 64 << 10, .connect_s = 10, .total_s = 30};

struct exchange {
    const struct web_request *request;
    const struct web_limits *limits;
    struct buf *answer;
    size_t answer_bytes;
    bool place_refused;
    char message[CURL_ERROR_SIZE];
};

void web_init(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
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
    if (!request->proxy[0] && special_sockaddr(&address->addr) &&
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

static void guards_set(CURL *curl, const struct exchange *exchange)
{
    const struct web_request *request = exchange->request;
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, request->allow_http ? "http,https" : "https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, exchange);
    /* "" keeps the environment's out. */
    curl_easy_setopt(curl, CURLOPT_PROXY, request->proxy);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)exchange->limits->connect_s);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)exchange->limits->total_s);
    if (request->ca_file[0])
        curl_easy_setopt(curl, CURLOPT_CAINFO, request->ca_file);
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
    if (request->body) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
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
    if (exchange->answer_bytes > exchange->limits->answer_bytes_max)
        return error_set(error, -EFBIG, "answers with more than %zu bytes",
                         exchange->limits->answer_bytes_max);
    return error_set(error, -EIO, "%s",
                     exchange->message[0] ? exchange->message : curl_easy_strerror(code));
}

/* False without memory; *list is to be freed in any case. */
static bool headers_make(const char *const *headers, struct curl_slist **list)
{
    for (size_t i = 0; headers && headers[i]; i++) {
        struct curl_slist *longer = curl_slist_append(*list, headers[i]);
        if (!longer)
            return false;
        *list = longer;
    }
    return true;
}

int web_send(const struct web_request *request, const struct web_limits *limits, long *ret_status,
             struct buf *answer, struct error *error)
{
    struct exchange exchange = {.request = request, .limits = limits, .answer = answer};
    struct curl_slist *headers = NULL;
    CURL *curl = curl_easy_init();
    int r = 0;
    if (curl && headers_make(request->headers, &headers)) {
        exchange_set(curl, &exchange, headers);
        CURLcode code = curl_easy_perform(curl);
        if (code == CURLE_OK)
            curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, ret_status);
        else
            r = failure_tell(&exchange, code, error);
    } else {
        r = error_set(error, -ENOMEM, "no memory for a request");
    }
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    return r;
}
