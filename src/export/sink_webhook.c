/* sink_webhook.c - alerts to any web service: a POST each, signed where wanted, in the record's
 * words or a template's
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * X-Dnsvigil-Delivery is <id>:<revision>, the same whenever a record comes again;
 * X-Dnsvigil-Signature is that of outside/webhook.h. */
#include "base/clock.h"
#include "export/sink_http.h"
#include "export/template.h"
#include "outside/webhook.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_BYTES_MAX = 64 << 10 };

struct sink_webhook {
    struct sink_http http;
    struct template *template; /* NULL: the record itself is sent */
};

static const struct template *template_of(const struct sink_http *http)
{
    return ((const struct sink_webhook *)http)->template;
}

static void record_write(const struct sink_http *http, const struct sink_record *record,
                         struct buf *body)
{
    const struct template *template = template_of(http);
    if (!template) {
        buf_append(body, record->bytes, record->len);
        return;
    }
    json_t *root = json_loadb(record->bytes, record->len, 0, NULL);
    body->overflow |= !root; /* the record is our own JSON: there was no memory */
    template_write(template, root, body);
    json_decref(root);
}

static int signature_add(const struct sink_http *http, struct http_headers *headers,
                         struct error *error)
{
    char line[WEBHOOK_LINE_MAX];
    struct secret key;
    if (!http->sink.config->key_file[0])
        return 0;
    int r = secret_read(http->sink.config->key_file, &key, error);
    if (r == 0)
        r = webhook_sign(&key, http->body.data, http->body.len, clock_now_ns(), line, error);
    secret_done(&key);
    if (r == 0)
        http_header_add(headers, "%s", line);
    return r;
}

static int headers_add(struct sink_http *http, const struct http_part *part, bool renew,
                       struct http_headers *headers, struct error *error)
{
    char key[HTTP_KEY_MAX];
    (void)renew;
    http_key(part->records, key);
    http_header_add(headers, "X-Dnsvigil-Delivery: %s", key);
    http_header_add(headers, "Content-Type: %s",
                    template_of(http) ? http->sink.config->content_type
                                      : http->sink.dialect->media_type);
    int r = signature_add(http, headers, error);
    return r < 0 ? r : http_login_add(http->sink.config, "Bearer", headers, error);
}

static enum http_next judge(struct sink_http *http, const struct http_part *part,
                            const struct web_answer *answer)
{
    return http_judge(http, part, answer->status, "");
}

static void webhook_close(struct sink *sink)
{
    template_free(((struct sink_webhook *)sink)->template);
    sink_http_close(sink);
}

static const struct sink_ops ops = {.send = sink_http_send, .close = webhook_close};

static const struct http_service service = {
    .login_keys = "token_file, username and password_file, and key_file",
    .open = "",
    .between = "",
    .close = "",
    .body_bytes_max = EXPORT_RECORD_MAX_BYTES,
    .answer_bytes_max = ANSWER_BYTES_MAX,
    .records_max = 1,
    .record = record_write,
    .headers = headers_add,
    .judge = judge,
};

struct sink *sink_open_webhook(const struct config_export *config, struct error *error)
{
    bool native = !config->dialect[0] || strcmp(config->dialect, "native") == 0;
    if (config->template_file[0] && !native) {
        error_set(error, -EINVAL,
                  "export %s: a template_file is filled with native records: leave "
                  "dialect out",
                  config->name);
        return NULL;
    }
    struct sink_webhook *webhook =
        sink_http_new(sizeof(*webhook), config, &service, &ops, "", error);
    if (!webhook)
        return NULL;
    if (config->template_file[0])
        webhook->template = template_read(config->template_file, error);
    if (webhook->template || !config->template_file[0])
        return &webhook->http.sink;
    error_prefix(error, "export %s: template_file: ", config->name);
    webhook_close(&webhook->http.sink);
    return NULL;
}
