/* exports.c - how far each export has come, what it could not deliver, what it is to send again
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/exports.h"

#include "base/clock.h"
#include "store/audit.h"
#include "store/changes.h"
#include "store/handle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const export_job_slugs[EXPORT_JOB_COUNT] = {
    [EXPORT_JOB_BACKFILL] = "backfill",
    [EXPORT_JOB_SNAPSHOT] = "snapshot",
    [EXPORT_JOB_REDRIVE] = "redrive",
};

/* `export/NAME`, as followers and the audit trail call it. */
struct follower {
    char text[EXPORT_NAME_MAX + 8];
};

static struct follower follower_of(const char *name)
{
    struct follower follower;
    snprintf(follower.text, sizeof(follower.text), "export/%s", name);
    return follower;
}

/* Prepares a statement that has the export's name in it. */
static int prepare(struct store *store, enum store_mode mode, const char *sql, const char *name,
                   sqlite3_stmt **ret_statement, struct error *error)
{
    int r = store_usable(store, mode, error);
    if (r == 0)
        r = store_prepare(store, sql, ret_statement, error);
    if (r == 0)
        bind_text(*ret_statement, ":name", name);
    return r;
}

static int run(struct store *store, sqlite3_stmt *statement, struct error *error)
{
    return statement_run(store, statement, "keeping an export's place", error);
}

static int run_once(struct store *store, const char *sql, const char *name, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = prepare(store, STORE_WRITE, sql, name, &statement, error);
    return r < 0 ? r : run(store, statement, error);
}

static uint64_t number_at(sqlite3_stmt *statement, int column)
{
    return (uint64_t)sqlite3_column_int64(statement, column);
}

static const char state_sql[] =
    "SELECT follower.seq, begun_seq, taken, skipped, dead, job_taken, taken_ns, failed_ns, failure,"
    "  expired,"
    "  (SELECT count(*) FROM export_dead WHERE export = :name),"
    "  coalesce((SELECT time_ns FROM alert_change WHERE alert_change.seq > follower.seq"
    "            ORDER BY alert_change.seq LIMIT 1), 0)"
    " FROM export JOIN follower ON follower.name = 'export/' || export.name"
    " WHERE export.name = :name";

int exports_state(struct store *store, const char *name, struct export_state *ret_state,
                  struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    uint64_t newest;
    int r = changes_newest(store, &newest, error);
    if (r == 0)
        r = prepare(store, STORE_READ, state_sql, name, &statement, error);
    if (r < 0)
        return r;
    r = statement_row(store, statement, "reading an export's place", error);
    if (r < 0)
        return r;
    *ret_state = (struct export_state){
        .seq = number_at(statement, 0),
        .changes = newest - number_at(statement, 1),
        .taken = number_at(statement, 2),
        .skipped = number_at(statement, 3),
        .dead = number_at(statement, 4),
        .pending = newest - number_at(statement, 0),
        .job_taken = number_at(statement, 5),
        .taken_ns = sqlite3_column_int64(statement, 6),
        .failed_ns = sqlite3_column_int64(statement, 7),
        .expired = number_at(statement, 9),
        .dead_now = number_at(statement, 10),
        .waiting_ns = sqlite3_column_int64(statement, 11),
    };
    snprintf(ret_state->failure, sizeof(ret_state->failure), "%s", column_text(statement, 8));
    return 0;
}

int exports_each(struct store *store, export_name_fn each, void *context, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = prepare(store, STORE_READ, "SELECT name FROM export ORDER BY name", NULL, &statement,
                    error);
    if (r < 0)
        return r;
    int rc = SQLITE_DONE;
    while (r == 0 && (rc = sqlite3_step(statement)) == SQLITE_ROW)
        r = each(context, column_text(statement, 0));
    return r < 0 || rc == SQLITE_DONE ? r : store_failure(store, rc, "listing exports", error);
}

static int begin_new(struct store *store, const char *name, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    uint64_t newest;
    int r = changes_newest(store, &newest, error);
    if (r == 0)
        r = changes_cursor_put(store, follower_of(name).text, newest, error);
    if (r == 0)
        r = prepare(store, STORE_WRITE, "INSERT INTO export (name, begun_seq) VALUES (:name, :seq)",
                    name, &statement, error);
    if (r < 0)
        return r;
    bind_int(statement, ":seq", (int64_t)newest);
    return run(store, statement, error);
}

int exports_begin(struct store *store, const char *name, struct error *error)
{
    struct export_state state;
    int r = exports_state(store, name, &state, error);
    if (r != -ENOENT)
        return r;
    r = store_usable(store, STORE_WRITE, error);
    if (r == 0)
        r = store_begin(store, error);
    return r < 0 ? r : store_end(store, begin_new(store, name, error), error);
}

/* What lies between the last place and the next one, and is no longer there, counts as skipped. */
static int counts_add(struct store *store, const char *name, const struct export_progress *progress,
                      struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = prepare(store, STORE_WRITE,
                    "UPDATE export SET taken = taken + :taken, dead = dead + :dead,"
                    " skipped = skipped + iif(:seq = 0, 0, :seq - :taken - :dead -"
                    "  (SELECT seq FROM follower WHERE follower.name = 'export/' || export.name)),"
                    " job_taken = job_taken + :job_taken,"
                    " taken_ns = iif(:taken + :job_taken > 0, :now, taken_ns),"
                    " failed_ns = iif(:taken + :job_taken > 0, 0, failed_ns)"
                    " WHERE name = :name",
                    name, &statement, error);
    if (r < 0)
        return r;
    bind_int(statement, ":taken", (int64_t)progress->taken);
    bind_int(statement, ":seq", (int64_t)progress->seq);
    bind_int(statement, ":dead", progress->seq ? (int64_t)progress->dead_count : 0);
    bind_int(statement, ":job_taken", (int64_t)progress->job_taken);
    bind_int(statement, ":now", clock_now_ns());
    return run(store, statement, error);
}

/* A record that is dead already takes over what is known of it now. */
static int dead_add(struct store *store, const char *name, const struct export_dead *dead,
                    struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = prepare(store, STORE_WRITE,
                    "INSERT INTO export_dead (export, alert_id, revision, time_ns, reason)"
                    " VALUES (:name, :alert_id, :revision, :time_ns, :reason)"
                    " ON CONFLICT (export, alert_id) DO UPDATE SET revision = excluded.revision,"
                    "  time_ns = excluded.time_ns, reason = excluded.reason",
                    name, &statement, error);
    if (r < 0)
        return r;
    bind_text(statement, ":alert_id", dead->alert_id);
    bind_int(statement, ":revision", dead->revision);
    bind_int(statement, ":time_ns", dead->time_ns);
    bind_text(statement, ":reason", dead->reason);
    return run(store, statement, error);
}

static int dead_forget(struct store *store, const char *name,
                       const struct export_progress *progress, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = prepare(store, STORE_WRITE,
                    "DELETE FROM export_dead WHERE export = :name AND alert_id = :alert_id", name,
                    &statement, error);
    for (size_t i = 0; r == 0 && i < progress->taken_id_count; i++) {
        bind_text(statement, ":alert_id", progress->taken_ids[i]);
        r = run(store, statement, error);
        sqlite3_reset(statement);
    }
    return r;
}

static int job_put(struct store *store, const char *name, const struct export_job *job,
                   struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = prepare(store, STORE_WRITE,
                    "UPDATE export_job SET position = :position, done = :done"
                    " WHERE export = :name AND kind = :kind AND requested_ns = :requested_ns",
                    name, &statement, error);
    if (r < 0)
        return r;
    bind_text(statement, ":kind", export_job_slugs[job->kind]);
    bind_int(statement, ":position", (int64_t)job->position);
    bind_int(statement, ":done", job->done);
    bind_int(statement, ":requested_ns", job->requested_ns);
    return run(store, statement, error);
}

/* What was to be sent again and is no longer there, nobody can send. */
static int redrive_end(struct store *store, const char *name, uint64_t until, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = prepare(store, STORE_WRITE,
                    "DELETE FROM export_dead WHERE export = :name AND number <= :until"
                    " AND NOT EXISTS (SELECT 1 FROM alert WHERE alert.id = alert_id)",
                    name, &statement, error);
    if (r < 0)
        return r;
    bind_int(statement, ":until", (int64_t)until);
    return run(store, statement, error);
}

static int advance(struct store *store, const char *name, const struct export_progress *progress,
                   struct error *error)
{
    int r = counts_add(store, name, progress, error);
    if (r == 0 && progress->seq)
        r = changes_cursor_put(store, follower_of(name).text, progress->seq, error);
    if (r == 0)
        r = dead_forget(store, name, progress, error);
    for (size_t i = 0; r == 0 && i < progress->dead_count; i++)
        r = dead_add(store, name, &progress->dead[i], error);
    const struct export_job *job = progress->job;
    if (r == 0 && job)
        r = job_put(store, name, job, error);
    if (r == 0 && job && job->done && job->kind == EXPORT_JOB_REDRIVE)
        r = redrive_end(store, name, job->until, error);
    return r;
}

int exports_advance(struct store *store, const char *name, const struct export_progress *progress,
                    struct error *error)
{
    int r = store_usable(store, STORE_WRITE, error);
    if (r == 0)
        r = store_begin(store, error);
    return r < 0 ? r : store_end(store, advance(store, name, progress, error), error);
}

int exports_failed(struct store *store, const char *name, const char *reason, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = prepare(store, STORE_WRITE,
                    "UPDATE export SET failed_ns = :now, failure = :reason WHERE name = :name",
                    name, &statement, error);
    if (r < 0)
        return r;
    bind_int(statement, ":now", clock_now_ns());
    bind_text(statement, ":reason", reason);
    return run(store, statement, error);
}

static int ask_put(struct store *store, const char *name, enum export_job_kind kind,
                   int64_t since_ns, int64_t now_ns, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = prepare(store, STORE_WRITE,
                    "INSERT OR REPLACE INTO export_job (export, kind, since_ns, position,"
                    " until, requested_ns, done) VALUES (:name, :kind, :since_ns, 0,"
                    " iif(:kind = 'redrive',"
                    "  (SELECT coalesce(max(number), 0) FROM export_dead WHERE export = :name),"
                    "  (SELECT coalesce(max(seq), 0) FROM alert)), :now, 0)",
                    name, &statement, error);
    if (r < 0)
        return r;
    bind_text(statement, ":kind", export_job_slugs[kind]);
    bind_int(statement, ":since_ns", since_ns);
    bind_int(statement, ":now", now_ns);
    return run(store, statement, error);
}

int exports_ask(struct store *store, const char *name, enum export_job_kind kind, int64_t since_ns,
                const char *actor, struct error *error)
{
    int64_t now_ns = clock_now_ns();
    struct follower object = follower_of(name);
    int r = store_usable(store, STORE_WRITE, error);
    if (r == 0)
        r = store_begin(store, error);
    if (r < 0)
        return r;
    r = ask_put(store, name, kind, since_ns, now_ns, error);
    if (r == 0)
        r = audit_add(store,
                      &(struct audit_entry){.time_ns = now_ns,
                                            .actor = actor,
                                            .action = export_job_slugs[kind],
                                            .object = object.text},
                      error);
    return store_end(store, r, error);
}

static void job_read(sqlite3_stmt *statement, struct export_job *ret_job)
{
    *ret_job = (struct export_job){
        .since_ns = sqlite3_column_int64(statement, 1),
        .position = number_at(statement, 2),
        .until = number_at(statement, 3),
        .requested_ns = sqlite3_column_int64(statement, 4),
    };
    for (int kind = 0; kind < EXPORT_JOB_COUNT; kind++)
        if (strcmp(column_text(statement, 0), export_job_slugs[kind]) == 0)
            ret_job->kind = (enum export_job_kind)kind;
}

int exports_job(struct store *store, const char *name, struct export_job *ret_job,
                struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = prepare(store, STORE_READ,
                    "SELECT kind, since_ns, position, until, requested_ns FROM export_job"
                    " WHERE export = :name AND NOT done ORDER BY requested_ns, kind LIMIT 1",
                    name, &statement, error);
    if (r < 0)
        return r;
    r = statement_row(store, statement, "reading what an export is to send", error);
    if (r < 0)
        return r;
    job_read(statement, ret_job);
    return 0;
}

int exports_asked(struct store *store, const char *name, enum export_job_kind kind, int64_t *ret_ns,
                  struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = prepare(store, STORE_READ,
                    "SELECT requested_ns FROM export_job WHERE export = :name AND kind = :kind",
                    name, &statement, error);
    if (r < 0)
        return r;
    bind_text(statement, ":kind", export_job_slugs[kind]);
    int rc = sqlite3_step(statement);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        return store_failure(store, rc, "reading what an export is to send", error);
    *ret_ns = rc == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    return 0;
}

/* The position stands behind the columns of the alert. */
static const char past_sql[] =
    "SELECT " ROW_COLUMNS ", alert.seq FROM alert"
    " WHERE alert.seq > :position AND alert.seq <= :until AND end_ns >= :since_ns"
    " ORDER BY alert.seq LIMIT :limit";

static const char dead_alerts_sql[] =
    "SELECT " ROW_COLUMNS ", number FROM"
    " (SELECT number, alert_id AS dead_id FROM export_dead WHERE export = :name"
    "  AND number > :position AND number <= :until)"
    " JOIN alert ON alert.id = dead_id ORDER BY number LIMIT :limit";

int exports_job_read(struct store *store, const char *name, const struct export_job *job,
                     uint64_t limit, export_alert_fn each, void *context, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    bool redrive = job->kind == EXPORT_JOB_REDRIVE;
    int r =
        prepare(store, STORE_READ, redrive ? dead_alerts_sql : past_sql, name, &statement, error);
    struct alert *alert = r == 0 ? malloc(sizeof(*alert)) : NULL;
    if (!alert)
        return r < 0 ? r : error_set(error, -ENOMEM, "no memory for an alert");
    bind_int(statement, ":position", (int64_t)job->position);
    bind_int(statement, ":until", (int64_t)job->until);
    bind_int(statement, ":since_ns", job->since_ns);
    bind_int(statement, ":limit", (int64_t)limit);
    int rc = SQLITE_DONE;
    while (r == 0 && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        r = row_read(store, statement, alert, error);
        if (r == 0)
            r = each(context, number_at(statement, ROW_COLUMN_COUNT), alert, error);
    }
    free(alert);
    return r < 0 || rc == SQLITE_DONE ? r : store_failure(store, rc, "reading alerts", error);
}

int exports_dead(struct store *store, const char *name, uint64_t after, uint64_t limit,
                 export_dead_fn each, void *context, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = prepare(store, STORE_READ,
                    "SELECT number, alert_id, revision, time_ns, reason FROM export_dead"
                    " WHERE export = :name AND number > :after ORDER BY number LIMIT :limit",
                    name, &statement, error);
    if (r < 0)
        return r;
    bind_int(statement, ":after", (int64_t)after);
    bind_int(statement, ":limit", (int64_t)limit);
    int rc = SQLITE_DONE;
    while (r == 0 && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        const struct export_dead dead = {
            .number = number_at(statement, 0),
            .alert_id = column_text(statement, 1),
            .revision = (uint32_t)number_at(statement, 2),
            .time_ns = sqlite3_column_int64(statement, 3),
            .reason = column_text(statement, 4),
        };
        r = each(context, &dead);
    }
    return r < 0 || rc == SQLITE_DONE ? r : store_failure(store, rc, "reading dead records", error);
}

static int forget(struct store *store, const char *name, const char *actor, struct error *error)
{
    static const char *const sql[] = {
        "DELETE FROM export_dead WHERE export = :name",
        "DELETE FROM export_job WHERE export = :name",
        "DELETE FROM export WHERE name = :name",
    };
    int r = 0;
    struct follower object = follower_of(name);
    for (size_t i = 0; r == 0 && i < sizeof(sql) / sizeof(*sql); i++)
        r = run_once(store, sql[i], name, error);
    if (r == 0)
        r = changes_cursor_remove(store, object.text, error);
    const struct audit_entry entry = {
        .time_ns = clock_now_ns(), .actor = actor, .action = "forget", .object = object.text};
    return r < 0 ? r : audit_add(store, &entry, error);
}

int exports_remove(struct store *store, const char *name, const char *actor, struct error *error)
{
    int r = store_usable(store, STORE_WRITE, error);
    if (r == 0)
        r = store_begin(store, error);
    return r < 0 ? r : store_end(store, forget(store, name, actor, error), error);
}
