/* http_request.c - what a request must not be, and what is in one that may be answered
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/http_server.h"

#include <event2/buffer.h>
#include <event2/keyvalq_struct.h>
#include <string.h>
#include <strings.h>

const char *const http_methods[HTTP_METHOD_COUNT] = {
    [HTTP_GET] = "GET",     [HTTP_POST] = "POST",     [HTTP_PUT] = "PUT",
    [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE",
};

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

/* One way to say how long the body is: the number. */
static int framing_refusal(const struct evkeyvalq *fields)
{
    const char *length = evhttp_find_header(fields, "Content-Length");
    unsigned encodings = field_count(fields, "Transfer-Encoding");
    if (field_count(fields, "Content-Length") > 1 || (length && encodings > 0) ||
        (length && (!*length || strspn(length, "0123456789") != strlen(length))))
        return 400;
    return encodings > 0 ? 411 : 0;
}

/* Whether the header value is `type`, whatever parameters follow. */
static bool type_is(const char *value, const char *type)
{
    size_t len = strlen(type);
    return value && strncasecmp(value, type, len) == 0 && strchr("; \t", value[len]);
}

static bool has_body(struct evhttp_request *request)
{
    return evbuffer_get_length(evhttp_request_get_input_buffer(request)) > 0;
}

/* Browsers say which page sends a request. `ret_page`: it is one of ours. */
static bool origin_is_ours(const struct http *http, const struct evkeyvalq *fields, bool *ret_page)
{
    const char *scheme = http->tls ? "https://" : "http://";
    const char *origin = evhttp_find_header(fields, "Origin");
    const char *site = evhttp_find_header(fields, "Sec-Fetch-Site");
    *ret_page = origin && strncmp(origin, scheme, strlen(scheme)) == 0 &&
                strcasecmp(origin + strlen(scheme), evhttp_find_header(fields, "Host")) == 0;
    bool same = !site || strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0;
    return (!origin || *ret_page) && same;
}

/* Reading is left to the browser, which shows no answer of ours to another page. */
static bool changes_something(struct evhttp_request *request)
{
    return evhttp_request_get_command(request) & ~(EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
}

/* By its path. */
static bool is_open(const struct http *http, const struct evhttp_uri *uri)
{
    const char *path = evhttp_uri_get_path(uri), *below = http->config.open_below;
    return below && path && strncmp(path, below, strlen(below)) == 0;
}

int request_refusal(struct http *http, struct evhttp_request *request)
{
    bool page;
    const struct evkeyvalq *fields = evhttp_request_get_input_headers(request);
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    if (!uri || evhttp_uri_get_host(uri) || field_count(fields, "Host") != 1)
        return 400;
    int refusal = framing_refusal(fields);
    if (refusal)
        return refusal;
    bool open = is_open(http, uri);
    if (!open && !connection_of(http, request)->local &&
        !host_is_ours(http, evhttp_find_header(fields, "Host")))
        return 421;
    if (!open && changes_something(request) && !origin_is_ours(http, fields, &page))
        return 403;
    if (has_body(request) &&
        !type_is(evhttp_find_header(fields, "Content-Type"), "application/json"))
        return 415;
    return 0;
}

static enum http_method method_of(enum evhttp_cmd_type command)
{
    switch (command) {
    case EVHTTP_REQ_POST: return HTTP_POST;
    case EVHTTP_REQ_PUT: return HTTP_PUT;
    case EVHTTP_REQ_PATCH: return HTTP_PATCH;
    case EVHTTP_REQ_DELETE: return HTTP_DELETE;
    default: return HTTP_GET;
    }
}

static bool is_loopback(const struct addr *addr)
{
    static const struct addr v6 = {.bytes = {[15] = 1}};
    return addr_equal(addr, &v6) || (addr_is_v4(addr) && addr->bytes[12] == 127);
}

void request_view(struct http *http, struct evhttp_request *request, struct http_request *ret_view)
{
    const struct evkeyvalq *fields = evhttp_request_get_input_headers(request);
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    const struct connection *connection = connection_of(http, request);
    struct evbuffer *body = evhttp_request_get_input_buffer(request);
    const char *path = evhttp_uri_get_path(uri);
    *ret_view = (struct http_request){
        .method = method_of(evhttp_request_get_command(request)),
        .path = path ? path : "",
        .query = evhttp_uri_get_query(uri),
        .body = (const char *)evbuffer_pullup(body, -1),
        .body_len = evbuffer_get_length(body),
        .host = evhttp_find_header(fields, "Host"),
        .cookie = evhttp_find_header(fields, "Cookie"),
        .authorization = evhttp_find_header(fields, "Authorization"),
        .if_match = evhttp_find_header(fields, "If-Match"),
        .if_none_match = evhttp_find_header(fields, "If-None-Match"),
        .last_event_id = evhttp_find_header(fields, "Last-Event-ID"),
        .accept_language = evhttp_find_header(fields, "Accept-Language"),
        .tls = http->tls && !connection->local,
        .local = connection->local,
        .uid = connection->uid,
        .client = connection->client,
        .open = is_open(http, uri),
    };
    ret_view->here = ret_view->local || is_loopback(&ret_view->client);
    origin_is_ours(http, fields, &ret_view->from_page);
}
