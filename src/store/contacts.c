/* contacts.c - what owners of machines were asked about alerts, and what they answered
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/contacts.h"
#include "store/handle.h"

#include <errno.h>
#include <stdio.h>

#define COLUMNS                                                                                    \
    "id, alert_id, address, asked_by, asked_ns, expires_ns, answer, answered_ns, answered_by"
#define COPY(member, statement, column)                                                            \
    snprintf(member, sizeof(member), "%s", column_text(statement, column))

static void inquiry_read(sqlite3_stmt *statement, struct inquiry *ret)
{
    int answer = contact_parse(column_text(statement, 6));
    *ret = (struct inquiry){
        .asked_ns = sqlite3_column_int64(statement, 4),
        .expires_ns = sqlite3_column_int64(statement, 5),
        .answer = answer < 0 ? CONTACT_ASKED : (uint8_t)answer,
        .answered_ns = sqlite3_column_int64(statement, 7),
    };
    COPY(ret->id, statement, 0);
    COPY(ret->alert_id, statement, 1);
    COPY(ret->address, statement, 2);
    COPY(ret->asked_by, statement, 3);
    COPY(ret->answered_by, statement, 8);
}

static int select_prepare(struct store *store, const char *sql, const char *id,
                          sqlite3_stmt **ret_statement, struct error *error)
{
    int r = store_usable(store, STORE_READ, error);
    if (r == 0)
        r = store_prepare(store, sql, ret_statement, error);
    if (r == 0)
        bind_text(*ret_statement, ":id", id);
    return r;
}

int inquiry_get(struct store *store, const char *id, struct inquiry *ret_inquiry,
                struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = select_prepare(store, "SELECT " COLUMNS " FROM inquiry WHERE id = :id", id, &statement,
                           error);
    if (r < 0)
        return r;
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW)
        inquiry_read(statement, ret_inquiry);
    else if (rc != SQLITE_DONE)
        return store_failure(store, rc, "reading an inquiry", error);
    return rc == SQLITE_ROW ? 0 : -ENOENT;
}

int inquiries_of(struct store *store, const char *alert_id,
                 struct inquiry ret_inquiries[static INQUIRY_LISTED_MAX], size_t *ret_count,
                 struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    size_t count = 0;
    int rc = SQLITE_DONE;
    int r = select_prepare(store,
                           "SELECT " COLUMNS " FROM inquiry WHERE alert_id = :id"
                           " ORDER BY asked_ns DESC",
                           alert_id, &statement, error);
    if (r < 0)
        return r;
    while (count < INQUIRY_LISTED_MAX && (rc = sqlite3_step(statement)) == SQLITE_ROW)
        inquiry_read(statement, &ret_inquiries[count++]);
    if (count < INQUIRY_LISTED_MAX && rc != SQLITE_DONE)
        return store_failure(store, rc, "reading inquiries", error);
    *ret_count = count;
    return 0;
}

static int insert(struct store *store, const struct inquiry *inquiry, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = store_prepare(store,
                          "INSERT INTO inquiry (id, alert_id, address, asked_by, asked_ns,"
                          " expires_ns) VALUES (:id, :alert_id, :address, :asked_by, :asked_ns,"
                          " :expires_ns)",
                          &statement, error);
    if (r < 0)
        return r;
    bind_text(statement, ":id", inquiry->id);
    bind_text(statement, ":alert_id", inquiry->alert_id);
    bind_text(statement, ":address", inquiry->address);
    bind_text(statement, ":asked_by", inquiry->asked_by);
    bind_int(statement, ":asked_ns", inquiry->asked_ns);
    bind_int(statement, ":expires_ns", inquiry->expires_ns);
    return statement_run(store, statement, "keeping an inquiry", error);
}

static int alert_set(struct store *store, const char *alert_id, const struct store_change *change,
                     struct error *error)
{
    size_t changed;
    const char *const ids[] = {alert_id};
    const struct store_filter filter = {.ids = ids, .id_count = 1};
    return store_set(store, &filter, change, &changed, error);
}

int inquiry_put(struct store *store, const struct inquiry *inquiry,
                const struct delivery_plan plans[], size_t n, struct error *error)
{
    char comment[ALERT_TEXT_MAX + 16];
    struct store_change change = STORE_CHANGE_NONE;
    snprintf(comment, sizeof(comment), "asked %s", inquiry->address);
    change.contact = CONTACT_ASKED;
    change.actor = inquiry->asked_by;
    change.comment = comment;
    int r = store_usable(store, STORE_WRITE, error);
    if (r == 0)
        r = store_begin(store, error);
    if (r < 0)
        return r;
    r = store_end(store, insert(store, inquiry, error), error);
    if (r == 0)
        r = deliveries_plan(store, plans, n, NULL, 0, error);
    return r == 0 ? alert_set(store, inquiry->alert_id, &change, error) : r;
}

/* Marks the inquiry as answered, or all open ones of the alert. */
static int close_run(struct store *store, const struct inquiry_answer *answer, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = store_prepare(store,
                          "UPDATE inquiry SET answer = :answer, answered_ns = :now_ns,"
                          " answered_by = :actor WHERE answer = 'asked' AND"
                          " CASE WHEN :id IS NULL THEN alert_id = :alert_id ELSE id = :id END",
                          &statement, error);
    if (r < 0)
        return r;
    bind_text(statement, ":answer", contact_names[answer->answer][LANGUAGE_EN]);
    bind_int(statement, ":now_ns", answer->now_ns);
    bind_text(statement, ":actor", answer->actor);
    bind_text(statement, ":id", answer->inquiry_id);
    bind_text(statement, ":alert_id", answer->alert_id);
    return statement_run(store, statement, "closing an inquiry", error);
}

/* One writer: what is open here is open when it is closed below. */
static int check_open(struct store *store, const struct inquiry_answer *answer, struct error *error)
{
    struct inquiry inquiry;
    int r = inquiry_get(store, answer->inquiry_id, &inquiry, error);
    if (r == -ENOENT)
        return error_set(error, r, "there is no such inquiry");
    if (r < 0)
        return r;
    if (inquiry.answer != CONTACT_ASKED)
        return error_set(error, -EALREADY, "this question was answered before");
    if (inquiry.expires_ns <= answer->now_ns)
        return error_set(error, -ETIME, "the time to answer this question is over");
    return 0;
}

static struct store_change change_for(const struct inquiry_answer *answer,
                                      const struct alert *alert)
{
    struct store_change change = STORE_CHANGE_NONE;
    change.contact = answer->answer;
    change.actor = answer->actor;
    change.comment = answer->comment;
    if (answer->answer == CONTACT_EXPECTED) {
        change.status = ALERT_STATUS_DISMISSED;
        change.disposition = DISPOSITION_EXPECTED;
        change.compromised = false;
    }
    if (answer->answer == CONTACT_NOT_EXPECTED) {
        change.compromised = true;
        if (alert->status == ALERT_STATUS_DISMISSED) {
            change.status = ALERT_STATUS_ACTIVE;
            change.disposition = DISPOSITION_NONE;
        }
    }
    return change;
}

/* The alert comes first: were we to die in between, an answer given again says the same, while one
 * that is kept but changed nothing would be lost. */
int inquiry_answer(struct store *store, const struct inquiry_answer *answer, struct error *error)
{
    struct alert alert;
    int r = answer->inquiry_id ? check_open(store, answer, error) : 0;
    if (r == 0)
        r = store_get(store, answer->alert_id, &alert, error);
    if (r < 0)
        return r;
    struct store_change change = change_for(answer, &alert);
    r = alert_set(store, alert.id, &change, error);
    if (r == 0)
        r = store_begin(store, error);
    if (r < 0)
        return r;
    return store_end(store, close_run(store, answer, error), error);
}
