/* routes_users.c - users and their tokens
 * SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "api/caller.h"
#include "api/gate.h"
#include "base/clock.h"
#include "store/password.h"
#include "store/tokens.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void user_write(struct json *json, const struct user *user)
{
    json_object_begin(json);
    json_pair(json, "name", user->name);
    json_pair(json, "role", role_slugs[user->role]);
    json_key(json, "enabled");
    json_bool(json, user->enabled);
    api_pair_time(json, "created", user->created_ns);
    api_pair_time(json, "seen", user->seen_ns);
    json_object_end(json);
}

/* A user_fn. */
static int user_item(void *context, const struct user *user)
{
    user_write(context, user);
    return 0;
}

API_HANDLER(users_show)
{
    (void)request;
    struct error error;
    struct json json = api_list_begin(answer);
    int r = users_list(api->read, user_item, &json, &error);
    api_list_end(&json, NULL);
    api_fail_store(answer, r, &error);
}

static void user_answer(struct api *api, const char *name, struct http_answer *answer)
{
    struct user user;
    char hash[PASSWORD_HASH_MAX];
    struct error error;
    int r = user_find(api->read, name, &user, hash, &error);
    if (r == -ENOENT)
        error_set(&error, r, "there is no user \"%s\"", name);
    api_fail_store(answer, r, &error);
    if (r < 0)
        return;
    struct json json = json_writer(&answer->body);
    user_write(&json, &user);
}

API_HANDLER(users_one)
{
    user_answer(api, request->captures[0], answer);
}

struct change {
    const char *name, *actor;
    int role, enabled;
    char hash[PASSWORD_HASH_MAX]; /* "": the password stays */
};

/* What the body says; false and an error in the answer when it makes no sense. */
static bool change_read(const struct api_request *request, const char *name, struct change *change,
                        struct http_answer *answer)
{
    const char *role = api_text(request, "role"), *password = api_text(request, "password");
    struct error error;
    *change = (struct change){name, request->who.name, -1, api_switch(request, "enabled", -1), ""};
    if (role && (change->role = role_parse(role)) < 0) {
        api_fail(answer, 422, "invalid", "a role is viewer, analyst or admin");
        return false;
    }
    int r = password ? password_check(password, name, &error) : 0;
    if (r == 0 && password)
        r = password_hash(password, change->hash, &error);
    api_fail_store(answer, r, &error);
    return r == 0;
}

/* A store_write_fn. */
static int user_add_write(void *arg, struct store *store, struct error *error)
{
    const struct change *change = arg;
    return user_add(store, change->name, (enum role)change->role, change->hash, change->actor,
                    error);
}

API_HANDLER(users_new)
{
    struct change change;
    if (!change_read(request, api_text(request, "name"), &change, answer) ||
        !api_write(api, user_add_write, &change, answer))
        return;
    gate_setup_end(api->gate);
    user_answer(api, change.name, answer);
}

/* A store_write_fn. */
static int user_set_write(void *arg, struct store *store, struct error *error)
{
    const struct change *change = arg;
    const struct user_change write = {change->role, change->enabled,
                                      change->hash[0] ? change->hash : NULL};
    return user_set(store, change->name, &write, change->actor, error);
}

API_HANDLER(users_change)
{
    struct change change;
    if (change_read(request, request->captures[0], &change, answer) &&
        api_write(api, user_set_write, &change, answer))
        user_answer(api, change.name, answer);
}

/* A store_write_fn. */
static int user_remove_write(void *arg, struct store *store, struct error *error)
{
    const struct api_request *request = arg;
    return user_remove(store, request->captures[0], request->who.name, error);
}

API_HANDLER(users_delete)
{
    api_write(api, user_remove_write, (void *)request, answer);
}

/* Tokens. */

static void token_write(struct json *json, const struct token *token)
{
    json_pair(json, "name", token->name);
    json_pair(json, "owner", token->owner);
    json_pair(json, "role", role_slugs[token->role]);
    api_pair_time(json, "created", token->created_ns);
    api_pair_time(json, "expires", token->expires_ns);
    api_pair_time(json, "used", token->used_ns);
}

/* A token_fn. */
static int token_item(void *context, const struct token *token)
{
    struct json *json = context;
    json_object_begin(json);
    token_write(json, token);
    json_object_end(json);
    return 0;
}

/* A token is no user: it manages no tokens, whatever its role. */
static bool may_manage_tokens(const struct api_request *request, struct http_answer *answer)
{
    if (!identity_is(&request->who, "token:"))
        return true;
    api_fail(answer, 403, "user_required", "tokens are managed by users, not by tokens");
    return false;
}

API_HANDLER(tokens_show)
{
    struct error error;
    if (!may_manage_tokens(request, answer))
        return;
    const char *owner = request->who.role == ROLE_ADMIN ? NULL : identity_short(&request->who);
    struct json json = api_list_begin(answer);
    int r = tokens_list(api->read, owner, token_item, &json, &error);
    api_list_end(&json, NULL);
    api_fail_store(answer, r, &error);
}

struct token_work {
    struct token token;
    const char *actor;
    char secret[SECRET_TEXT_MAX];
};

/* A store_write_fn. */
static int token_add_write(void *arg, struct store *store, struct error *error)
{
    const struct token_work *work = arg;
    return token_add(store, &work->token, work->secret, work->actor, error);
}

static bool token_read(const struct api_request *request, struct token *token,
                       struct http_answer *answer)
{
    int role = role_parse(api_text(request, "role"));
    const char *self = identity_short(&request->who), *owner = api_text(request, "owner");
    int64_t days = api_number(request, "days", 0);
    if (!owner)
        owner = self;
    if (role < 0 || days == 0)
        api_fail(answer, 422, "invalid", "a role is viewer, analyst or admin, and days at least 1");
    else if (request->who.role != ROLE_ADMIN && strcmp(owner, self) != 0)
        api_fail(answer, 403, "role_required", "only administrators make tokens for others");
    if (answer->code >= 400)
        return false;
    *token = (struct token){.role = (enum role)role,
                            .created_ns = clock_now_ns(),
                            .expires_ns = clock_now_ns() + days * 86400 * NS_PER_S};
    snprintf(token->name, sizeof(token->name), "%s", api_text(request, "name"));
    snprintf(token->owner, sizeof(token->owner), "%s", owner);
    return true;
}

API_HANDLER(tokens_new)
{
    struct token_work work = {.actor = request->who.name};
    if (!may_manage_tokens(request, answer) || !token_read(request, &work.token, answer))
        return;
    secret_make(TOKEN_PREFIX, work.secret);
    if (!api_write(api, token_add_write, &work, answer))
        return;
    struct json json = json_writer(&answer->body);
    json_object_begin(&json);
    token_write(&json, &work.token);
    json_pair(&json, "token", work.secret);
    json_object_end(&json);
}

struct token_search {
    const char *name;
    bool found;
};

/* A token_fn. */
static int token_compare(void *context, const struct token *token)
{
    struct token_search *search = context;
    search->found |= strcmp(token->name, search->name) == 0;
    return 0;
}

/* A store_write_fn. Other people's tokens are as good as not there. */
static int token_remove_write(void *arg, struct store *store, struct error *error)
{
    const struct api_request *request = arg;
    struct token_search search = {request->captures[0], request->who.role == ROLE_ADMIN};
    int r = 0;
    if (!search.found)
        r = tokens_list(store, identity_short(&request->who), token_compare, &search, error);
    if (r == 0 && !search.found)
        r = error_set(error, -ENOENT, "you have no token \"%s\"", search.name);
    return r < 0 ? r : token_remove(store, search.name, request->who.name, error);
}

API_HANDLER(tokens_delete)
{
    if (may_manage_tokens(request, answer))
        api_write(api, token_remove_write, (void *)request, answer);
}
