/* caller.c - finds out who sends an HTTP request, and makes of it a request to the API
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/caller.h"

#include "api/uri.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/tokens.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const int64_t use_interval_ns = 60 * NS_PER_S; /* a write for each request is too much */

struct session_limits session_limits_of(const struct config *config)
{
    return (struct session_limits){
        .idle_ns = config->api.session_idle_minutes * 60 * NS_PER_S,
        .total_ns = config->api.session_hours * 3600 * NS_PER_S,
    };
}

const char *identity_short(const struct identity *identity)
{
    const char *colon = strchr(identity->name, ':');
    return colon ? colon + 1 : identity->name;
}

bool identity_is(const struct identity *identity, const char *kind)
{
    return strncmp(identity->name, kind, strlen(kind)) == 0;
}

static bool local_identify(const struct api *api, uid_t uid, struct identity *identity,
                           struct http_answer *answer)
{
    char memory[4096];
    struct passwd entry, *found = NULL;
    getpwuid_r(uid, &entry, memory, sizeof(memory), &found);
    if (found)
        snprintf(identity->name, sizeof(identity->name), "cli:%s", found->pw_name);
    else
        snprintf(identity->name, sizeof(identity->name), "cli:%u", (unsigned)uid);
    identity->role = uid == 0 || uid == geteuid() ? ROLE_ADMIN : ROLE_NONE;
    const struct config_names *admins = &api->start->api.socket_admins;
    for (uint32_t i = 0; found && i < admins->count; i++)
        if (strcmp(admins->items[i].text, found->pw_name) == 0)
            identity->role = ROLE_ADMIN;
    if (identity->role == ROLE_NONE)
        api_fail(answer, 403, "user_refused", "%s is not in api.socket_admins",
                 identity_short(identity));
    return identity->role != ROLE_NONE;
}

struct use {
    int (*note)(struct store *store, const char *secret, struct error *error);
    const char *secret;
};

/* A store_write_fn. */
static int use_note(void *arg, struct store *store, struct error *error)
{
    const struct use *use = arg;
    return use->note(store, use->secret, error);
}

/* That it could not be noted refuses nobody. */
static void use_tell(struct api *api, const struct use *use, int64_t used_ns)
{
    struct error error;
    if (clock_now_ns() - used_ns >= use_interval_ns &&
        api->writer.write(api->writer.arg, use_note, (void *)use, &error) < 0)
        log_error("%s", error.text);
}

static bool token_identify(struct api *api, const char *authorization, struct identity *identity,
                           struct http_answer *answer)
{
    static const char scheme[] = "Bearer ";
    struct error error = {""};
    int64_t used_ns = 0;
    int r = -ENOENT;
    const char *secret = authorization + sizeof(scheme) - 1;
    if (strncasecmp(authorization, scheme, sizeof(scheme) - 1) == 0)
        r = token_find(api->read, secret, identity, &used_ns, &error);
    if (r == -ENOENT)
        api_fail(answer, 401, "bad_token", "the token is not known, has expired or was revoked");
    else
        api_fail_store(answer, r, &error);
    if (r == 0)
        use_tell(api, &(struct use){token_use, secret}, used_ns);
    return r == 0;
}

/* A session that has ended is nobody's, so that its user can log in again. */
static bool session_identify(struct api *api, const struct http_request *http,
                             struct caller *caller, struct identity *identity,
                             struct http_answer *answer)
{
    struct error error = {""};
    int64_t used_ns = 0;
    const struct session_limits limits = session_limits_of(api->start);
    int r = session_find(api->read, caller->session, &limits, identity, &used_ns, &error);
    if (r == -ENOENT) {
        caller->session[0] = 0;
        return true;
    }
    api_fail_store(answer, r, &error);
    if (r == 0 && http->method != HTTP_GET && !http->from_page) {
        api_fail(answer, 403, "bad_origin",
                 "with a session, what changes something comes from a page of ours: Origin");
        r = -EACCES;
    }
    if (r == 0)
        use_tell(api, &(struct use){session_use, caller->session}, used_ns);
    return r == 0;
}

static bool remote_identify(struct api *api, const struct http_request *http, struct caller *caller,
                            struct identity *identity, struct http_answer *answer)
{
    const char *cookie = http->tls ? COOKIE_NAME_TLS : COOKIE_NAME;
    if (!http->tls && !http->here) {
        api_fail(answer, 403, "tls_required",
                 "from other machines this takes TLS: configure api.tls_certificate");
        return false;
    }
    if (http->open)
        return true;
    if (http->authorization)
        return token_identify(api, http->authorization, identity, answer);
    if (cookie_find(http->cookie, cookie, caller->session, sizeof(caller->session)))
        return session_identify(api, http, caller, identity, answer);
    return true;
}

/* The first of our languages in the list, -1 for none. */
static int language_wanted(const char *list)
{
    while (list && *list) {
        list += strspn(list, " ,\t");
        if (strncasecmp(list, "ja", 2) == 0)
            return LANGUAGE_JA;
        if (strncasecmp(list, "en", 2) == 0)
            return LANGUAGE_EN;
        list += strcspn(list, ",");
    }
    return -1;
}

bool caller_identify(struct api *api, const struct http_request *http, struct caller *caller,
                     struct api_request *ret_request, struct http_answer *answer)
{
    struct identity who = {"", ROLE_NONE};
    caller->session[0] = 0;
    bool known = http->local && !http->open ? local_identify(api, http->uid, &who, answer)
                                            : remote_identify(api, http, caller, &who, answer);
    if (!known)
        return false;
    int language = language_wanted(http->accept_language);
    *ret_request = (struct api_request){
        .method = http->method,
        .path = http->path,
        .host = http->host,
        .query = http->query,
        .body_text = http->body,
        .body_len = http->body_len,
        .who = who,
        .session = caller->session[0] ? caller->session : NULL,
        .if_match = http->if_match,
        .last_event_id = http->last_event_id,
        .tls = http->tls,
        .language = language < 0 ? LANGUAGE_EN : (enum language)language,
        .language_told = language >= 0,
    };
    if (http->local)
        snprintf(ret_request->address, sizeof(ret_request->address), "%s", "local");
    else
        addr_format(&http->client, ret_request->address);
    return true;
}
