/* webhook.h - tells a web service of something, signed so that it can believe it
 * SPDX-License-Identifier: Apache-2.0
 *
 * A POST of JSON. X-Dnsvigil-Signature is "t=<seconds since 1970>,v1=<hex>", where hex is the
 * HMAC-SHA256 of "<t>.<body>" under the webhook's key: a receiver refuses what is old, too.
 * X-Dnsvigil-Delivery is the same for each attempt at the same delivery. */
#pragma once

#include "config/config.h"
#include "outside/secret.h"

#include <stdint.h>

enum { WEBHOOK_LINE_MAX = 160 };

/* Writes the X-Dnsvigil-Signature header for this body, name and all. -ENOMEM. */
int webhook_sign(const struct secret *key, const char *body, size_t len, int64_t now_ns,
                 char ret_line[static WEBHOOK_LINE_MAX], struct error *error);

/* 0 when the service answered with a status of 200 to 299. -EINVAL: it refused for good, with
 * another status below 500 that does not ask to try again; what else fails is worth another
 * attempt. Blocks for up to hook->timeout_s. */
int webhook_send(const struct config *config, const struct config_webhook *hook, const char *id,
                 const char *body, size_t len, int64_t now_ns, struct error *error);
