/* caller.h - finds out who sends an HTTP request, and makes of it a request to the API
 * SPDX-License-Identifier: Apache-2.0
 *
 * Three ways to say who one is. Over the unix socket the kernel says it: root, the user that the
 * program runs as, and those of api.socket_admins are administrators, others are refused. A token
 * stands in `Authorization: Bearer`. A session stands in a cookie; what changes something has to
 * come from a page of ours then (Origin), for a browser sends cookies with anybody's requests.
 * Without TLS all of that is refused unless it comes from this machine: secrets do not travel
 * openly. Below http_config.open_below everybody is nobody. */
#pragma once

#include "api/api.h"
#include "store/sessions.h"

/* With TLS the browser makes sure that no other host and no unencrypted page can set the cookie. */
#define COOKIE_NAME_TLS "__Host-dnsvigil"
#define COOKIE_NAME     "dnsvigil"

/* What api_request.session points to. */
struct caller {
    char session[SECRET_TEXT_MAX];
};

struct session_limits session_limits_of(const struct config *config);

/* False, and an error in the answer, when the request is refused. */
bool caller_identify(struct api *api, const struct http_request *http, struct caller *caller,
                     struct api_request *ret_request, struct http_answer *answer);

/* The name behind "user:", "token:" and "cli:". */
const char *identity_short(const struct identity *identity);
bool identity_is(const struct identity *identity, const char *kind); /* "user:" */
