/* users.c - who may use the program, and as what
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/users.h"

#include "base/clock.h"
#include "store/account.h"
#include "store/password.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *const role_slugs[ROLE_COUNT] = {
#define ROLE(id, slug, text) [ROLE_##id] = slug,
#include "store/roles.def"
#undef ROLE
};

int role_parse(const char *text)
{
    for (int role = ROLE_VIEWER; role < ROLE_COUNT; role++)
        if (strcmp(role_slugs[role], text) == 0)
            return role;
    return -1;
}

bool user_name_is_valid(const char *name)
{
    static const char alphanumeric[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t len = strlen(name);
    return len > 0 && len < USER_NAME_MAX && strspn(name, alphanumeric) == len &&
           !strchr("._-", name[0]);
}

static int user_missing(const char *name, struct error *error)
{
    return error_set(error, -ENOENT, "there is no user \"%s\"", name);
}

static int write_begin(struct store *store, struct error *error)
{
    int r = store_usable(store, STORE_WRITE, error);
    return r < 0 ? r : store_begin(store, error);
}

static int add(struct store *store, const char *name, enum role role, const char *password_hash,
               const char *actor, struct error *error)
{
    int added;
    const struct value values[] = {{":name", .text = name},
                                   {":role", .text = role_slugs[role]},
                                   {":password", .text = password_hash},
                                   {":now", .number = clock_now_ns()},
                                   {0}};
    int r = values_run(store,
                       "INSERT INTO user (name, role, password, enabled, created_ns, seen_ns)"
                       " VALUES (:name, :role, :password, 1, :now, 0) ON CONFLICT DO NOTHING",
                       values, &added, error);
    if (r == 0 && added == 0)
        r = error_set(error, -EEXIST, "there is a user \"%s\" already", name);
    return r < 0
               ? r
               : account_audit(store, actor, "user.add", "user", name, "", role_slugs[role], error);
}

int user_add(struct store *store, const char *name, enum role role, const char *password_hash,
             const char *actor, struct error *error)
{
    if (!user_name_is_valid(name))
        return error_set(error, -EINVAL,
                         "a user's name is 1 to %d letters, digits, dots, underscores and "
                         "hyphens, a letter or digit first",
                         USER_NAME_MAX - 1);
    int r = write_begin(store, error);
    return r < 0 ? r : store_end(store, add(store, name, role, password_hash, actor, error), error);
}

/* Somebody must be able to manage users. */
static int admin_check(struct store *store, struct error *error)
{
    int64_t admins;
    int r = values_number(store,
                          "SELECT count(*) FROM user WHERE role = 'admin' AND enabled AND"
                          " password <> ''",
                          NULL, &admins, error);
    if (r == 0 && admins == 0)
        return error_set(error, -EPERM, "this is the last administrator; make another one before");
    return r;
}

static int sessions_end(struct store *store, const char *name, struct error *error)
{
    return values_run(store, "DELETE FROM session WHERE user = :name",
                      (struct value[]){{":name", .text = name}, {0}}, NULL, error);
}

static int set_write(struct store *store, const char *name, const struct user_change *change,
                     struct error *error)
{
    const struct value values[] = {
        {":name", .text = name},
        {":role", .text = change->role >= 0 ? role_slugs[change->role] : ""},
        {":enabled", .number = change->enabled},
        {":password", .text = change->password_hash ? change->password_hash : ""},
        {0}};
    return values_run(store,
                      "UPDATE user SET role = coalesce(nullif(:role, ''), role),"
                      " enabled = CASE WHEN :enabled < 0 THEN enabled ELSE :enabled END,"
                      " password = coalesce(nullif(:password, ''), password)"
                      " WHERE name = :name",
                      values, NULL, error);
}

static void state_tell(char text[static 64], enum role role, bool enabled)
{
    snprintf(text, 64, "%s%s", role_slugs[role], enabled ? "" : ", switched off");
}

static int set(struct store *store, const char *name, const struct user_change *change,
               const char *actor, struct error *error)
{
    struct user before, after;
    char hash[PASSWORD_HASH_MAX], from[64], to[64];
    int r = user_find(store, name, &before, hash, error);
    if (r == -ENOENT)
        return user_missing(name, error);
    if (r == 0)
        r = set_write(store, name, change, error);
    if (r == 0)
        r = user_find(store, name, &after, hash, error);
    if (r == 0 && before.role == ROLE_ADMIN && before.enabled)
        r = admin_check(store, error);
    if (r == 0 && (change->password_hash || after.role < before.role || !after.enabled))
        r = sessions_end(store, name, error);
    if (r < 0)
        return r;
    state_tell(from, before.role, before.enabled);
    state_tell(to, after.role, after.enabled);
    return account_audit(store, actor, change->password_hash ? "user.password" : "user.set", "user",
                         name, from, to, error);
}

int user_set(struct store *store, const char *name, const struct user_change *change,
             const char *actor, struct error *error)
{
    int r = write_begin(store, error);
    return r < 0 ? r : store_end(store, set(store, name, change, actor, error), error);
}

static int language_write(struct store *store, const char *name, const char *language,
                          const char *actor, struct error *error)
{
    struct user before;
    char hash[PASSWORD_HASH_MAX];
    int r = user_find(store, name, &before, hash, error);
    if (r == -ENOENT)
        return user_missing(name, error);
    if (r < 0 || strcmp(before.language, language) == 0)
        return r;
    const struct value values[] = {{":name", .text = name}, {":language", .text = language}, {0}};
    r = values_run(store, "UPDATE user SET language = :language WHERE name = :name", values, NULL,
                   error);
    return r < 0 ? r
                 : account_audit(store, actor, "user.language", "user", name, before.language,
                                 language, error);
}

int user_language_set(struct store *store, const char *name, const char *language,
                      const char *actor, struct error *error)
{
    if (strcmp(language, "en") != 0 && strcmp(language, "ja") != 0)
        return error_set(error, -EINVAL, "a language is en or ja");
    int r = write_begin(store, error);
    return r < 0 ? r : store_end(store, language_write(store, name, language, actor, error), error);
}

static int user_delete(struct store *store, const char *name, const char *actor,
                       struct error *error)
{
    int removed;
    struct user user;
    char hash[PASSWORD_HASH_MAX];
    const struct value values[] = {{":name", .text = name}, {0}};
    int r = user_find(store, name, &user, hash, error);
    if (r == -ENOENT)
        return user_missing(name, error);
    if (r == 0)
        r = values_run(store, "DELETE FROM user WHERE name = :name", values, &removed, error);
    if (r == 0 && user.role == ROLE_ADMIN && user.enabled)
        r = admin_check(store, error);
    if (r == 0)
        r = values_run(store, "DELETE FROM token WHERE owner = :name", values, NULL, error);
    if (r == 0)
        r = sessions_end(store, name, error);
    return r < 0 ? r
                 : account_audit(store, actor, "user.remove", "user", name, role_slugs[user.role],
                                 "", error);
}

int user_remove(struct store *store, const char *name, const char *actor, struct error *error)
{
    int r = write_begin(store, error);
    return r < 0 ? r : store_end(store, user_delete(store, name, actor, error), error);
}

static void user_read(sqlite3_stmt *statement, struct user *user)
{
    int role = role_parse(column_text(statement, 1));
    snprintf(user->name, sizeof(user->name), "%s", column_text(statement, 0));
    user->role = role < 0 ? ROLE_NONE : (enum role)role;
    user->enabled = sqlite3_column_int(statement, 2) != 0;
    user->created_ns = sqlite3_column_int64(statement, 3);
    user->seen_ns = sqlite3_column_int64(statement, 4);
    snprintf(user->language, sizeof(user->language), "%s", column_text(statement, 5));
}

#define USER_COLUMNS "name, role, enabled, created_ns, seen_ns, language"

int user_find(struct store *store, const char *name, struct user *ret_user,
              char ret_hash[static 128], struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    ret_hash[0] = 0;
    int r = values_prepare(store, "SELECT " USER_COLUMNS ", password FROM user WHERE name = :name",
                           (struct value[]){{":name", .text = name}, {0}}, &statement, error);
    if (r < 0)
        return r;
    r = statement_row(store, statement, "reading a user", error);
    if (r < 0)
        return r;
    user_read(statement, ret_user);
    if (ret_user->enabled)
        snprintf(ret_hash, PASSWORD_HASH_MAX, "%s", column_text(statement, 6));
    return 0;
}

int users_list(struct store *store, user_fn each, void *context, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int rc = SQLITE_DONE;
    int r = values_prepare(store, "SELECT " USER_COLUMNS " FROM user ORDER BY name", NULL,
                           &statement, error);
    while (r == 0 && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        struct user user;
        user_read(statement, &user);
        r = each(context, &user);
    }
    return r < 0 || rc == SQLITE_DONE ? r : store_failure(store, rc, "listing users", error);
}

int users_count(struct store *store, size_t *ret_count, struct error *error)
{
    int64_t count = 0;
    int r = values_number(store, "SELECT count(*) FROM user", NULL, &count, error);
    if (r == 0)
        *ret_count = (size_t)count;
    return r;
}
