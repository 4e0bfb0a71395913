/* oauth.c - asks for an access token as a program does: OAuth 2.0 client credentials (RFC 6749 4.4)
 * SPDX-License-Identifier: Apache-2.0 */
#include "export/oauth.h"

#include "base/buf.h"
#include "base/clock.h"
#include "outside/web.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <string.h>

enum {
    FORM_BYTES_MAX = 16 << 10,
    ANSWER_BYTES_MAX = 64 << 10,
    CODE_MAX = 64,
    CONNECT_S_MAX = 10,
    LIFE_S = 300, /* of a token that does not say how long it lives */
    LIFE_S_MAX = 30 * 24 * 3600,
};

/* Appends a field of application/x-www-form-urlencoded. */
static void form_add(struct buf *form, const char *name, const char *value)
{
    buf_printf(form, "%s%s=", form->len ? "&" : "", name);
    for (; *value; value++) {
        if (isalnum((unsigned char)*value) || strchr("-._~", *value))
            buf_char(form, *value);
        else
            buf_printf(form, "%%%02X", (unsigned char)*value);
    }
}

static void form_fill(struct buf *form, const struct config_export *config,
                      const struct secret *secret, const char *scope)
{
    form_add(form, "grant_type", "client_credentials");
    form_add(form, "client_id", config->client_id);
    form_add(form, "client_secret", secret->text);
    if (scope[0])
        form_add(form, "scope", scope);
}

/* Whether people may be shown this as the code of an error: a word, and no long one. */
static bool is_code(const char *text)
{
    size_t len = 0;
    while (isalnum((unsigned char)text[len]) || text[len] == '_')
        len++;
    return len > 0 && len <= CODE_MAX && !text[len];
}

/* Only what the server says of us is a matter of our secret; it may be busy, too. */
static int refusal(long status, const json_t *root, struct error *error)
{
    const char *code = json_string_value(json_object_get(root, "error"));
    bool of_us = status >= 400 && status < 500 && status != 408 && status != 429;
    return error_set(error, of_us ? -EACCES : -EIO, "token_url gives no token: status %ld%s%s",
                     status, code && is_code(code) ? ", " : "", code && is_code(code) ? code : "");
}

/* Some servers give the number as a text. */
static int64_t life_s(const json_t *value)
{
    const char *text = json_string_value(value);
    long long life = text ? atoll(text) : json_integer_value(value);
    if (life <= 0)
        return LIFE_S;
    return life < LIFE_S_MAX ? life : LIFE_S_MAX;
}

static int token_take(const json_t *root, int64_t asked_ns, struct oauth_token *token,
                      struct error *error)
{
    const char *text = json_string_value(json_object_get(root, "access_token"));
    const char *type = json_string_value(json_object_get(root, "token_type"));
    if (!text || !text[0] || strlen(text) > OAUTH_TOKEN_MAX)
        return error_set(error, -EPROTO,
                         "token_url answers without an access_token of 1 to %d bytes",
                         OAUTH_TOKEN_MAX);
    if (type && strcasecmp(type, "Bearer") != 0)
        return error_set(error, -EPROTO, "token_url gives a token of another type than Bearer");
    strcpy(token->text, text);
    token->expires_ns = asked_ns + life_s(json_object_get(root, "expires_in")) * NS_PER_S;
    return 0;
}

static void buf_wipe(struct buf *buf)
{
    if (buf->data)
        OPENSSL_cleanse(buf->data, buf->len);
    buf_done(buf);
}

static int ask(const struct config_export *config, const struct buf *form, const atomic_bool *stop,
               long *ret_status, struct buf *answer, struct error *error)
{
    static const char *const headers[] = {"Content-Type: application/x-www-form-urlencoded",
                                          "Accept: application/json", NULL};
    const struct web_request request = {
        .url = config->token_url,
        .headers = headers,
        .body = form->data,
        .body_len = form->len,
        .allow = &config->allow,
        .proxy = config->proxy,
        .ca_file = config->tls_ca,
        .stop = stop,
        .allow_http = config->allow_http,
    };
    const struct web_limits limits = {
        .answer_bytes_max = ANSWER_BYTES_MAX,
        .connect_s = config->timeout_s < CONNECT_S_MAX ? config->timeout_s : CONNECT_S_MAX,
        .total_s = config->timeout_s,
    };
    if (form->overflow)
        return error_set(error, -ENOMEM, "no memory for a request to token_url");
    int r = web_send(&request, &limits, ret_status, answer, error);
    if (r < 0)
        error_prefix(error, "token_url: ");
    return r;
}

int oauth_ask(const struct config_export *config, const struct secret *secret, const char *scope,
              const atomic_bool *stop, struct oauth_token *ret_token, struct error *error)
{
    struct buf form, answer;
    int64_t asked_ns = clock_now_ns();
    long status = 0;
    buf_init(&form, FORM_BYTES_MAX);
    buf_init(&answer, ANSWER_BYTES_MAX);
    form_fill(&form, config, secret, scope);
    int r = ask(config, &form, stop, &status, &answer, error);
    json_t *root = r == 0 && answer.len ? json_loadb(answer.data, answer.len, 0, NULL) : NULL;
    if (r == 0)
        r = status == 200 ? token_take(root, asked_ns, ret_token, error)
                          : refusal(status, root, error);
    json_decref(root);
    buf_wipe(&form);
    buf_wipe(&answer);
    return r;
}

void oauth_token_done(struct oauth_token *token)
{
    OPENSSL_cleanse(token, sizeof(*token));
}
