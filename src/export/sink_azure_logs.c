/* sink_azure_logs.c - alerts to Azure Monitor (Sentinel) by the Logs Ingestion API
 * SPDX-License-Identifier: Apache-2.0
 *
 * The configured url is the endpoint for logs of a data collection rule or endpoint. We log in with
 * a token (OAuth 2.0 client credentials) that is kept until shortly before its end, and asked for
 * anew once when the service no longer has it. */
#include "base/clock.h"
#include "export/oauth.h"
#include "export/sink_http.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BODY_BYTES_MAX = 1000000, /* of a request before it is compressed, too */
    ANSWER_BYTES_MAX = 64 << 10,
    EARLY_S = 300, /* before its end a token is taken for ended */
};

#define SCOPE_DEFAULT "https://monitor.azure.com//.default"

struct sink_azure_logs {
    struct sink_http http;
    struct oauth_token token;
};

static void record_write(const struct sink_http *http, const struct sink_record *record,
                         struct buf *body)
{
    (void)http;
    buf_append(body, record->bytes, record->len);
}

/* Half of its life is used of a token that lives less than EARLY_S. */
static int64_t use_until_ns(const struct oauth_token *token, int64_t asked_ns)
{
    int64_t life_ns = token->expires_ns - asked_ns;
    return asked_ns +
           (life_ns > 2 * EARLY_S * NS_PER_S ? life_ns - EARLY_S * NS_PER_S : life_ns / 2);
}

static int token_renew(struct sink_azure_logs *azure, struct error *error)
{
    const struct config_export *config = azure->http.sink.config;
    int64_t now_ns = clock_now_ns();
    struct secret secret;
    oauth_token_done(&azure->token);
    int r = secret_read(config->client_secret_file, &secret, error);
    if (r == 0)
        r = oauth_ask(config, &secret, config->scope[0] ? config->scope : SCOPE_DEFAULT,
                      &azure->token, error);
    secret_done(&secret);
    if (r == 0)
        azure->token.expires_ns = use_until_ns(&azure->token, now_ns);
    if (r == -EACCES)
        error_prefix(error, "see client_id, client_secret_file and scope: ");
    return r;
}

static int headers_add(struct sink_http *http, const struct http_part *part, bool renew,
                       struct http_headers *headers, struct error *error)
{
    struct sink_azure_logs *azure = (struct sink_azure_logs *)http;
    int r = 0;
    (void)part;
    if (renew || clock_now_ns() >= azure->token.expires_ns)
        r = token_renew(azure, error);
    if (r == 0)
        http_header_add(headers, "Authorization: Bearer %s", azure->token.text);
    return r;
}

/* Codes of 400 that the configuration is to blame for, not a record. */
static bool is_our_fault(const char *code)
{
    static const char *const codes[] = {"InvalidStream", "InvalidStreamName",
                                        "InvalidDataCollectionRule", "InvalidApiVersion"};
    for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
        if (strcmp(code, codes[i]) == 0)
            return true;
    return false;
}

static enum http_next judge_said(struct sink_http *http, const struct http_part *part,
                                 const struct web_answer *answer, const json_t *error)
{
    const char *code = http_json_text(error, "code");
    char said[160];
    snprintf(said, sizeof(said), "%s%s%s", code, code[0] ? ": " : "",
             http_json_text(error, "message"));
    if (answer->status == 404 || (answer->status == 400 && is_our_fault(code))) {
        http_answer(part, SINK_AGAIN, "status %ld: %s; see url, rule_id and stream", answer->status,
                    said);
        return HTTP_STOP;
    }
    enum http_next next = http_judge(http, part, answer->status, said);
    return answer->status == 401 ? HTTP_RENEW : next;
}

static enum http_next judge(struct sink_http *http, const struct http_part *part,
                            const struct web_answer *answer)
{
    json_t *root = http_answer_json(http);
    enum http_next next = judge_said(http, part, answer, json_object_get(root, "error"));
    json_decref(root);
    return next;
}

static void azure_close(struct sink *sink)
{
    oauth_token_done(&((struct sink_azure_logs *)sink)->token);
    sink_http_close(sink);
}

static const struct sink_ops ops = {.send = sink_http_send, .close = azure_close};

static const struct http_service service = {
    .media_type = "application/json",
    .login_keys = "client_id, and whether it is Monitoring Metrics Publisher of the rule",
    .open = "[",
    .between = ",",
    .close = "]",
    .body_bytes_max = BODY_BYTES_MAX,
    .answer_bytes_max = ANSWER_BYTES_MAX,
    .gzip = true,
    .record = record_write,
    .headers = headers_add,
    .judge = judge,
};

static bool path_word(const char *text)
{
    for (const char *c = text; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("-_", *c))
            return false;
    return text[0] != 0;
}

struct sink *sink_open_azure_logs(const struct config_export *config, struct error *error)
{
    char path[256];
    if (http_needs_json(config, error) < 0)
        return NULL;
    if (!path_word(config->rule_id) || !path_word(config->stream)) {
        error_set(error, -EINVAL, "export %s: rule_id and stream are of letters, digits, - and _",
                  config->name);
        return NULL;
    }
    snprintf(path, sizeof(path), "/dataCollectionRules/%s/streams/%s?api-version=2023-01-01",
             config->rule_id, config->stream);
    struct sink_azure_logs *azure =
        sink_http_new(sizeof(*azure), config, &service, &ops, path, error);
    if (!azure)
        return NULL;
    azure->http.sink.dialect = &dialects[DIALECT_SECURITYALERT];
    return &azure->http.sink;
}
