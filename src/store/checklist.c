/* checklist.c - what was done about an alert: a state for each action of the response
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/checklist.h"

#include "base/clock.h"
#include "store/audit.h"
#include "store/handle.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What an alert's record tells of the list: see checklist_recall() and schema.c. */
#define ACTIONS_SQL                                                                                \
    "group_concat(action || ' ' || state || ' ' || time_ns || ' ' || actor, char(10))"             \
    " FROM checklist WHERE alert_id = :alert_id"

const char *const action_states[ACTION_STATE_COUNT] = {
    [ACTION_TO_DO] = "to_do",
    [ACTION_DONE] = "done",
    [ACTION_NOT_APPLICABLE] = "not_applicable",
};

int action_state_parse(const char *text)
{
    char word[32];
    snprintf(word, sizeof(word), "%s", text);
    for (char *c = word; *c; c++)
        if (*c == '-')
            *c = '_';
    for (int state = 0; state < ACTION_STATE_COUNT; state++)
        if (strcmp(word, action_states[state]) == 0)
            return state;
    return -1;
}

static void row_take(sqlite3_stmt *statement, struct checklist_row *rows)
{
    for (int i = 0; i < RESPONSE_ACTION_COUNT; i++) {
        if (strcmp(column_text(statement, 0), response_actions[i].slug) != 0)
            continue;
        int state = action_state_parse(column_text(statement, 1));
        rows[i].state = state < 0 ? ACTION_TO_DO : (uint8_t)state;
        snprintf(rows[i].by, sizeof(rows[i].by), "%s", column_text(statement, 2));
        snprintf(rows[i].note, sizeof(rows[i].note), "%s", column_text(statement, 3));
        rows[i].at_ns = sqlite3_column_int64(statement, 4);
    }
}

int checklist_get(struct store *store, const char *alert_id,
                  struct checklist_row ret_rows[static RESPONSE_ACTION_COUNT], struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = store_usable(store, STORE_READ, error);
    if (r == 0)
        r = store_prepare(store,
                          "SELECT action, state, actor, note, time_ns FROM checklist"
                          " WHERE alert_id = :alert_id",
                          &statement, error);
    if (r < 0)
        return r;
    bind_text(statement, ":alert_id", alert_id);
    memset(ret_rows, 0, RESPONSE_ACTION_COUNT * sizeof(*ret_rows));
    int rc;
    while ((rc = sqlite3_step(statement)) == SQLITE_ROW)
        row_take(statement, ret_rows);
    return rc == SQLITE_DONE ? 0 : store_failure(store, rc, "reading a checklist", error);
}

static void action_recall(const char *line, struct alert *alert)
{
    struct alert_action told = {.by = ""};
    if (sscanf(line, "%23s %15s %" SCNd64 " %63[^\n]", told.id, told.state, &told.at_ns, told.by) <
        3)
        return;
    for (unsigned i = 0; i < alert->action_count; i++)
        if (strcmp(alert->actions[i].id, told.id) == 0)
            alert->actions[i] = told;
}

void checklist_recall(const char *text, struct alert *alert)
{
    _Static_assert((int)RESPONSE_ACTION_COUNT <= (int)ALERT_ACTIONS_MAX, "all fit");
    alert->action_count = *text ? RESPONSE_ACTION_COUNT : 0;
    for (unsigned i = 0; i < alert->action_count; i++) {
        struct alert_action *action = &alert->actions[i];
        *action = (struct alert_action){.by = ""};
        snprintf(action->id, sizeof(action->id), "%s", response_actions[i].slug);
        snprintf(action->state, sizeof(action->state), "%s", action_states[ACTION_TO_DO]);
    }
    while (*text) {
        action_recall(text, alert);
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
}

struct check {
    const char *alert_id;
    const char *action;
    const char *state;
    const char *actor;
    const char *note;
    int64_t now_ns;
};

/* Runs one statement with the values of the check; returns how many rows it changed. */
static int check_run(struct store *store, const char *sql, const struct check *check,
                     struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = store_prepare(store, sql, &statement, error);
    if (r < 0)
        return r;
    bind_text(statement, ":alert_id", check->alert_id);
    bind_text(statement, ":action", check->action);
    bind_text(statement, ":state", check->state);
    bind_text(statement, ":actor", check->actor);
    bind_text(statement, ":note", check->note);
    bind_int(statement, ":now_ns", check->now_ns);
    int rc = sqlite3_step(statement);
    return rc == SQLITE_DONE ? sqlite3_changes(store->db)
                             : store_failure(store, rc, "changing a checklist", error);
}

static int check_keep(struct store *store, const struct check *check, struct error *error)
{
    int r = check_run(store, "UPDATE alert SET revision = revision + 1 WHERE id = :alert_id", check,
                      error);
    if (r == 0)
        return error_set(error, -ENOENT, "there is no alert %s", check->alert_id);
    if (r > 0)
        r = check_run(store,
                      "INSERT INTO checklist (alert_id, action, state, actor, note, time_ns)"
                      " VALUES (:alert_id, :action, :state, :actor, :note, :now_ns)"
                      " ON CONFLICT (alert_id, action) DO UPDATE SET state = excluded.state,"
                      " actor = excluded.actor, note = excluded.note, time_ns = excluded.time_ns",
                      check, error);
    if (r > 0)
        r = check_run(store,
                      "UPDATE alert SET actions = (SELECT " ACTIONS_SQL ") WHERE id = :alert_id",
                      check, error);
    return r < 0 ? r : 0;
}

int checklist_set(struct store *store, const char *alert_id, enum response_action action,
                  enum action_state state, const char *actor, const char *note, struct error *error)
{
    struct checklist_row before[RESPONSE_ACTION_COUNT];
    char object[ALERT_ID_MAX + 8];
    struct check check = {
        alert_id, response_actions[action].slug, action_states[state], actor, note, clock_now_ns()};
    int r = store_usable(store, STORE_WRITE, error);
    if (r == 0)
        r = store_begin(store, error);
    if (r < 0)
        return r;
    r = checklist_get(store, alert_id, before, error);
    if (r == 0)
        r = check_keep(store, &check, error);
    snprintf(object, sizeof(object), "alert/%s", alert_id);
    if (r == 0)
        r = audit_add(store,
                      &(struct audit_entry){.time_ns = check.now_ns,
                                            .actor = actor,
                                            .action = check.action,
                                            .object = object,
                                            .from = action_states[before[action].state],
                                            .to = check.state,
                                            .comment = note},
                      error);
    return store_end(store, r, error);
}
