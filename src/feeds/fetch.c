/* fetch.c - gets one file by HTTP(S): only if it changed, only so much, only from where allowed
 * SPDX-License-Identifier: Apache-2.0 */
#include "feeds/fetch.h"

#include "base/fd.h"
#include "base/special.h"
#include "feeds/headers.h"
#include "intel/slice.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { REDIRECTS_MAX = 5, HTTP_OK = 200, HTTP_NOT_MODIFIED = 304 };

const struct fetch_limits fetch_limits_default = {
    .bytes_max = FETCH_BYTES_MAX, .connect_s = 20, .stalled_s = 30, .total_s = 600};

struct transfer {
    const struct fetch_request *request;
    const struct fetch_limits *limits;
    int fd;
    fetch_progress_fn progress;
    void *arg;
    CURL *curl;
    struct fetched fetched;
    bool through_proxy;
    bool too_large;
    bool private_refused;
    int write_errno;
    char message[CURL_ERROR_SIZE];
};

void fetch_init(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static long response_code(const struct transfer *transfer)
{
    long code = 0;
    curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &code);
    return code;
}

/* Takes a piece of the body. Those of redirects and errors count, but are not kept. */
static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
    struct transfer *transfer = arg;
    size_t len = size * count;
    transfer->fetched.bytes += len;
    transfer->too_large = transfer->fetched.bytes > transfer->limits->bytes_max;
    if (transfer->too_large)
        return 0;
    if (response_code(transfer) != HTTP_OK || fd_write_all(transfer->fd, data, len))
        return len;
    transfer->write_errno = errno;
    return 0;
}

/* The value of the header called `name`, without blanks around it; too long a one is none. */
static void header_keep(const char *line, size_t len, const char *name, char text[FETCH_TAG_MAX])
{
    size_t name_len = strlen(name);
    if (len <= name_len || line[name_len] != ':' || strncasecmp(line, name, name_len) != 0)
        return;
    struct slice value = {line + name_len + 1, len - name_len - 1};
    while (value.len && strchr("\r\n", value.at[value.len - 1]))
        value.len--;
    value = slice_trim(value);
    bool fits = value.len < FETCH_TAG_MAX;
    memcpy(text, value.at, fits ? value.len : 0);
    text[fits ? value.len : 0] = 0;
}

static size_t on_header(char *data, size_t size, size_t count, void *arg)
{
    struct transfer *transfer = arg;
    size_t len = size * count;
    if (len >= 5 && memcmp(data, "HTTP/", 5) == 0) /* a new response: of an earlier one nothing */
        transfer->fetched.etag[0] = transfer->fetched.modified[0] = 0;
    header_keep(data, len, "ETag", transfer->fetched.etag);
    header_keep(data, len, "Last-Modified", transfer->fetched.modified);
    return len;
}

static int on_progress(void *arg, curl_off_t total, curl_off_t done, curl_off_t up_total,
                       curl_off_t up_done)
{
    struct transfer *transfer = arg;
    (void)up_total;
    (void)up_done;
    transfer->progress(transfer->arg, (uint64_t)done, (uint64_t)total);
    return 0;
}

/* Asked for each connection with the address it goes to, so that no name can hide a private one. */
static curl_socket_t on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *transfer = arg;
    (void)purpose;
    bool free_to_go = transfer->request->allow_private || transfer->through_proxy;
    if (!free_to_go && special_sockaddr(&address->addr)) {
        transfer->private_refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static bool environment_has_proxy(const char *url)
{
    static const char *const names[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (getenv(names[i]) && *getenv(names[i]))
            return true;
    return strncasecmp(url, "http:", 5) == 0 && getenv("http_proxy") && *getenv("http_proxy");
}

static void proxy_set(struct transfer *transfer)
{
    const struct fetch_request *request = transfer->request;
    if (request->proxy[0])
        curl_easy_setopt(transfer->curl, CURLOPT_PROXY, request->proxy);
    transfer->through_proxy = request->proxy[0] || environment_has_proxy(request->url);
    /* Exceptions from the proxy go to addresses nearby, past the check that it stands for. */
    if (transfer->through_proxy && !request->allow_private)
        curl_easy_setopt(transfer->curl, CURLOPT_NOPROXY, "");
}

static void limits_set(CURL *curl, const struct fetch_limits *limits)
{
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)limits->connect_s);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)limits->total_s);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 64L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)limits->stalled_s);
    curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)limits->bytes_max);
}

static void transfer_set(struct transfer *transfer)
{
    CURL *curl = transfer->curl;
    bool http = transfer->request->allow_http;
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, http ? "http,https" : "https");
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "dnsvigil/" DNSVIGIL_VERSION);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, transfer->message);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, transfer);
    if (transfer->progress) {
        curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
        curl_easy_setopt(curl, CURLOPT_XFERINFODATA, transfer);
    }
    limits_set(curl, transfer->limits);
    proxy_set(transfer);
}

static int failure_tell(const struct transfer *transfer, CURLcode code, struct error *error)
{
    if (transfer->too_large || code == CURLE_FILESIZE_EXCEEDED)
        return error_set(error, -EFBIG, "is larger than %llu MiB",
                         (unsigned long long)transfer->limits->bytes_max >> 20);
    if (transfer->private_refused)
        return error_set(error, -EACCES,
                         "its server has a private or local address: allow_private permits it");
    if (code == CURLE_UNSUPPORTED_PROTOCOL)
        return error_set(error, -EACCES,
                         "leads to a place that is not https: allow_http permits "
                         "http, nothing permits others");
    if (transfer->write_errno)
        return error_set(error, -transfer->write_errno, "could not be kept: %s",
                         strerror(transfer->write_errno));
    return error_set(error, -EIO, "%s",
                     transfer->message[0] ? transfer->message : curl_easy_strerror(code));
}

/* Whether both are of one scheme, host and port. */
static bool same_origin(const char *a, const char *b)
{
    static const CURLUPart parts[] = {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT};
    CURLU *urls[2] = {curl_url(), curl_url()};
    bool same = urls[0] && urls[1] && curl_url_set(urls[0], CURLUPART_URL, a, 0) == CURLUE_OK &&
                curl_url_set(urls[1], CURLUPART_URL, b, 0) == CURLUE_OK;
    for (size_t i = 0; same && i < sizeof(parts) / sizeof(*parts); i++) {
        char *texts[2] = {NULL, NULL};
        for (int side = 0; side < 2; side++)
            same &=
                curl_url_get(urls[side], parts[i], &texts[side], CURLU_DEFAULT_PORT) == CURLUE_OK;
        same = same && strcasecmp(texts[0], texts[1]) == 0;
        curl_free(texts[0]);
        curl_free(texts[1]);
    }
    curl_url_cleanup(urls[0]);
    curl_url_cleanup(urls[1]);
    return same;
}

/* One request to `url`. *ret_next is the place it redirects to, to be freed, or NULL. */
static int request_send(struct transfer *transfer, const char *url, const struct headers *headers,
                        char **ret_next, struct error *error)
{
    bool first = same_origin(url, transfer->request->url);
    curl_easy_setopt(transfer->curl, CURLOPT_URL, url);
    curl_easy_setopt(transfer->curl, CURLOPT_HTTPHEADER, first ? headers->all : headers->open);
    transfer->fetched.bytes = 0;
    CURLcode code = curl_easy_perform(transfer->curl);
    if (code != CURLE_OK)
        return failure_tell(transfer, code, error);
    char *next = NULL;
    curl_easy_getinfo(transfer->curl, CURLINFO_REDIRECT_URL, &next);
    *ret_next = next ? strdup(next) : NULL;
    return next && !*ret_next ? error_set(error, -ENOMEM, "no memory for a redirect") : 0;
}

static int redirects_follow(struct transfer *transfer, const struct headers *headers,
                            struct error *error)
{
    char *url = strdup(transfer->request->url);
    char *next = NULL;
    int r = url ? 0 : error_set(error, -ENOMEM, "no memory for a request");
    for (unsigned hops = 0; r == 0; hops++) {
        r = request_send(transfer, url, headers, &next, error);
        if (r != 0 || !next)
            break;
        free(url);
        url = next;
        if (hops == REDIRECTS_MAX)
            r = error_set(error, -EIO, "redirects more than %d times", REDIRECTS_MAX);
    }
    free(url);
    return r;
}

static int response_judge(struct transfer *transfer, struct error *error)
{
    long code = response_code(transfer);
    bool asked = transfer->request->etag[0] || transfer->request->modified[0];
    transfer->fetched.unchanged = code == HTTP_NOT_MODIFIED && asked;
    if (code == HTTP_OK || transfer->fetched.unchanged)
        return 0;
    return error_set(error, -EIO, "the server answers with status %ld%s", code,
                     code == 401 || code == 403 ? ": does it want a key (headers_file)?" : "");
}

int fetch(const struct fetch_request *request, const struct fetch_limits *limits, int fd,
          fetch_progress_fn progress, void *arg, struct fetched *ret_fetched, struct error *error)
{
    struct headers headers;
    struct transfer transfer = {
        .request = request, .limits = limits, .fd = fd, .progress = progress, .arg = arg};
    int r = headers_init(&headers, request, error);
    if (r != 0)
        return r;
    transfer.curl = curl_easy_init();
    if (transfer.curl) {
        transfer_set(&transfer);
        r = redirects_follow(&transfer, &headers, error);
        if (r == 0)
            r = response_judge(&transfer, error);
    } else {
        r = error_set(error, -ENOMEM, "no memory for a transfer");
    }
    curl_easy_cleanup(transfer.curl);
    headers_done(&headers);
    if (r == 0)
        *ret_fetched = transfer.fetched;
    return r;
}
