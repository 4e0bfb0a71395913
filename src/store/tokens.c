/* tokens.c - secrets by which programs ask in the name of a user
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/tokens.h"

#include "base/clock.h"
#include "store/account.h"

#include <errno.h>
#include <stdio.h>

static int owner_check(struct store *store, const struct token *token, struct error *error)
{
    struct user owner;
    char hash[PASSWORD_HASH_MAX];
    int r = user_find(store, token->owner, &owner, hash, error);
    if (r == -ENOENT)
        return error_set(error, -ENOENT, "there is no user \"%s\"", token->owner);
    if (r == 0 && token->role > owner.role)
        return error_set(error, -EPERM, "a token of %s can be %s at most", token->owner,
                         role_slugs[owner.role]);
    return r;
}

static int add(struct store *store, const struct token *token, const char *secret,
               const char *actor, struct error *error)
{
    int added = 0;
    uint8_t hash[SECRET_HASH_BYTES];
    secret_hash(secret, hash);
    const struct value values[] = {{":name", .text = token->name},
                                   {":hash", .hash = hash},
                                   {":owner", .text = token->owner},
                                   {":role", .text = role_slugs[token->role]},
                                   {":now", .number = clock_now_ns()},
                                   {":expires", .number = token->expires_ns},
                                   {0}};
    int r = owner_check(store, token, error);
    if (r == 0)
        r = values_run(
            store,
            "INSERT INTO token (name, hash, owner, role, created_ns, expires_ns, used_ns)"
            " VALUES (:name, :hash, :owner, :role, :now, :expires, 0)"
            " ON CONFLICT DO NOTHING",
            values, &added, error);
    if (r == 0 && added == 0)
        r = error_set(error, -EEXIST, "there is a token \"%s\" already", token->name);
    return r < 0 ? r
                 : account_audit(store, actor, "token.add", "token", token->name, "",
                                 role_slugs[token->role], error);
}

int token_add(struct store *store, const struct token *token, const char *secret, const char *actor,
              struct error *error)
{
    if (!user_name_is_valid(token->name))
        return error_set(error, -EINVAL,
                         "a token's name is 1 to %d letters, digits, dots, underscores and "
                         "hyphens, a letter or digit first",
                         USER_NAME_MAX - 1);
    int r = store_usable(store, STORE_WRITE, error);
    if (r == 0)
        r = store_begin(store, error);
    return r < 0 ? r : store_end(store, add(store, token, secret, actor, error), error);
}

int token_find(struct store *store, const char *secret, struct identity *ret_identity,
               int64_t *ret_used_ns, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    uint8_t hash[SECRET_HASH_BYTES];
    secret_hash(secret, hash);
    const struct value values[] = {
        {":hash", .hash = hash}, {":now", .number = clock_now_ns()}, {0}};
    int r = values_prepare(store,
                           "SELECT token.name, token.role, user.role, used_ns FROM token"
                           " JOIN user ON user.name = token.owner"
                           " WHERE hash = :hash AND expires_ns > :now AND user.enabled",
                           values, &statement, error);
    if (r < 0)
        return r;
    r = statement_row(store, statement, "looking for a token", error);
    if (r < 0)
        return r;
    int own = role_parse(column_text(statement, 1)), owners = role_parse(column_text(statement, 2));
    int role = own < owners ? own : owners;
    if (role < 0)
        return -ENOENT;
    snprintf(ret_identity->name, sizeof(ret_identity->name), "token:%s", column_text(statement, 0));
    ret_identity->role = (enum role)role;
    *ret_used_ns = sqlite3_column_int64(statement, 3);
    return 0;
}

int token_use(struct store *store, const char *secret, struct error *error)
{
    uint8_t hash[SECRET_HASH_BYTES];
    secret_hash(secret, hash);
    const struct value values[] = {
        {":hash", .hash = hash}, {":now", .number = clock_now_ns()}, {0}};
    return values_run(store, "UPDATE token SET used_ns = :now WHERE hash = :hash", values, NULL,
                      error);
}

static int token_delete(struct store *store, const char *name, const char *actor,
                        struct error *error)
{
    int removed = 0;
    const struct value values[] = {{":name", .text = name}, {0}};
    int r = values_run(store, "DELETE FROM token WHERE name = :name", values, &removed, error);
    if (r == 0 && removed == 0)
        r = error_set(error, -ENOENT, "there is no token \"%s\"", name);
    return r < 0 ? r : account_audit(store, actor, "token.remove", "token", name, "", "", error);
}

int token_remove(struct store *store, const char *name, const char *actor, struct error *error)
{
    int r = store_usable(store, STORE_WRITE, error);
    if (r == 0)
        r = store_begin(store, error);
    return r < 0 ? r : store_end(store, token_delete(store, name, actor, error), error);
}

static void token_read(sqlite3_stmt *statement, struct token *token)
{
    int role = role_parse(column_text(statement, 2));
    snprintf(token->name, sizeof(token->name), "%s", column_text(statement, 0));
    snprintf(token->owner, sizeof(token->owner), "%s", column_text(statement, 1));
    token->role = role < 0 ? ROLE_NONE : (enum role)role;
    token->created_ns = sqlite3_column_int64(statement, 3);
    token->expires_ns = sqlite3_column_int64(statement, 4);
    token->used_ns = sqlite3_column_int64(statement, 5);
}

int tokens_list(struct store *store, const char *owner, token_fn each, void *context,
                struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int rc = SQLITE_DONE;
    int r = values_prepare(store,
                           "SELECT name, owner, role, created_ns, expires_ns, used_ns FROM token"
                           " WHERE :owner IN ('', owner) ORDER BY name",
                           (struct value[]){{":owner", .text = owner ? owner : ""}, {0}},
                           &statement, error);
    while (r == 0 && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        struct token token;
        token_read(statement, &token);
        r = each(context, &token);
    }
    return r < 0 || rc == SQLITE_DONE ? r : store_failure(store, rc, "listing tokens", error);
}
