/* incidents.c - incidents out of the store: listed, shown with their alerts, and their status set
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/incidents.h"
#include "store/gather.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_ROWS = 32, FORMER_IDS_MAX = 32 };

#define OPEN_COLUMN                                                                                \
    "(SELECT count(*) FROM incident_alert AS m JOIN alert AS a ON a.seq = m.alert"                 \
    " WHERE m.incident = incident.seq AND a.status IN ('Active', 'InProgress'))"

/* What severity an incident has does its kind say: that is looked at outside of SQL. */
static const char list_sql[] =
    "SELECT " INCIDENT_COLUMNS ", " OPEN_COLUMN " FROM incident WHERE kind <> ''"
    " AND (:statuses & 1 << CASE status WHEN 'Active' THEN 0 WHEN 'InProgress' THEN 1"
    "  WHEN 'Resolved' THEN 2 ELSE 3 END)"
    " AND (:entity_ip IS NULL OR EXISTS (SELECT 1 FROM incident_alert"
    "  WHERE incident = incident.seq AND incident_alert.entity_ip = :entity_ip))"
    " AND end_ns >= :since_ns AND start_ns < :until_ns"
    " AND (start_ns < :after_start_ns OR (start_ns = :after_start_ns AND id > :after_id))"
    " ORDER BY start_ns DESC, id LIMIT :rows";

_Static_assert(ALERT_STATUS_ACTIVE == 0 && ALERT_STATUS_IN_PROGRESS == 1 &&
                   ALERT_STATUS_RESOLVED == 2 && ALERT_STATUS_DISMISSED == 3,
               "list_sql numbers them");

static int row_take(struct store *store, sqlite3_stmt *row, struct incident *ret_incident,
                    struct error *error)
{
    int r = incident_row_read(store, row, ret_incident, error);
    if (r == 0)
        ret_incident->open = (uint64_t)sqlite3_column_int64(row, INCIDENT_COLUMN_COUNT);
    return r;
}

struct page {
    struct incident incidents[PAGE_ROWS];
    size_t count;
    int64_t after_start_ns;
    char after_id[UUID_TEXT_MAX];
};

static int page_read(struct store *store, sqlite3_stmt *rows, struct page *page,
                     struct error *error)
{
    int rc, r = 0;
    bind_int(rows, ":after_start_ns", page->after_start_ns);
    bind_text(rows, ":after_id", page->after_id);
    bind_int(rows, ":rows", PAGE_ROWS);
    page->count = 0;
    while ((rc = sqlite3_step(rows)) == SQLITE_ROW && r == 0) {
        struct incident *incident = &page->incidents[page->count++];
        r = row_take(store, rows, incident, error);
        page->after_start_ns = incident->start_ns;
        memcpy(page->after_id, incident->id, sizeof(page->after_id));
    }
    if (r == 0 && rc != SQLITE_DONE)
        r = store_failure(store, rc, "listing incidents", error);
    sqlite3_reset(rows); /* ends the read transaction */
    return r;
}

static void filter_put(sqlite3_stmt *rows, const struct incident_filter *filter)
{
    uint32_t statuses = filter->statuses ? filter->statuses : ~(1u << ALERT_STATUS_DISMISSED);
    bind_int(rows, ":statuses", statuses);
    bind_text(rows, ":entity_ip", filter->entity_ip);
    bind_int(rows, ":since_ns", filter->since_ns ? filter->since_ns : INT64_MIN);
    bind_int(rows, ":until_ns", filter->until_ns ? filter->until_ns : INT64_MAX);
}

static int pages_give(struct store *store, sqlite3_stmt *rows, const struct incident_filter *filter,
                      struct page *page, incident_fn each, void *context, struct error *error)
{
    uint64_t left = filter->limit ? filter->limit : UINT64_MAX;
    do {
        int r = page_read(store, rows, page, error);
        for (size_t i = 0; r == 0 && left > 0 && i < page->count; i++) {
            if (incident_severity(&page->incidents[i]) < filter->severity_min)
                continue;
            r = each(context, &page->incidents[i], error);
            left--;
        }
        if (r < 0)
            return r;
    } while (page->count == PAGE_ROWS && left > 0);
    return 0;
}

int incidents_list(struct store *store, const struct incident_filter *filter, incident_fn each,
                   void *context, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *rows = NULL;
    int r = store_usable(store, STORE_READ, error);
    if (r == 0)
        r = store_prepare(store, list_sql, &rows, error);
    if (r < 0)
        return r;
    struct page *page = calloc(1, sizeof(*page));
    if (!page)
        return error_set(error, -ENOMEM, "%s: no memory for a list", store->path);
    page->after_start_ns = filter->after_id ? filter->after_start_ns : INT64_MAX;
    snprintf(page->after_id, sizeof(page->after_id), "%s",
             filter->after_id ? filter->after_id : "");
    filter_put(rows, filter);
    r = pages_give(store, rows, filter, page, each, context, error);
    free(page);
    return r;
}

/* Beginnings are ranges: no id has a 'g'. */
static const char get_sql[] =
    "SELECT " INCIDENT_COLUMNS ", " OPEN_COLUMN " FROM incident WHERE kind <> '' AND"
    " (seq IN (SELECT seq FROM incident WHERE id >= :id AND id < :id || 'g')"
    "  OR seq IN (SELECT incident FROM incident_alias WHERE id >= :id AND id < :id || 'g'))"
    " ORDER BY id = :id DESC LIMIT 2";

static int get_step(struct store *store, sqlite3_stmt *rows, const char *id,
                    struct incident *ret_incident, struct error *error)
{
    int rc = sqlite3_step(rows);
    if (rc == SQLITE_DONE)
        return error_set(error, -ENOENT,
                         "%s: no incident has an id that begins with \"%s\"; `dnsvigil incidents "
                         "list --all` shows them",
                         store->path, id);
    if (rc != SQLITE_ROW)
        return store_failure(store, rc, "looking for an incident", error);
    int r = row_take(store, rows, ret_incident, error);
    if (r < 0 || strcmp(ret_incident->id, id) == 0)
        return r;
    rc = sqlite3_step(rows);
    if (rc == SQLITE_ROW)
        return error_set(error, -ENOTUNIQ,
                         "%s: several incidents have ids that begin with \"%s\"; give more of it",
                         store->path, id);
    return rc == SQLITE_DONE ? 0 : store_failure(store, rc, "looking for an incident", error);
}

int incidents_get(struct store *store, const char *id, struct incident *ret_incident,
                  struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *rows = NULL;
    int r = store_usable(store, STORE_READ, error);
    if (r == 0 && !*id)
        return error_set(error, -ENOENT, "the id of an incident is empty");
    if (r == 0)
        r = store_prepare(store, get_sql, &rows, error);
    if (r < 0)
        return r;
    bind_text(rows, ":id", id);
    return get_step(store, rows, id, ret_incident, error);
}

/* Texts of one column, `size` bytes each, at most `max`. */
static int column_gather(struct store *store, const char *sql, const char *id, char *texts,
                         size_t size, size_t max, size_t *ret_count, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *rows = NULL;
    int rc = SQLITE_DONE, r = store_usable(store, STORE_READ, error);
    size_t count = 0;
    if (r == 0)
        r = store_prepare(store, sql, &rows, error);
    if (r < 0)
        return r;
    bind_text(rows, ":id", id);
    while (count < max && (rc = sqlite3_step(rows)) == SQLITE_ROW)
        snprintf(texts + size * count++, size, "%s", column_text(rows, 0));
    *ret_count = count;
    return rc == SQLITE_ROW || rc == SQLITE_DONE
               ? 0
               : store_failure(store, rc, "reading an incident", error);
}

static const char alerts_sql[] =
    "SELECT id FROM alert WHERE seq IN (SELECT alert FROM incident_alert WHERE incident ="
    " (SELECT seq FROM incident WHERE id = :id)) ORDER BY start_ns, id";

int incidents_alerts(struct store *store, const char *id, store_alert_fn each, void *context,
                     struct error *error)
{
    char(*ids)[ALERT_ID_MAX] = calloc(INCIDENT_ALERTS_MAX, sizeof(*ids));
    struct alert *alert = malloc(sizeof(*alert));
    size_t count = 0;
    int r = ids && alert ? column_gather(store, alerts_sql, id, *ids, sizeof(*ids),
                                         INCIDENT_ALERTS_MAX, &count, error)
                         : error_set(error, -ENOMEM, "%s: no memory for a list", store->path);
    for (size_t i = 0; r == 0 && i < count; i++) {
        r = store_get(store, ids[i], alert, error);
        if (r == 0)
            r = each(context, alert, error);
        else if (r == -ENOENT) /* removed meanwhile */
            r = 0;
    }
    free(alert);
    free(ids);
    return r;
}

static const char former_sql[] = "SELECT id FROM incident_alias WHERE incident ="
                                 " (SELECT seq FROM incident WHERE id = :id) ORDER BY rowid";

int incidents_history(struct store *store, const char *id, audit_fn each, void *context,
                      struct error *error)
{
    char ids[FORMER_IDS_MAX + 1][UUID_TEXT_MAX];
    size_t count = 0;
    int r = column_gather(store, former_sql, id, *ids, sizeof(*ids), FORMER_IDS_MAX, &count, error);
    if (r < 0)
        return r;
    snprintf(ids[count], sizeof(ids[count]), "%s", id);
    for (size_t i = 0; r == 0 && i <= count; i++) {
        char object[sizeof("incident/") + UUID_TEXT_MAX];
        snprintf(object, sizeof(object), "incident/%.*s", UUID_TEXT_MAX - 1, ids[i]);
        const struct audit_filter filter = {.object = object};
        r = audit_list(store, &filter, each, context, error);
    }
    return r;
}

/* Changing. */

static int status_write(struct store *store, const char *id, int status, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *row = NULL;
    int r = store_prepare(store,
                          "UPDATE incident SET status = :status, revision = revision + 1"
                          " WHERE id = :id",
                          &row, error);
    if (r < 0)
        return r;
    bind_text(row, ":id", id);
    bind_text(row, ":status", alert_status_names[status][LANGUAGE_EN]);
    return statement_run(store, row, "changing an incident", error);
}

static int set_within(struct store *store, const char *id, const struct incident_change *change,
                      bool *ret_changed, struct error *error)
{
    struct incident incident;
    char object[sizeof("incident/") + UUID_TEXT_MAX];
    int r = incidents_get(store, id, &incident, error);
    if (r < 0)
        return r;
    bool status = change->status >= 0 && change->status != incident.status;
    bool note = change->comment && *change->comment;
    *ret_changed = status || note;
    if (!status && !note)
        return 0;
    snprintf(object, sizeof(object), "incident/%s", incident.id);
    const struct audit_entry entry = {
        .actor = change->actor,
        .action = status ? "status" : "note",
        .object = object,
        .from = status ? alert_status_names[incident.status][LANGUAGE_EN] : "",
        .to = status ? alert_status_names[change->status][LANGUAGE_EN] : "",
        .comment = change->comment,
    };
    if (status)
        r = status_write(store, incident.id, change->status, error);
    return r == 0 ? audit_add(store, &entry, error) : r;
}

int incidents_set(struct store *store, const char *id, const struct incident_change *change,
                  bool *ret_changed, struct error *error)
{
    bool changed = false;
    int r = store_usable(store, STORE_WRITE, error);
    if (r == 0)
        r = store_begin(store, error);
    if (r < 0)
        return r;
    r = store_end(store, set_within(store, id, change, &changed, error), error);
    if (r == 0)
        *ret_changed = changed;
    return r;
}
