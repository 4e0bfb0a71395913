/* changes.c - every change of an alert in order, and how far each follower has come
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/changes.h"
#include "store/handle.h"

#include <errno.h>

int changes_read(struct store *store, uint64_t after_seq, uint64_t limit, change_fn each,
                 void *context, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = store_usable(store, STORE_READ, error);
    if (r == 0)
        r = store_prepare(store,
                          "SELECT seq, alert_id, revision, time_ns FROM alert_change"
                          " WHERE seq > :after ORDER BY seq LIMIT :limit",
                          &statement, error);
    if (r < 0)
        return r;
    bind_int(statement, ":after", (int64_t)after_seq);
    bind_int(statement, ":limit", (int64_t)limit);
    int rc = SQLITE_DONE;
    while (r == 0 && (rc = sqlite3_step(statement)) == SQLITE_ROW)
        r = each(context, (uint64_t)sqlite3_column_int64(statement, 0), column_text(statement, 1),
                 (uint32_t)sqlite3_column_int64(statement, 2), sqlite3_column_int64(statement, 3));
    return r < 0 || rc == SQLITE_DONE ? r : store_failure(store, rc, "reading the changes", error);
}

/* Runs a query for one number. -ENOENT, without a message, when it has no row. */
static int number_get(struct store *store, const char *sql, const char *name, uint64_t *ret_number,
                      struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = store_usable(store, STORE_READ, error);
    if (r == 0)
        r = store_prepare(store, sql, &statement, error);
    if (r < 0)
        return r;
    bind_text(statement, ":name", name);
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW)
        *ret_number = (uint64_t)sqlite3_column_int64(statement, 0);
    else if (rc != SQLITE_DONE)
        return store_failure(store, rc, "reading the changes", error);
    return rc == SQLITE_ROW ? 0 : -ENOENT;
}

/* From the counter: trimming must not set followers back. */
int changes_newest(struct store *store, uint64_t *ret_seq, struct error *error)
{
    uint64_t seq = 0;
    int r = number_get(store, "SELECT seq FROM sqlite_sequence WHERE name = :name", "alert_change",
                       &seq, error);
    if (r < 0 && r != -ENOENT)
        return r;
    *ret_seq = seq;
    return 0;
}

int changes_cursor_get(struct store *store, const char *follower, uint64_t *ret_seq,
                       struct error *error)
{
    return number_get(store, "SELECT seq FROM follower WHERE name = :name", follower, ret_seq,
                      error);
}

static int follower_write(struct store *store, const char *sql, const char *name, uint64_t seq,
                          struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = store_usable(store, STORE_WRITE, error);
    if (r == 0)
        r = store_prepare(store, sql, &statement, error);
    if (r < 0)
        return r;
    bind_text(statement, ":name", name);
    bind_int(statement, ":seq", (int64_t)seq);
    return statement_run(store, statement, "keeping a follower's place", error);
}

int changes_cursor_put(struct store *store, const char *follower, uint64_t seq, struct error *error)
{
    return follower_write(store,
                          "INSERT INTO follower (name, seq) VALUES (:name, :seq)"
                          " ON CONFLICT (name) DO UPDATE SET seq = excluded.seq",
                          follower, seq, error);
}

int changes_cursor_remove(struct store *store, const char *follower, struct error *error)
{
    return follower_write(store, "DELETE FROM follower WHERE name = :name", follower, 0, error);
}

/* How many changes are deleted, or looked at, in one transaction. */
#define TRIM_AT_ONCE "20000"

/* The place of who looks for replaced changes stands among those of followers. */
#define COMPACTION "'compaction'"

/* Whoever followed last: what stands up to there, all have dealt with. */
#define SEEN_BY_ALL                                                                                \
    "(SELECT coalesce(min(seq), 1 << 62) FROM follower WHERE name <> " COMPACTION ")"

/* A follower so far back that it matters makes the search go on by one window. It begins anew
 * behind the one who is last when it has come to the end. */
static const char *const trim_sql[] = {
    "DELETE FROM alert_change WHERE time_ns < :before_ns AND seq <= " SEEN_BY_ALL " AND seq IN"
    " (SELECT seq FROM alert_change ORDER BY seq LIMIT " TRIM_AT_ONCE ")",
    "INSERT OR IGNORE INTO follower (name, seq) VALUES (" COMPACTION ", 0)",
    "UPDATE follower SET seq = " SEEN_BY_ALL " WHERE name = " COMPACTION " AND (seq < " SEEN_BY_ALL
    " OR seq + " TRIM_AT_ONCE " >= (SELECT max(seq) FROM alert_change))",
    "DELETE FROM alert_change WHERE seq IN (SELECT alert_change.seq FROM alert_change"
    " JOIN alert ON alert.id = alert_id AND alert.revision > alert_change.revision"
    " WHERE alert_change.seq > (SELECT seq FROM follower WHERE name = " COMPACTION ")"
    " AND alert_change.seq <= (SELECT seq + " TRIM_AT_ONCE " FROM follower"
    "  WHERE name = " COMPACTION ") AND time_ns < :before_ns)",
    "UPDATE follower SET seq = seq + " TRIM_AT_ONCE " WHERE name = " COMPACTION,
};

static int trim_run(struct store *store, const char *sql, int64_t before_ns, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = store_prepare(store, sql, &statement, error);
    if (r < 0)
        return r;
    bind_int(statement, ":before_ns", before_ns);
    return statement_run(store, statement, "removing old changes", error);
}

int changes_trim(struct store *store, int64_t before_ns, struct error *error)
{
    int r = store_usable(store, STORE_WRITE, error);
    if (r == 0)
        r = store_begin(store, error);
    if (r < 0)
        return r;
    for (size_t i = 0; r == 0 && i < sizeof(trim_sql) / sizeof(*trim_sql); i++)
        r = trim_run(store, trim_sql[i], before_ns, error);
    return store_end(store, r, error);
}
