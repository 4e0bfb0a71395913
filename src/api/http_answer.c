/* http_answer.c - sends answers, with the header fields that all of them have
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/http_server.h"

#include <event2/buffer.h>
#include <stdio.h>
#include <string.h>

void http_answer_init(struct http_answer *answer)
{
    *answer = (struct http_answer){.code = 200, .type = "text/plain; charset=utf-8"};
    buf_init(&answer->body, HTTP_ANSWER_BYTES_MAX);
}

void http_answer_done(struct http_answer *answer)
{
    buf_done(&answer->body);
    if (answer->download)
        answer->download->free(answer->download);
}

static const char *reason_of(int code)
{
    static const struct {
        int code;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {409, "Conflict"},
        {410, "Gone"},
        {411, "Length Required"},
        {412, "Precondition Failed"},
        {415, "Unsupported Media Type"},
        {421, "Misdirected Request"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
    };
    for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
        if (reasons[i].code == code)
            return reasons[i].reason;
    return "Internal Server Error";
}

static void field_add(struct evkeyvalq *fields, const char *name, const char *value)
{
    if (*value)
        evhttp_add_header(fields, name, value);
}

void answer_fields(struct evhttp_request *request, const struct http_answer *answer)
{
    struct evkeyvalq *fields = evhttp_request_get_output_headers(request);
    field_add(fields, "Content-Type", answer->code == 204 ? "" : answer->type);
    field_add(fields, "Cache-Control", answer->caching ? answer->caching : "no-store");
    field_add(fields, "Content-Encoding", answer->encoding ? answer->encoding : "");
    field_add(fields, "X-Content-Type-Options", "nosniff");
    field_add(fields, "Referrer-Policy", "no-referrer");
    field_add(fields, "Cross-Origin-Resource-Policy", "same-origin");
    field_add(fields, "Content-Security-Policy",
              answer->policy ? answer->policy
                             : "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; "
                               "form-action 'none'");
    field_add(fields, "Set-Cookie", answer->cookie);
    field_add(fields, "ETag", answer->etag);
    field_add(fields, "Content-Disposition", answer->file);
    field_add(fields, "Allow", answer->allow);
    if (answer->code == 401)
        field_add(fields, "WWW-Authenticate", "Bearer realm=\"dnsvigil\"");
    if (answer->retry_after_s > 0) {
        char number[24];
        snprintf(number, sizeof(number), "%u", answer->retry_after_s);
        field_add(fields, "Retry-After", number);
    }
}

/* libevent would send a body after HEAD, too. */
static void body_add(struct evhttp_request *request, const struct http_answer *answer)
{
    const char *text = answer->body.data;
    size_t len = answer->body.len;
    char number[24];
    if (answer->code == 204 || answer->code == 304)
        return;
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

static void answer_sent(struct evhttp_request *request, void *arg)
{
    struct http *http = arg;
    connection_deadline(http, request, http->config.request_s);
}

void answer_send(struct http *http, struct evhttp_request *request,
                 const struct http_answer *answer, bool close)
{
    int code = answer->body.overflow ? 500 : answer->code;
    answer_fields(request, answer);
    if (close) /* where one request ends and the next begins is in doubt */
        evhttp_add_header(evhttp_request_get_output_headers(request), "Connection", "close");
    body_add(request, answer);
    connection_deadline(http, request, ANSWER_S);
    evhttp_request_set_on_complete_cb(request, answer_sent, http);
    evhttp_send_reply(request, code, reason_of(code), NULL);
}
