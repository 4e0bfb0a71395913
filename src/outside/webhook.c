/* webhook.c - tells a web service of something, signed so that it can believe it
 * SPDX-License-Identifier: Apache-2.0 */
#include "outside/webhook.h"

#include "base/clock.h"
#include "outside/web.h"

#include <errno.h>
#include <stdio.h>

enum { HTTP_TIMEOUT = 408, HTTP_TOO_MANY = 429, SIGNED_EXTRA = 32 };

static int key_read(const struct config *config, const struct config_webhook *hook,
                    struct secret *ret_key, struct error *error)
{
    char path[4096 + 16];
    if (hook->key_file[0])
        return secret_read(hook->key_file, ret_key, error);
    snprintf(path, sizeof(path), "%s/webhook.key", config->state_dir);
    return secret_read_or_make(path, ret_key, error);
}

int webhook_sign(const struct secret *key, const char *body, size_t len, int64_t now_ns,
                 char ret_line[static WEBHOOK_LINE_MAX], struct error *error)
{
    struct buf text;
    char hex[SECRET_MAC_HEX + 1];
    long long seconds = now_ns / NS_PER_S;
    buf_init(&text, len + SIGNED_EXTRA);
    buf_printf(&text, "%lld.", seconds);
    buf_append(&text, body, len);
    int r = text.overflow ? error_set(error, -ENOMEM, "no memory to sign a request") : 0;
    if (r == 0) {
        secret_sign_hex(key, text.data, text.len, hex);
        snprintf(ret_line, WEBHOOK_LINE_MAX, "X-Dnsvigil-Signature: t=%lld,v1=%s", seconds, hex);
    }
    buf_done(&text);
    return r;
}

static int status_judge(long status, struct error *error)
{
    if (status >= 200 && status < 300)
        return 0;
    bool again = status >= 500 || status == HTTP_TIMEOUT || status == HTTP_TOO_MANY;
    return error_set(error, again ? -EIO : -EINVAL, "the service answers with status %ld%s", status,
                     status >= 300 && status < 400 ? ": redirects are not followed" : "");
}

int webhook_send(const struct config *config, const struct config_webhook *hook, const char *id,
                 const char *body, size_t len, int64_t now_ns, struct error *error)
{
    char signature[WEBHOOK_LINE_MAX], delivery[128];
    const char *const headers[] = {"Content-Type: application/json", signature, delivery, NULL};
    struct web_limits limits = web_limits_default;
    struct secret key;
    long status = 0;
    int r = key_read(config, hook, &key, error);
    if (r == 0)
        r = webhook_sign(&key, body, len, now_ns, signature, error);
    secret_done(&key);
    if (r < 0)
        return r;
    snprintf(delivery, sizeof(delivery), "X-Dnsvigil-Delivery: %s", id);
    limits.total_s = hook->timeout_s;
    struct web_request request = {.url = hook->url,
                                  .headers = headers,
                                  .body = body,
                                  .body_len = len,
                                  .allow = &hook->allow,
                                  .proxy = hook->proxy,
                                  .ca_file = hook->ca_file,
                                  .allow_http = hook->allow_http};
    r = web_send(&request, &limits, &status, NULL, error);
    return r == 0 ? status_judge(status, error) : r;
}
