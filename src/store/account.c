/* account.c - what users, sessions and tokens share: short statements with named values
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/account.h"

#include "store/audit.h"
#include "store/password.h"

#include <errno.h>
#include <stdio.h>

static void value_bind(sqlite3_stmt *statement, const struct value *value)
{
    int at = sqlite3_bind_parameter_index(statement, value->name);
    if (value->text)
        sqlite3_bind_text(statement, at, value->text, -1, SQLITE_TRANSIENT);
    else if (value->hash)
        sqlite3_bind_blob(statement, at, value->hash, SECRET_HASH_BYTES, SQLITE_TRANSIENT);
    else
        sqlite3_bind_int64(statement, at, value->number);
}

int values_prepare(struct store *store, const char *sql, const struct value *values,
                   sqlite3_stmt **ret_statement, struct error *error)
{
    int r = store_prepare(store, sql, ret_statement, error);
    for (; r == 0 && values && values->name; values++)
        value_bind(*ret_statement, values);
    return r;
}

int values_run(struct store *store, const char *sql, const struct value *values, int *ret_changed,
               struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = values_prepare(store, sql, values, &statement, error);
    if (r < 0)
        return r;
    int rc = sqlite3_step(statement);
    if (rc != SQLITE_DONE)
        return store_failure(store, rc, "changing users, sessions or tokens", error);
    if (ret_changed)
        *ret_changed = sqlite3_changes(store->db);
    return 0;
}

int values_number(struct store *store, const char *sql, const struct value *values,
                  int64_t *ret_number, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = values_prepare(store, sql, values, &statement, error);
    if (r < 0)
        return r;
    r = statement_row(store, statement, "reading users, sessions or tokens", error);
    if (r < 0)
        return r;
    *ret_number = sqlite3_column_int64(statement, 0);
    return 0;
}

int account_audit(struct store *store, const char *actor, const char *action, const char *kind,
                  const char *name, const char *from, const char *to, struct error *error)
{
    char object[96];
    snprintf(object, sizeof(object), "%s/%s", kind, name);
    const struct audit_entry entry = {
        .actor = actor,
        .action = action,
        .object = object,
        .from = from,
        .to = to,
        .reason = "",
        .comment = "",
    };
    return audit_add(store, &entry, error);
}
