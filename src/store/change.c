/* change.c - what people and time do to stored alerts: status, audit trail, retention
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/audit.h"
#include "store/query.h"

#include "base/clock.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COMMENT_MAX_BYTES = 4096 };

/* Alerts by their place in the store. */
struct seqs {
    int64_t *items;
    size_t count;
    size_t cap;
};

static bool seqs_add(struct seqs *seqs, int64_t seq)
{
    if (seqs->count == seqs->cap) {
        size_t cap = seqs->cap ? 2 * seqs->cap : 64;
        int64_t *items = reallocarray(seqs->items, cap, sizeof(*items));
        if (!items)
            return false;
        seqs->items = items;
        seqs->cap = cap;
    }
    seqs->items[seqs->count++] = seq;
    return true;
}

/* What of an alert can be changed, in the order entries of the trail are made. */
enum { STATUS, DISPOSITION, ASSIGNEE, FEEDBACK, FEEDBACK_REASON, CONTACT, COMPROMISED, FIELDS };

static const char *const field_names[FIELDS] = {
    [STATUS] = "status",           [DISPOSITION] = "disposition",         [ASSIGNEE] = "assignee",
    [FEEDBACK] = "feedback",       [FEEDBACK_REASON] = "feedback_reason", [CONTACT] = "contact",
    [COMPROMISED] = "compromised",
};

static const char current_sql[] =
    "SELECT id, revision, status, disposition, assignee, feedback, feedback_reason, contact,"
    " CASE compromised WHEN 0 THEN 'false' ELSE 'true' END FROM alert WHERE seq = :seq";
enum { COLUMN_ID, COLUMN_REVISION, COLUMN_FIELDS };

/* NULL leaves a value as it is. */
static const char change_sql[] =
    "UPDATE alert SET revision = revision + 1, status = coalesce(:status, status),"
    " disposition = coalesce(:disposition, disposition), assignee = coalesce(:assignee, assignee),"
    " feedback = coalesce(:feedback, feedback),"
    " feedback_reason = coalesce(:feedback_reason, feedback_reason),"
    " contact = coalesce(:contact, contact),"
    " compromised = coalesce(:compromised = 'true', compromised) WHERE seq = :seq";

struct changing {
    struct store *store;
    const struct store_change *change;
    const char *values[FIELDS]; /* NULL: left as it is */
    int64_t now_ns;
    sqlite3_stmt *current;
    sqlite3_stmt *update;
};

static void values_fill(struct changing *changing)
{
    const struct store_change *change = changing->change;
    const char **values = changing->values;
    if (change->status >= 0)
        values[STATUS] = alert_status_names[change->status][LANGUAGE_EN];
    if (change->disposition >= 0)
        values[DISPOSITION] = disposition_names[change->disposition][LANGUAGE_EN];
    if (change->feedback >= 0)
        values[FEEDBACK] = feedback_names[change->feedback][LANGUAGE_EN];
    if (change->contact >= 0)
        values[CONTACT] = contact_names[change->contact][LANGUAGE_EN];
    if (change->compromised >= 0)
        values[COMPROMISED] = change->compromised ? "true" : "false";
    values[ASSIGNEE] = change->assignee;
    values[FEEDBACK_REASON] = change->feedback_reason;
}

static int text_check(const char *text, size_t max_bytes, const char *what, struct error *error)
{
    size_t len = text ? strlen(text) : 0;
    if (len > max_bytes)
        return error_set(error, -EINVAL, "the %s is longer than %zu bytes", what, max_bytes);
    if (text && !utf8_valid(text, len))
        return error_set(error, -EINVAL, "the %s is not UTF-8", what);
    return 0;
}

static int change_check(const struct store_change *change, struct error *error)
{
    const struct alert *alert = NULL;
    int r = text_check(change->assignee, sizeof(alert->assignee) - 1, "assignee", error);
    if (r == 0)
        r = text_check(change->feedback_reason, sizeof(alert->feedback_reason) - 1,
                       "reason of the feedback", error);
    if (r == 0)
        r = text_check(change->actor, ALERT_TEXT_MAX, "actor", error);
    if (r == 0)
        r = text_check(change->reason, COMMENT_MAX_BYTES, "reason", error);
    return r < 0 ? r : text_check(change->comment, COMMENT_MAX_BYTES, "comment", error);
}

/* The reason that goes with an entry: what was said, else the disposition the alert now has. */
static const char *reason_of(const struct changing *changing)
{
    if (changing->change->reason)
        return changing->change->reason;
    if (changing->values[DISPOSITION])
        return changing->values[DISPOSITION];
    return column_text(changing->current, COLUMN_FIELDS + DISPOSITION);
}

static bool differs(const struct changing *changing, int field)
{
    const char *value = changing->values[field];
    return value && strcmp(value, column_text(changing->current, COLUMN_FIELDS + field)) != 0;
}

/* Entries for what differs in the current row; the comment stands with the first. Returns how many
 * fields do, or a negative errno. */
static int entries_add(const struct changing *changing, const char *object, struct error *error)
{
    int count = 0, r = 0;
    struct audit_entry entry = {
        .time_ns = changing->now_ns,
        .actor = changing->change->actor,
        .object = object,
        .reason = reason_of(changing),
        .comment = changing->change->comment,
    };
    for (int i = 0; r == 0 && i < FIELDS; i++) {
        if (!differs(changing, i))
            continue;
        entry.action = field_names[i];
        entry.from = column_text(changing->current, COLUMN_FIELDS + i);
        entry.to = changing->values[i];
        r = audit_add(changing->store, &entry, error);
        entry.comment = NULL;
        count++;
    }
    return r < 0 ? r : count;
}

static int note_add(const struct changing *changing, const char *object, struct error *error)
{
    const struct audit_entry entry = {
        .time_ns = changing->now_ns,
        .actor = changing->change->actor,
        .action = "note",
        .object = object,
        .reason = reason_of(changing),
        .comment = changing->change->comment,
    };
    return audit_add(changing->store, &entry, error);
}

static int row_update(const struct changing *changing, int64_t seq, struct error *error)
{
    bind_int(changing->update, ":seq", seq);
    int rc = sqlite3_step(changing->update);
    sqlite3_reset(changing->update);
    return rc == SQLITE_DONE ? 0 : store_failure(changing->store, rc, "changing alerts", error);
}

/* Changes the alert whose row `current` stands on. Returns 1 if it has a new entry, else 0. */
static int row_change(const struct changing *changing, int64_t seq, struct error *error)
{
    const struct store_change *change = changing->change;
    char object[sizeof("alert/") + ALERT_ID_MAX];
    uint32_t revision = (uint32_t)sqlite3_column_int64(changing->current, COLUMN_REVISION);
    const char *id = column_text(changing->current, COLUMN_ID);
    snprintf(object, sizeof(object), "alert/%s", id);
    if (change->if_revision && change->if_revision != revision)
        return error_set(error, -ESTALE,
                         "alert %s has changed meanwhile: it is at revision %u, not %u; look again",
                         id, revision, change->if_revision);
    int fields = entries_add(changing, object, error);
    if (fields > 0) {
        int r = row_update(changing, seq, error);
        return r < 0 ? r : 1;
    }
    if (fields < 0 || !change->comment || !*change->comment)
        return fields;
    int r = note_add(changing, object, error);
    return r < 0 ? r : 1;
}

static int one_change(const struct changing *changing, int64_t seq, struct error *error)
{
    int r = 0;
    bind_int(changing->current, ":seq", seq);
    int rc = sqlite3_step(changing->current);
    if (rc == SQLITE_ROW)
        r = row_change(changing, seq, error);
    else if (rc != SQLITE_DONE)
        r = store_failure(changing->store, rc, "changing alerts", error);
    sqlite3_reset(changing->current);
    return r;
}

/* The alerts are chosen before the first one changes: a change must not bring others in. */
static int seqs_gather(struct store *store, const struct store_filter *filter,
                       struct seqs *ret_seqs, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    struct query query;
    struct buf sql;
    int rc = SQLITE_DONE, r = query_init(&query, store, filter, error);
    if (r < 0)
        return r;
    buf_init(&sql, QUERY_SQL_MAX_BYTES);
    buf_text(&sql, "SELECT alert.seq");
    query_from(&query, &sql);
    r = store_prepare(store, sql.data, &statement, error);
    buf_done(&sql);
    if (r == 0)
        query_bind(&query, statement);
    query_done(&query);
    while (r == 0 && (rc = sqlite3_step(statement)) == SQLITE_ROW)
        if (!seqs_add(ret_seqs, sqlite3_column_int64(statement, 0)))
            r = error_set(error, -ENOMEM, "%s: no memory for a list of alerts", store->path);
    return r < 0 || rc == SQLITE_DONE ? r : store_failure(store, rc, "choosing alerts", error);
}

static int changes_make(struct changing *changing, const struct seqs *seqs, size_t *changed,
                        struct error *error)
{
    struct store *store = changing->store;
    int r = store_prepare(store, current_sql, &changing->current, error);
    if (r == 0)
        r = store_prepare(store, change_sql, &changing->update, error);
    for (int i = 0; r == 0 && i < FIELDS; i++) {
        char name[32];
        snprintf(name, sizeof(name), ":%s", field_names[i]);
        bind_text(changing->update, name, changing->values[i]);
    }
    for (size_t i = 0; r >= 0 && i < seqs->count; i++) {
        r = one_change(changing, seqs->items[i], error);
        *changed += r > 0;
    }
    sqlite3_finalize(changing->current);
    sqlite3_finalize(changing->update);
    return r < 0 ? r : 0;
}

int store_set(struct store *store, const struct store_filter *filter,
              const struct store_change *change, size_t *ret_changed, struct error *error)
{
    struct changing changing = {.store = store, .change = change, .now_ns = clock_now_ns()};
    struct seqs seqs = {0};
    size_t changed = 0;
    int r = store_usable(store, STORE_WRITE, error);
    if (r == 0)
        r = change_check(change, error);
    if (r == 0)
        r = store_begin(store, error);
    if (r < 0)
        return r;
    values_fill(&changing);
    r = seqs_gather(store, filter, &seqs, error);
    if (r == 0)
        r = changes_make(&changing, &seqs, &changed, error);
    free(seqs.items);
    r = store_end(store, r, error);
    if (r == 0)
        *ret_changed = changed;
    return r;
}

struct listener {
    store_event_fn each;
    void *context;
};

static int history_give(void *context, uint64_t seq, const struct audit_entry *entry,
                        const uint8_t hash[static AUDIT_HASH_BYTES])
{
    (void)seq, (void)hash;
    const struct listener *listener = context;
    const struct store_event event = {
        .time_ns = entry->time_ns,
        .actor = entry->actor,
        .what = entry->action,
        .from = entry->from,
        .to = entry->to,
        .reason = entry->reason,
        .comment = entry->comment,
    };
    return listener->each(listener->context, &event);
}

int store_history(struct store *store, const char *id, store_event_fn each, void *context,
                  struct error *error)
{
    char object[sizeof("alert/") + ALERT_ID_MAX];
    struct listener listener = {each, context};
    snprintf(object, sizeof(object), "alert/%s", id);
    const struct audit_filter filter = {.object = object};
    return audit_list(store, &filter, history_give, &listener, error);
}

#define OLD_ALERTS "(SELECT seq FROM alert WHERE kept_ns < :before_ns ORDER BY kept_ns LIMIT 200)"

/* The last one tells how many alerts go; triggers take what else is theirs. An export that has not
 * sent them yet is told how many it has missed. */
static const char *const purge_sql[] = {
    "UPDATE export SET expired = expired + (SELECT count(*) FROM alert JOIN alert_change"
    "  ON alert_id = alert.id AND alert_change.revision = alert.revision"
    "  WHERE alert.seq IN " OLD_ALERTS " AND alert_change.seq >"
    "   (SELECT seq FROM follower WHERE follower.name = 'export/' || export.name))",
    "DELETE FROM alert_change WHERE alert_id IN (SELECT id FROM alert WHERE seq IN " OLD_ALERTS ")",
    "INSERT INTO alert_fts (alert_fts, rowid, text)"
    " SELECT 'delete', seq, text FROM alert_text WHERE seq IN " OLD_ALERTS,
    "DELETE FROM alert WHERE seq IN " OLD_ALERTS,
};

static int purge_run(struct store *store, const char *sql, int64_t before_ns, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = store_prepare(store, sql, &statement, error);
    if (r < 0)
        return r;
    bind_int(statement, ":before_ns", before_ns);
    return statement_run(store, statement, "removing old alerts", error);
}

/* Deletes some alerts in a transaction of their own, so that the log stays short. */
static int purge_step(struct store *store, int64_t before_ns, size_t *deleted, struct error *error)
{
    *deleted = 0;
    int r = store_begin(store, error);
    if (r < 0)
        return r;
    for (size_t i = 0; r == 0 && i < sizeof(purge_sql) / sizeof(purge_sql[0]); i++)
        r = purge_run(store, purge_sql[i], before_ns, error);
    size_t changes = r == 0 ? (size_t)sqlite3_changes(store->db) : 0;
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
