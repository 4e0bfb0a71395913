/* change.c - what people and time do to stored alerts: status, audit trail, retention
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/handle.h"

#include "base/clock.h"

#include <errno.h>

/* NULL leaves a value as it is. */
#define DIFFERS                                                                                    \
    "(status <> coalesce(:status, status) OR disposition <> coalesce(:disposition, disposition))"

static const char audit_sql[] =
    "INSERT INTO alert_event (time_ns, alert_id, actor, what, from_value, to_value, reason, "
    "comment)"
    " SELECT :time_ns, id, :actor,"
    "  CASE WHEN status <> coalesce(:status, status) THEN 'status'"
    "       WHEN " DIFFERS " THEN 'disposition' ELSE 'comment' END,"
    "  CASE WHEN status <> coalesce(:status, status) THEN status"
    "       WHEN " DIFFERS " THEN disposition ELSE '' END,"
    "  CASE WHEN status <> coalesce(:status, status) THEN :status"
    "       WHEN " DIFFERS " THEN :disposition ELSE '' END,"
    "  coalesce(:disposition, disposition), :comment"
    " FROM alert WHERE " FILTER_SQL " AND (" DIFFERS " OR :comment <> '')";

static const char change_sql[] =
    "UPDATE alert SET revision = revision + 1, status = coalesce(:status, status),"
    " disposition = coalesce(:disposition, disposition)"
    " WHERE " FILTER_SQL " AND " DIFFERS;

static int change_run(struct store *store, const char *sql, const struct store_filter *filter,
                      const struct store_change *change, int64_t now_ns, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = store_prepare(store, sql, &statement, error);
    if (r == 0)
        r = filter_bind(filter, statement, error);
    if (r < 0)
        return r;
    if (change->status >= 0)
        bind_text(statement, ":status", alert_status_names[change->status][LANGUAGE_EN]);
    if (change->disposition >= 0)
        bind_text(statement, ":disposition", disposition_names[change->disposition][LANGUAGE_EN]);
    bind_text(statement, ":actor", change->actor);
    bind_text(statement, ":comment", change->comment);
    bind_int(statement, ":time_ns", now_ns);
    int rc = sqlite3_step(statement);
    return rc == SQLITE_DONE ? 0 : store_failure(store, rc, "changing alerts", error);
}

int store_set(struct store *store, const struct store_filter *filter,
              const struct store_change *change, size_t *ret_changed, struct error *error)
{
    int64_t now_ns = clock_now_ns();
    int r = store_usable(store, STORE_WRITE, error);
    if (r == 0)
        r = store_begin(store, error);
    if (r < 0)
        return r;
    r = change_run(store, audit_sql, filter, change, now_ns, error);
    size_t changed = r == 0 ? (size_t)sqlite3_changes(store->db) : 0;
    if (r == 0)
        r = change_run(store, change_sql, filter, change, now_ns, error);
    r = store_end(store, r, error);
    if (r == 0)
        *ret_changed = changed;
    return r;
}

int store_history(struct store *store, const char *id, store_event_fn each, void *context,
                  struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = store_usable(store, STORE_READ, error);
    if (r == 0)
        r = store_prepare(store,
                          "SELECT time_ns, actor, what, from_value, to_value, reason, comment"
                          " FROM alert_event WHERE alert_id = :id ORDER BY seq",
                          &statement, error);
    if (r < 0)
        return r;
    bind_text(statement, ":id", id);
    int rc;
    while (r == 0 && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        struct store_event event = {
            .time_ns = sqlite3_column_int64(statement, 0),
            .actor = column_text(statement, 1),
            .what = column_text(statement, 2),
            .from = column_text(statement, 3),
            .to = column_text(statement, 4),
            .reason = column_text(statement, 5),
            .comment = column_text(statement, 6),
        };
        r = each(context, &event);
    }
    return r < 0 || rc == SQLITE_DONE ? r
                                      : store_failure(store, rc, "reading the audit trail", error);
}

/* Deletes some alerts in a transaction of their own, so that the log stays short. */
static int purge_step(struct store *store, int64_t before_ns, size_t *deleted, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    *deleted = 0;
    int r = store_begin(store, error);
    if (r < 0)
        return r;
    r = store_prepare(store,
                      "DELETE FROM alert WHERE seq IN"
                      " (SELECT seq FROM alert WHERE kept_ns < :before_ns LIMIT 200)",
                      &statement, error);
    if (r == 0) {
        bind_int(statement, ":before_ns", before_ns);
        int rc = sqlite3_step(statement);
        r = rc == SQLITE_DONE ? 0 : store_failure(store, rc, "removing old alerts", error);
    }
    size_t changes = r == 0 ? (size_t)sqlite3_changes(store->db) : 0;
    sqlite3_reset(statement);
    r = store_end(store, r, error);
    if (r == 0)
        *deleted = changes;
    return r;
}

int store_purge(struct store *store, int64_t before_ns, size_t *ret_deleted, struct error *error)
{
    size_t deleted, total = 0;
    bool retried = false;
    int r = store_usable(store, STORE_WRITE, error);
    if (r < 0)
        return r;
    for (;;) {
        r = purge_step(store, before_ns, &deleted, error);
        total += deleted;
        bool again = r == -ENOSPC && !retried; /* the failure has given back the ballast */
        retried |= again;
        if (!again && (r < 0 || deleted == 0))
            break;
    }
    if (r < 0)
        return r;
    ballast_keep(store);
    *ret_deleted = total;
    return 0;
}
