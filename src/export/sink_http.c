/* sink_http.c - what all sinks that send records by HTTP share: requests that are not too long, and
 * what becomes of the records in them
 * SPDX-License-Identifier: Apache-2.0 */
#include "export/sink_http.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "export/cut.h"
#include "outside/secret.h"

#include <assert.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    CONNECT_S_MAX = 10,
    BODY_BYTES_MIN = 1024, /* a service is not thought to take less in one request */
    BODY_ROOM = 8 * EXPORT_RECORD_MAX_BYTES, /* for a last record, escaped once more */
    STATUS_TOO_LONG = 413,
};

static int64_t monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* Headers. */

void http_header_add(struct http_headers *headers, const char *format, ...)
{
    char *line = NULL;
    va_list args;
    va_start(args, format);
    int len = headers->count < HTTP_HEADERS_MAX ? vasprintf(&line, format, args) : -1;
    va_end(args);
    if (len < 0)
        headers->overflow = true;
    else
        headers->lines[headers->count++] = line;
}

void http_headers_done(struct http_headers *headers)
{
    for (unsigned i = 0; i < headers->count; i++) {
        OPENSSL_cleanse(headers->lines[i], strlen(headers->lines[i]));
        free(headers->lines[i]);
    }
}

static void basic_add(const char *user, const struct secret *password, struct http_headers *headers)
{
    char pair[256 + SECRET_MAX + 2];
    unsigned char text[4 * ((sizeof(pair) + 2) / 3) + 1];
    int len = snprintf(pair, sizeof(pair), "%s:%s", user, password->text);
    EVP_EncodeBlock(text, (const unsigned char *)pair, len);
    http_header_add(headers, "Authorization: Basic %s", (const char *)text);
    OPENSSL_cleanse(pair, sizeof(pair));
    OPENSSL_cleanse(text, sizeof(text));
}

int http_login_add(const struct config_export *config, const char *scheme,
                   struct http_headers *headers, struct error *error)
{
    const char *path = config->token_file[0] ? config->token_file : config->password_file;
    struct secret secret;
    if (!path[0])
        return 0;
    int r = secret_read(path, &secret, error);
    if (r == 0 && strpbrk(secret.text, "\r\n"))
        r = error_set(error, -EINVAL, "%s: a single line is expected", path);
    if (r == 0 && !config->token_file[0])
        basic_add(config->username, &secret, headers);
    else if (r == 0 && config->token_header[0])
        http_header_add(headers, "%s: %s", config->token_header, secret.text);
    else if (r == 0)
        http_header_add(headers, "Authorization: %s %s", scheme, secret.text);
    secret_done(&secret);
    return r;
}

/* Answers. */

static void answer_set(struct sink_answer *answer, enum sink_verdict verdict, const char *reason)
{
    answer->verdict = verdict;
    size_t len = text_fit(reason, sizeof(answer->reason) - 1);
    memcpy(answer->reason, reason, len);
    answer->reason[len] = 0;
}

void http_answer(const struct http_part *part, enum sink_verdict verdict, const char *format, ...)
{
    char text[1024];
    struct buf visible;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    buf_init(&visible, 8 * sizeof(text));
    utf8_append_visible(&visible, text);
    for (size_t i = 0; i < part->count; i++)
        answer_set(&part->answers[i], verdict, visible.data ? visible.data : "");
    buf_done(&visible);
}

enum http_next http_refuse(const struct http_part *part, long status, const char *said)
{
    if (part->count > 1)
        return HTTP_SPLIT;
    http_answer(part, SINK_REFUSED, "refused with status %ld%s%s", status, said[0] ? ": " : "",
                said);
    return HTTP_GO_ON;
}

/* Where people look when a status comes from how we are configured. */
static const char *key_to_fix(const struct sink_http *http, long status)
{
    switch (status) {
    case 401:
    case 403: return http->service->login_keys;
    case 407: return "proxy";
    case 404:
    case 405:
    case 410: return "url";
    default: return status >= 300 && status < 400 ? "url: redirects are not followed" : "";
    }
}

enum http_next http_judge(struct sink_http *http, const struct http_part *part, long status,
                          const char *said)
{
    if (status >= 200 && status < 300) {
        http_answer(part, SINK_TAKEN, "%s", "");
        return HTTP_GO_ON;
    }
    if (status == STATUS_TOO_LONG && part->count > 1) {
        http->body_max = http->body.len / 2;
        if (http->body_max < BODY_BYTES_MIN)
            http->body_max = BODY_BYTES_MIN;
    }
    if (status == STATUS_TOO_LONG || status == 400 || status == 409 || status == 422)
        return http_refuse(part, status, said);
    const char *key = key_to_fix(http, status);
    http_answer(part, SINK_AGAIN, "the service answers with status %ld%s%s%s%s", status,
                said[0] ? ": " : "", said, key[0] ? "; see " : "", key);
    return HTTP_STOP;
}

json_t *http_answer_json(const struct sink_http *http)
{
    return http->answer.len ? json_loadb(http->answer.data, http->answer.len, 0, NULL) : NULL;
}

const char *http_json_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

void http_key(const struct sink_record *record, char ret_key[static HTTP_KEY_MAX])
{
    snprintf(ret_key, HTTP_KEY_MAX, "%s:%u", record->id, record->revision);
}

/* Requests. */

int sink_http_ask(struct sink_http *http, const char *url, struct http_headers *headers,
                  const struct buf *body, struct web_answer *ret_answer, struct error *error)
{
    const struct config_export *config = http->sink.config;
    unsigned left_s = sink_http_left_s(http);
    left_s = left_s ? left_s : 1;
    const struct web_request request = {
        .url = url,
        .headers = (const char *const *)headers->lines,
        .body = body->data,
        .body_len = body->len,
        .gzip = http->service->gzip && config->compress,
        .allow = &config->allow,
        .proxy = config->proxy,
        .ca_file = config->tls_ca,
        .certificate_file = config->tls_certificate,
        .key_file = config->tls_key,
        .stop = &http->sink.stop,
        .allow_http = config->allow_http,
    };
    const struct web_limits limits = {
        .answer_bytes_max = http->service->answer_bytes_max,
        .connect_s = left_s < CONNECT_S_MAX ? left_s : CONNECT_S_MAX,
        .total_s = left_s,
    };
    buf_reset(&http->answer);
    if (http->service->media_type)
        http_header_add(headers, "Content-Type: %s", http->service->media_type);
    if (headers->overflow || body->overflow)
        return error_set(error, -ENOMEM, "no memory for a request");
    int r = web_client_send(http->client, &request, &limits, ret_answer, &http->answer, error);
    if (r < 0)
        error_prefix(error, "url: ");
    return r;
}

unsigned sink_http_left_s(const struct sink_http *http)
{
    int64_t left_ns = http->until_ns - monotonic_ns();
    if (left_ns <= 0 || atomic_load(&http->sink.stop))
        return 0;
    return (unsigned)((left_ns + NS_PER_S - 1) / NS_PER_S);
}

/* Puts records into the body until the next one would make it too long, but always one. Returns how
 * many. */
static size_t body_fill(struct sink_http *http, const struct http_part *range)
{
    const struct http_service *service = http->service;
    size_t most = service->records_max && service->records_max < range->count ? service->records_max
                                                                              : range->count;
    size_t count = 0;
    buf_reset(&http->body);
    buf_text(&http->body, service->open);
    while (count < most) {
        size_t before = http->body.len;
        if (count)
            buf_text(&http->body, service->between);
        service->record(http, &range->records[count], &http->body);
        if (count && http->body.len + strlen(service->close) > http->body_max) {
            http->body.len = before;
            break;
        }
        count++;
    }
    buf_text(&http->body, service->close);
    return count;
}

static enum http_next part_try(struct sink_http *http, const struct http_part *part, bool renew)
{
    struct http_headers headers = {0};
    struct web_answer answer;
    struct error error;
    int r = http->service->headers(http, part, renew, &headers, &error);
    if (r == 0)
        r = sink_http_ask(http, http->url, &headers, &http->body, &answer, &error);
    http_headers_done(&headers);
    if (r < 0) {
        http_answer(part, SINK_AGAIN, "%s", error.text);
        return HTTP_STOP;
    }
    http->split = 0;
    enum http_next next = http->service->judge(http, part, &answer);
    http->wait_s = answer.retry_after_s;
    return next;
}

static enum http_next part_send(struct sink_http *http, const struct http_part *part)
{
    enum http_next next = part_try(http, part, false);
    if (next == HTTP_RENEW)
        next = part_try(http, part, true);
    return next == HTTP_RENEW ? HTTP_STOP : next;
}

static struct http_part cut_out(const struct http_part *part, size_t from, size_t to)
{
    return (struct http_part){part->records + from, part->answers + from, to - from};
}

static void range_send(struct sink_http *http, struct http_part range);

static void parts_send(struct sink_http *http, const struct http_part *part)
{
    size_t at = http->split;
    assert(part->count > 1);
    if (at == 0 || at >= part->count)
        at = part->count / 2;
    range_send(http, cut_out(part, 0, at));
    range_send(http, cut_out(part, at, part->count));
}

static void range_send(struct sink_http *http, struct http_part range)
{
    while (range.count > 0 && !http->over) {
        struct http_part part = cut_out(&range, 0, body_fill(http, &range));
        enum http_next next = part_send(http, &part);
        http->over = next == HTTP_STOP || !sink_http_left_s(http);
        if (next == HTTP_SPLIT)
            parts_send(http, &part);
        range = cut_out(&range, part.count, range.count);
    }
}

void sink_http_begin(struct sink_http *http)
{
    http->until_ns = monotonic_ns() + http->sink.config->timeout_s * NS_PER_S;
    http->wait_s = 0;
    http->over = false;
}

void sink_http_send(struct sink *sink, const struct sink_record *records, size_t count,
                    struct sink_answer *answers, unsigned *ret_wait_s)
{
    struct sink_http *http = (struct sink_http *)sink;
    sink_http_begin(http);
    range_send(http, (struct http_part){records, answers, count});
    *ret_wait_s = http->wait_s;
}

/* Life. */

int http_needs_json(const struct config_export *config, struct error *error)
{
    const struct dialect *dialect = dialect_find(config->dialect);
    if (!dialect || strstr(dialect->media_type, "json"))
        return 0;
    return error_set(error, -EINVAL, "export %s: dialect %s is no JSON, which its type needs",
                     config->name, config->dialect);
}

char *sink_http_url(const struct config_export *config, const char *path)
{
    char *url;
    size_t len = strlen(config->url);
    while (path[0] && len > 0 && config->url[len - 1] == '/')
        len--;
    return asprintf(&url, "%.*s%s", (int)len, config->url, path) < 0 ? NULL : url;
}

void *sink_http_new(size_t bytes, const struct config_export *config,
                    const struct http_service *service, const struct sink_ops *ops,
                    const char *path, struct error *error)
{
    struct sink_http *http = calloc(1, bytes);
    if (http) {
        http->sink.ops = ops;
        http->service = service;
        http->body_max = service->body_bytes_max;
        buf_init(&http->body, service->body_bytes_max + BODY_ROOM);
        buf_init(&http->answer, service->answer_bytes_max);
        http->client = web_client_new();
        http->url = sink_http_url(config, path);
        if (http->client && http->url)
            return http;
        sink_http_close(&http->sink);
    }
    error_set(error, -ENOMEM, "no memory for export %s", config->name);
    return NULL;
}

void sink_http_done(struct sink_http *http)
{
    web_client_free(http->client);
    buf_done(&http->body);
    buf_done(&http->answer);
    free(http->url);
}

void sink_http_close(struct sink *sink)
{
    sink_http_done((struct sink_http *)sink);
    free(sink);
}
