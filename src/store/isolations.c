/* isolations.c - who was cut off and what was blocked, at whose request, until when
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/isolations.h"

#include "base/clock.h"
#include "store/audit.h"
#include "store/handle.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *const isolation_states[ISOLATION_STATE_COUNT] = {
    [ISOLATION_PROPOSED] = "proposed", [ISOLATION_APPLIED] = "applied",
    [ISOLATION_UNDONE] = "undone",     [ISOLATION_EXPIRED] = "expired",
    [ISOLATION_FAILED] = "failed",
};

/* `isolation/12`, as the audit trail calls it. */
struct object {
    char text[32];
};

static struct object object_of(uint64_t id)
{
    struct object object;
    snprintf(object.text, sizeof(object.text), "isolation/%" PRIu64, id);
    return object;
}

static int insert(struct store *store, const struct isolation *isolation, uint64_t *ret_id,
                  struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = store_prepare(store,
                          "INSERT INTO isolation"
                          " (alert_id, target, what, state, hours, actor, reason, requested_ns)"
                          " VALUES (:alert_id, :target, :what, 'proposed', :hours, :actor, :reason,"
                          " :requested_ns) ON CONFLICT DO NOTHING",
                          &statement, error);
    if (r < 0)
        return r;
    bind_text(statement, ":alert_id", isolation->alert_id);
    bind_text(statement, ":target", isolation->target);
    bind_text(statement, ":what", isolation->what);
    bind_int(statement, ":hours", isolation->hours);
    bind_text(statement, ":actor", isolation->actor);
    bind_text(statement, ":reason", isolation->reason);
    bind_int(statement, ":requested_ns", isolation->requested_ns);
    r = statement_run(store, statement, "proposing an isolation", error);
    if (r == 0 && sqlite3_changes(store->db) == 0)
        return error_set(error, -EEXIST,
                         "%s: proposed or applied already for %s; undo that one first, or apply it",
                         isolation->what, isolation->target);
    *ret_id = (uint64_t)sqlite3_last_insert_rowid(store->db);
    return r;
}

int isolations_add(struct store *store, const struct isolation *isolation, uint64_t *ret_id,
                   struct error *error)
{
    uint64_t id = 0;
    int r = store_usable(store, STORE_WRITE, error);
    if (r == 0)
        r = store_begin(store, error);
    if (r < 0)
        return r;
    r = insert(store, isolation, &id, error);
    if (r == 0) {
        char comment[NAME_TEXT_MAX + 2 * ISOLATION_TARGET_MAX + ALERT_ID_MAX];
        snprintf(comment, sizeof(comment), "%s by %s, alert/%s", isolation->what, isolation->target,
                 isolation->alert_id);
        struct object object = object_of(id);
        r = audit_add(store,
                      &(struct audit_entry){.time_ns = isolation->requested_ns,
                                            .actor = isolation->actor,
                                            .action = "propose",
                                            .object = object.text,
                                            .to = isolation_states[ISOLATION_PROPOSED],
                                            .reason = isolation->reason,
                                            .comment = comment},
                      error);
    }
    r = store_end(store, r, error);
    if (r == 0)
        *ret_id = id;
    return r;
}

/* In the order of isolation_read(). */
#define COLUMNS                                                                                    \
    "id, alert_id, target, what, state, hours, actor, reason, failure, requested_ns, applied_ns,"  \
    " expires_ns, ended_ns"

static void text_read(sqlite3_stmt *statement, int column, char *text, size_t size)
{
    snprintf(text, size, "%s", column_text(statement, column));
}

static void isolation_read(sqlite3_stmt *statement, struct isolation *ret)
{
    *ret = (struct isolation){
        .id = (uint64_t)sqlite3_column_int64(statement, 0),
        .hours = (uint32_t)sqlite3_column_int64(statement, 5),
        .requested_ns = sqlite3_column_int64(statement, 9),
        .applied_ns = sqlite3_column_int64(statement, 10),
        .expires_ns = sqlite3_column_int64(statement, 11),
        .ended_ns = sqlite3_column_int64(statement, 12),
    };
    text_read(statement, 1, ret->alert_id, sizeof(ret->alert_id));
    text_read(statement, 2, ret->target, sizeof(ret->target));
    text_read(statement, 3, ret->what, sizeof(ret->what));
    text_read(statement, 6, ret->actor, sizeof(ret->actor));
    text_read(statement, 7, ret->reason, sizeof(ret->reason));
    text_read(statement, 8, ret->failure, sizeof(ret->failure));
    for (uint8_t state = 0; state < ISOLATION_STATE_COUNT; state++)
        if (strcmp(column_text(statement, 4), isolation_states[state]) == 0)
            ret->state = state;
}

int isolations_get(struct store *store, uint64_t id, struct isolation *ret_isolation,
                   struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = store_usable(store, STORE_READ, error);
    if (r == 0)
        r = store_prepare(store, "SELECT " COLUMNS " FROM isolation WHERE id = :id", &statement,
                          error);
    if (r < 0)
        return r;
    bind_int(statement, ":id", (int64_t)id);
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_DONE)
        return error_set(error, -ENOENT,
                         "there is no isolation %" PRIu64 "; `dnsvigil respond isolations` lists "
                         "them",
                         id);
    if (rc != SQLITE_ROW)
        return store_failure(store, rc, "reading an isolation", error);
    isolation_read(statement, ret_isolation);
    return 0;
}

/* The states of the mask as `["proposed","failed"]`. */
static void states_bind(sqlite3_stmt *statement, uint32_t states)
{
    char list[128] = "[";
    size_t len = 1;
    for (int i = 0; i < ISOLATION_STATE_COUNT; i++)
        if (!states || states & 1u << i)
            len += (size_t)snprintf(list + len, sizeof(list) - len, "%s\"%s\"", len > 1 ? "," : "",
                                    isolation_states[i]);
    snprintf(list + len, sizeof(list) - len, "]");
    bind_text(statement, ":states", list);
}

int isolations_list(struct store *store, const struct isolation_filter *filter, isolation_fn each,
                    void *context, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = store_usable(store, STORE_READ, error);
    if (r == 0)
        r = store_prepare(store,
                          "SELECT " COLUMNS " FROM isolation"
                          " WHERE state IN (SELECT value FROM json_each(:states))"
                          " AND (:alert_id IS NULL OR alert_id = :alert_id)"
                          " AND (:target IS NULL OR target = :target)"
                          " AND (:expired_ns = 0 OR expires_ns <= :expired_ns)"
                          " AND (:below = 0 OR id < :below)"
                          " ORDER BY id DESC LIMIT :limit",
                          &statement, error);
    if (r < 0)
        return r;
    states_bind(statement, filter->states);
    bind_text(statement, ":alert_id", filter->alert_id);
    bind_text(statement, ":target", filter->target);
    bind_int(statement, ":expired_ns", filter->expired_ns);
    bind_int(statement, ":below", (int64_t)filter->below);
    bind_int(statement, ":limit", filter->limit ? (int64_t)filter->limit : -1);
    int rc = SQLITE_DONE;
    while (r == 0 && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        struct isolation isolation;
        isolation_read(statement, &isolation);
        r = each(context, &isolation, error);
    }
    return r < 0 || rc == SQLITE_DONE ? r : store_failure(store, rc, "listing isolations", error);
}

/* What each state sets; others stay as they are. */
static int update(struct store *store, const struct isolation_change *change, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = store_prepare(
        store,
        "UPDATE isolation SET state = :to, failure = :failure,"
        " applied_ns = iif(:to = 'applied' AND :from <> :to, :now_ns, applied_ns),"
        " expires_ns = iif(:to = 'applied' AND :from <> :to, :now_ns + hours * 3600000000000,"
        "                  expires_ns),"
        " ended_ns = iif(:to IN ('undone', 'expired'), :now_ns, 0)"
        " WHERE id = :id AND state = :from",
        &statement, error);
    if (r < 0)
        return r;
    bind_int(statement, ":id", (int64_t)change->id);
    bind_text(statement, ":from", isolation_states[change->from]);
    bind_text(statement, ":to", isolation_states[change->to]);
    bind_text(statement, ":failure", change->failure);
    bind_int(statement, ":now_ns", change->now_ns);
    r = statement_run(store, statement, "changing an isolation", error);
    if (r == 0 && sqlite3_changes(store->db) == 0)
        return error_set(error, -ESTALE, "isolation %" PRIu64 ": not %s any more; look at it again",
                         change->id, isolation_states[change->from]);
    return r;
}

static int serial_put(struct store *store, const struct isolation_change *change,
                      struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = store_prepare(store,
                          "INSERT INTO isolation_serial (target, serial)"
                          " SELECT target, :serial FROM isolation WHERE id = :id"
                          " ON CONFLICT (target) DO UPDATE SET serial = excluded.serial",
                          &statement, error);
    if (r < 0)
        return r;
    bind_int(statement, ":serial", change->serial);
    bind_int(statement, ":id", (int64_t)change->id);
    return statement_run(store, statement, "keeping a serial", error);
}

static int change_tell(struct store *store, const struct isolation_change *change,
                       struct error *error)
{
    /* What was done, or tried, is the state it led or was to lead to. */
    static const char *const actions[ISOLATION_STATE_COUNT] = {
        [ISOLATION_APPLIED] = "apply",
        [ISOLATION_UNDONE] = "undo",
        [ISOLATION_EXPIRED] = "expire",
        [ISOLATION_FAILED] = "apply",
    };
    bool failed = change->from == ISOLATION_APPLIED && change->to == ISOLATION_APPLIED;
    const char *action = failed ? "undo" : actions[change->to];
    struct object object = object_of(change->id);
    return audit_add(store,
                     &(struct audit_entry){.time_ns = change->now_ns,
                                           .actor = change->actor,
                                           .action = action,
                                           .object = object.text,
                                           .from = isolation_states[change->from],
                                           .to = isolation_states[change->to],
                                           .comment = change->failure},
                     error);
}

int isolations_change(struct store *store, const struct isolation_change *change,
                      struct error *error)
{
    int r = store_usable(store, STORE_WRITE, error);
    if (r == 0)
        r = store_begin(store, error);
    if (r < 0)
        return r;
    r = update(store, change, error);
    if (r == 0 && change->serial)
        r = serial_put(store, change, error);
    if (r == 0)
        r = change_tell(store, change, error);
    return store_end(store, r, error);
}

int isolations_serial(struct store *store, const char *target, uint32_t *ret_serial,
                      struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = store_usable(store, STORE_READ, error);
    if (r == 0)
        r = store_prepare(store, "SELECT serial FROM isolation_serial WHERE target = :target",
                          &statement, error);
    if (r < 0)
        return r;
    bind_text(statement, ":target", target);
    int rc = sqlite3_step(statement);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        return store_failure(store, rc, "reading a serial", error);
    *ret_serial = rc == SQLITE_ROW ? (uint32_t)sqlite3_column_int64(statement, 0) : 0;
    return 0;
}
