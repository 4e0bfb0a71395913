/* oauth.h - asks for an access token as a program does: OAuth 2.0 client credentials (RFC 6749 4.4)
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "config/config.h"
#include "outside/secret.h"

#include <stdatomic.h>
#include <stdint.h>

enum { OAUTH_TOKEN_MAX = 8192 };

/* Wipe it with oauth_token_done(). */
struct oauth_token {
    char text[OAUTH_TOKEN_MAX + 1];
    int64_t expires_ns; /* by the clock */
};

/* Asks token_url for a token in the name of client_id, whose secret is `secret`, for what `scope`
 * names ("": nothing in particular). Blocks for up to timeout_s, or until a second after `stop` is
 * true; any thread. Messages hold neither the secret nor the token: -EACCES when we are refused,
 * -EIO when the server gives no token for another reason, -EPROTO when the answer is none we
 * understand, as web_client_send() what else fails. */
int oauth_ask(const struct config_export *config, const struct secret *secret, const char *scope,
              const atomic_bool *stop, struct oauth_token *ret_token, struct error *error);

void oauth_token_done(struct oauth_token *token);
