/* routes_session.c - the first administrator; logging in and out
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "api/caller.h"
#include "api/gate.h"
#include "store/sessions.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

API_HANDLER(setup_show)
{
    (void)request;
    struct json json = json_writer(&answer->body);
    json_object_begin(&json);
    json_key(&json, "needed");
    json_bool(&json, gate_setup_waits(api->gate));
    json_object_end(&json);
}

/* Too many attempts: false and an error in the answer. */
static bool attempt_allowed(struct api *api, const struct api_request *request, const char *name,
                            struct http_answer *answer)
{
    unsigned wait_s = gate_wait_s(api->gate, name, request->address);
    if (wait_s == 0)
        return true;
    api_fail(answer, 429, "slow_down", "too many attempts; try again in %u s", wait_s);
    answer->retry_after_s = wait_s;
    return false;
}

struct account {
    const char *name;
    char hash[PASSWORD_HASH_MAX];
    const char *actor;
};

/* A store_write_fn. */
static int first_admin_add(void *arg, struct store *store, struct error *error)
{
    const struct account *account = arg;
    size_t count;
    int r = users_count(store, &count, error);
    if (r == 0 && count > 0)
        r = error_set(error, -EEXIST, "there are users already: log in");
    return r < 0 ? r
                 : user_add(store, account->name, ROLE_ADMIN, account->hash, account->actor, error);
}

/* Checks and hashes what is to become a password. */
static bool password_make(const char *password, const char *name, char *ret_hash,
                          struct http_answer *answer)
{
    struct error error;
    int r = password_check(password, name, &error);
    if (r == 0)
        r = password_hash(password, ret_hash, &error);
    api_fail_store(answer, r, &error);
    return r == 0;
}

static void name_write(struct http_answer *answer, const char *name, enum role role)
{
    struct json json = json_writer(&answer->body);
    json_object_begin(&json);
    json_pair(&json, "name", name);
    json_pair(&json, "role", role_slugs[role]);
    json_object_end(&json);
}

API_HANDLER(setup_do)
{
    struct account account = {.name = api_text(request, "name"), .actor = "dnsvigil"};
    if (!attempt_allowed(api, request, "", answer))
        return;
    if (!gate_setup_fits(api->gate, api_text(request, "code"))) {
        gate_failed(api->gate, "", request->address);
        api_fail(answer, 403, "bad_code",
                 "this is not the code in setup-code, or there is a user already");
        return;
    }
    if (!password_make(api_text(request, "password"), account.name, account.hash, answer) ||
        !api_write(api, first_admin_add, &account, answer))
        return;
    gate_setup_end(api->gate);
    name_write(answer, account.name, ROLE_ADMIN);
}

struct login {
    const struct api_request *request;
    const char *name;
    char secret[SECRET_TEXT_MAX];
    struct session_limits limits;
};

/* A store_write_fn. */
static int login_add(void *arg, struct store *store, struct error *error)
{
    const struct login *login = arg;
    return session_add(store, login->secret, login->name, login->request->address, &login->limits,
                       error);
}

static void cookie_set(struct http_answer *answer, const struct api_request *request,
                       const char *secret)
{
    snprintf(answer->cookie, sizeof(answer->cookie), "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s",
             request->tls ? COOKIE_NAME_TLS : COOKIE_NAME, secret, request->tls ? "; Secure" : "",
             *secret ? "" : "; Max-Age=0");
}

static void session_start(struct api *api, const struct api_request *request,
                          const struct user *user, struct http_answer *answer)
{
    struct login login = {request, user->name, "", session_limits_of(api->start)};
    secret_make("", login.secret);
    gate_passed(api->gate, user->name);
    if (!api_write(api, login_add, &login, answer))
        return;
    cookie_set(answer, request, login.secret);
    name_write(answer, user->name, user->role);
}

/* Whether the name is there does not show, neither in the answer nor in the time it takes. */
API_HANDLER(session_login)
{
    struct user user;
    char hash[PASSWORD_HASH_MAX];
    struct error error;
    const char *name = api_text(request, "name");
    if (!attempt_allowed(api, request, name, answer))
        return;
    int r = user_find(api->read, name, &user, hash, &error);
    if (r < 0 && r != -ENOENT) {
        api_fail_store(answer, r, &error);
        return;
    }
    if (password_fits(api_text(request, "password"), hash)) {
        session_start(api, request, &user, answer);
        return;
    }
    gate_failed(api->gate, name, request->address);
    api_fail(answer, 401, "bad_login", "name and password do not belong together");
}

/* A token has no language, and neither has a user who has not chosen one. */
static void language_write(const struct api *api, const struct api_request *request,
                           struct json *json)
{
    struct user user = {.language = ""};
    char hash[PASSWORD_HASH_MAX];
    struct error error;
    if (identity_is(&request->who, "user:") &&
        user_find(api->read, identity_short(&request->who), &user, hash, &error) == 0)
        json_pair_opt(json, "language", user.language);
}

API_HANDLER(session_show)
{
    struct json json = json_writer(&answer->body);
    json_object_begin(&json);
    if (request->who.role != ROLE_NONE) {
        json_pair(&json, "name", identity_short(&request->who));
        json_pair(&json, "actor", request->who.name);
        json_pair(&json, "role", role_slugs[request->who.role]);
        language_write(api, request, &json);
    }
    json_object_end(&json);
}

/* A store_write_fn. */
static int language_put(void *arg, struct store *store, struct error *error)
{
    const struct api_request *request = arg;
    return user_language_set(store, identity_short(&request->who), api_text(request, "language"),
                             request->who.name, error);
}

API_HANDLER(session_change)
{
    if (!identity_is(&request->who, "user:"))
        api_fail(answer, 409, "no_session", "only a user who has logged in has settings");
    else if (api_write(api, language_put, (void *)request, answer))
        api_session_show(api, request, answer);
}

/* A store_write_fn. */
static int login_remove(void *arg, struct store *store, struct error *error)
{
    const struct api_request *request = arg;
    return session_remove(store, request->session, request->who.name, error);
}

API_HANDLER(session_logout)
{
    if (!request->session)
        api_fail(answer, 409, "no_session", "you did not log in with a session");
    else if (api_write(api, login_remove, (void *)request, answer))
        cookie_set(answer, request, "");
}

/* A store_write_fn. */
static int password_put(void *arg, struct store *store, struct error *error)
{
    const struct account *account = arg;
    const struct user_change change = {-1, -1, account->hash};
    return user_set(store, account->name, &change, account->actor, error);
}

API_HANDLER(session_password)
{
    struct user user;
    char hash[PASSWORD_HASH_MAX];
    struct error error;
    struct account account = {.name = identity_short(&request->who), .actor = request->who.name};
    if (!identity_is(&request->who, "user:")) {
        api_fail(answer, 409, "no_session", "only a user who has logged in has a password");
        return;
    }
    if (!attempt_allowed(api, request, account.name, answer))
        return;
    int r = user_find(api->read, account.name, &user, hash, &error);
    if (r < 0 || !password_fits(api_text(request, "old"), hash)) {
        gate_failed(api->gate, account.name, request->address);
        api_fail(answer, 403, "bad_login", "this is not the password there is");
        return;
    }
    if (password_make(api_text(request, "new"), account.name, account.hash, answer) &&
        api_write(api, password_put, &account, answer))
        cookie_set(answer, request, "");
}

/* Who is logged in. */

struct session_listing {
    const struct api_request *request;
    struct json json;
};

/* A session_fn. */
static int session_item(void *context, const struct session *session)
{
    struct session_listing *listing = context;
    struct json *json = &listing->json;
    char own[SESSION_ID_MAX] = "";
    if (listing->request->session)
        session_id(listing->request->session, own);
    json_object_begin(json);
    json_pair(json, "id", session->id);
    json_pair(json, "user", session->user);
    api_pair_time(json, "created", session->created_ns);
    api_pair_time(json, "used", session->used_ns);
    json_key(json, "current");
    json_bool(json, strcmp(own, session->id) == 0);
    json_object_end(json);
    return 0;
}

/* Whose sessions may be seen and ended: NULL stands for everybody's. A token has none. */
static const char *sessions_of(const struct api_request *request)
{
    return request->who.role == ROLE_ADMIN ? NULL : identity_short(&request->who);
}

static bool may_manage_sessions(const struct api_request *request, struct http_answer *answer)
{
    if (!identity_is(&request->who, "token:"))
        return true;
    api_fail(answer, 403, "user_required", "sessions are managed by users, not by tokens");
    return false;
}

API_HANDLER(sessions_show)
{
    struct error error;
    const struct session_limits limits = session_limits_of(api->start);
    if (!may_manage_sessions(request, answer))
        return;
    struct session_listing listing = {request, api_list_begin(answer)};
    int r = sessions_list(api->read, sessions_of(request), &limits, session_item, &listing, &error);
    api_list_end(&listing.json, NULL);
    api_fail_store(answer, r, &error);
}

/* A store_write_fn. */
static int session_end_write(void *arg, struct store *store, struct error *error)
{
    const struct api_request *request = arg;
    return session_end(store, request->captures[0], sessions_of(request), request->who.name, error);
}

API_HANDLER(sessions_end)
{
    if (may_manage_sessions(request, answer))
        api_write(api, session_end_write, (void *)request, answer);
}
