/* sessions.c - who is logged in
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/sessions.h"

#include "base/clock.h"
#include "store/account.h"

#include <errno.h>
#include <stdio.h>

static const char expire_sql[] =
    "DELETE FROM session WHERE created_ns < :born OR used_ns < :used OR"
    " hash IN (SELECT hash FROM session WHERE user = :user ORDER BY created_ns DESC LIMIT -1"
    " OFFSET :max)";

static int add(struct store *store, const char *secret, const char *user, const char *address,
               const struct session_limits *limits, struct error *error)
{
    uint8_t hash[SECRET_HASH_BYTES];
    int64_t now_ns = clock_now_ns();
    secret_hash(secret, hash);
    const struct value values[] = {
        {":user", .text = user}, {":hash", .hash = hash}, {":now", .number = now_ns}, {0}};
    const struct value expired[] = {{":born", .number = now_ns - limits->total_ns},
                                    {":used", .number = now_ns - limits->idle_ns},
                                    {":user", .text = user},
                                    {":max", .number = SESSIONS_PER_USER_MAX - 1},
                                    {0}};
    int r = values_run(store, expire_sql, expired, NULL, error);
    if (r == 0)
        r = values_run(store,
                       "INSERT INTO session (hash, user, created_ns, used_ns)"
                       " VALUES (:hash, :user, :now, :now)",
                       values, NULL, error);
    const struct value seen[] = {{":user", .text = user}, {":now", .number = now_ns}, {0}};
    if (r == 0)
        r = values_run(store, "UPDATE user SET seen_ns = :now WHERE name = :user", seen, NULL,
                       error);
    char actor[64];
    snprintf(actor, sizeof(actor), "user:%s", user);
    return r < 0 ? r
                 : account_audit(store, actor, "session.begin", "user", user, "", address, error);
}

int session_add(struct store *store, const char *secret, const char *user, const char *address,
                const struct session_limits *limits, struct error *error)
{
    int r = store_usable(store, STORE_WRITE, error);
    if (r == 0)
        r = store_begin(store, error);
    return r < 0 ? r : store_end(store, add(store, secret, user, address, limits, error), error);
}

int session_find(struct store *store, const char *secret, const struct session_limits *limits,
                 struct identity *ret_identity, int64_t *ret_used_ns, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    uint8_t hash[SECRET_HASH_BYTES];
    int64_t now_ns = clock_now_ns();
    secret_hash(secret, hash);
    const struct value values[] = {{":hash", .hash = hash},
                                   {":born", .number = now_ns - limits->total_ns},
                                   {":used", .number = now_ns - limits->idle_ns},
                                   {0}};
    int r = values_prepare(store,
                           "SELECT user.name, user.role, session.used_ns FROM session"
                           " JOIN user ON user.name = session.user"
                           " WHERE hash = :hash AND session.created_ns >= :born"
                           " AND used_ns >= :used AND user.enabled",
                           values, &statement, error);
    if (r < 0)
        return r;
    r = statement_row(store, statement, "looking for a session", error);
    if (r < 0)
        return r;
    int role = role_parse(column_text(statement, 1));
    if (role < 0)
        return -ENOENT;
    snprintf(ret_identity->name, sizeof(ret_identity->name), "user:%s", column_text(statement, 0));
    ret_identity->role = (enum role)role;
    *ret_used_ns = sqlite3_column_int64(statement, 2);
    return 0;
}

int session_use(struct store *store, const char *secret, struct error *error)
{
    uint8_t hash[SECRET_HASH_BYTES];
    secret_hash(secret, hash);
    const struct value values[] = {
        {":hash", .hash = hash}, {":now", .number = clock_now_ns()}, {0}};
    return values_run(store, "UPDATE session SET used_ns = :now WHERE hash = :hash", values, NULL,
                      error);
}

static int session_delete(struct store *store, const char *secret, const char *actor,
                          struct error *error)
{
    int removed;
    uint8_t hash[SECRET_HASH_BYTES];
    secret_hash(secret, hash);
    const struct value values[] = {{":hash", .hash = hash}, {0}};
    int r = values_run(store, "DELETE FROM session WHERE hash = :hash", values, &removed, error);
    if (r < 0 || removed == 0)
        return r;
    const char *user = actor + sizeof("user:") - 1;
    return account_audit(store, actor, "session.end", "user", user, "", "", error);
}

int session_remove(struct store *store, const char *secret, const char *actor, struct error *error)
{
    int r = store_usable(store, STORE_WRITE, error);
    if (r == 0)
        r = store_begin(store, error);
    return r < 0 ? r : store_end(store, session_delete(store, secret, actor, error), error);
}

enum { ID_BYTES = (SESSION_ID_MAX - 1) / 2 };

void session_id(const char *secret, char ret_id[static SESSION_ID_MAX])
{
    uint8_t hash[SECRET_HASH_BYTES];
    secret_hash(secret, hash);
    for (unsigned i = 0; i < ID_BYTES; i++)
        snprintf(ret_id + 2 * i, 3, "%02x", hash[i]);
}

#define ID "lower(hex(substr(hash, 1, 8)))"
_Static_assert(ID_BYTES == 8, "ID says so");

int sessions_list(struct store *store, const char *user, const struct session_limits *limits,
                  session_fn each, void *context, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int64_t now_ns = clock_now_ns();
    int rc = SQLITE_DONE;
    const struct value values[] = {{":user", .text = user ? user : ""},
                                   {":born", .number = now_ns - limits->total_ns},
                                   {":used", .number = now_ns - limits->idle_ns},
                                   {0}};
    int r = values_prepare(store,
                           "SELECT " ID ", user, created_ns, used_ns FROM session"
                           " WHERE :user IN ('', user) AND created_ns >= :born"
                           " AND used_ns >= :used ORDER BY used_ns DESC",
                           values, &statement, error);
    while (r == 0 && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        struct session session = {.created_ns = sqlite3_column_int64(statement, 2),
                                  .used_ns = sqlite3_column_int64(statement, 3)};
        snprintf(session.id, sizeof(session.id), "%s", column_text(statement, 0));
        snprintf(session.user, sizeof(session.user), "%s", column_text(statement, 1));
        r = each(context, &session);
    }
    return r < 0 || rc == SQLITE_DONE ? r : store_failure(store, rc, "listing sessions", error);
}

/* Whose session it is goes to the audit trail. */
static int end(struct store *store, const char *id, const char *user, const char *actor,
               struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    const struct value values[] = {{":id", .text = id}, {":user", .text = user ? user : ""}, {0}};
    char owner[USER_NAME_MAX] = "";
    int r = values_prepare(store,
                           "DELETE FROM session WHERE " ID " = :id AND :user IN ('', user)"
                           " RETURNING user",
                           values, &statement, error);
    int rc = SQLITE_DONE;
    while (r == 0 && (rc = sqlite3_step(statement)) == SQLITE_ROW)
        snprintf(owner, sizeof(owner), "%s", column_text(statement, 0));
    if (r == 0 && rc != SQLITE_DONE)
        return store_failure(store, rc, "ending a session", error);
    if (r == 0 && !*owner)
        r = error_set(error, -ENOENT, "there is no session \"%s\"", id);
    return r < 0 ? r : account_audit(store, actor, "session.end", "user", owner, "", "", error);
}

int session_end(struct store *store, const char *id, const char *user, const char *actor,
                struct error *error)
{
    int r = store_usable(store, STORE_WRITE, error);
    if (r == 0)
        r = store_begin(store, error);
    return r < 0 ? r : store_end(store, end(store, id, user, actor, error), error);
}
