/* list.c - alerts out of the store: one by its id, or many by a filter
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/handle.h"

#include "alert/record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PAGE_ROWS = 32, /* read in one transaction: the writer must not wait for a pager */
    FILTER_JSON_MAX_BYTES = 1 << 24,
};

static void column_copy(sqlite3_stmt *statement, int column, char *text, size_t size)
{
    snprintf(text, size, "%s", column_text(statement, column));
}

/* What analysts change stands in the columns and wins over the record. */
static int life_read(struct store *store, sqlite3_stmt *statement, struct alert *alert,
                     struct error *error)
{
    int status = alert_status_parse(column_text(statement, 2));
    int disposition = disposition_parse(column_text(statement, 3));
    int feedback = feedback_parse(column_text(statement, 6));
    int contact = contact_parse(column_text(statement, 10));
    if (status < 0 || disposition < 0 || feedback < 0 || contact < 0)
        return error_set(error, -EBADMSG,
                         "%s: alert %s has an unknown status, disposition, feedback or contact",
                         store->path, alert->id);
    alert->revision = (uint32_t)sqlite3_column_int64(statement, 1);
    alert->status = (uint8_t)status;
    alert->disposition = (uint8_t)disposition;
    alert->feedback = (uint8_t)feedback;
    alert->contact = (uint8_t)contact;
    alert->sample = sqlite3_column_int(statement, 9);
    alert->compromised = sqlite3_column_int(statement, 11);
    column_copy(statement, 4, alert->assignee, sizeof(alert->assignee));
    column_copy(statement, 5, alert->suppressed_by, sizeof(alert->suppressed_by));
    column_copy(statement, 7, alert->feedback_reason, sizeof(alert->feedback_reason));
    column_copy(statement, 8, alert->incident_id, sizeof(alert->incident_id));
    return 0;
}

int row_read(struct store *store, sqlite3_stmt *statement, struct alert *ret_alert,
             struct error *error)
{
    const char *record = column_text(statement, 0);
    size_t len = (size_t)sqlite3_column_bytes(statement, 0);
    int r = alert_from_json(record, len, ret_alert, error);
    if (r < 0) {
        error_prefix(error, "%s: ", store->path);
        return r;
    }
    return life_read(store, statement, ret_alert, error);
}

/* The whole id goes by its own index; beginnings are ranges: no id has '~', no guid 'g'. */
static const char get_sql[] =
    "SELECT " ROW_COLUMNS " FROM alert WHERE id = :id"
    " UNION ALL SELECT " ROW_COLUMNS " FROM alert WHERE id > :id AND id < :id || '~'"
    " UNION ALL SELECT " ROW_COLUMNS " FROM alert WHERE guid >= :id AND guid < :id || 'g'"
    " LIMIT 2";

static int get_step(struct store *store, sqlite3_stmt *statement, const char *id,
                    struct alert *ret_alert, struct error *error)
{
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_DONE)
        return error_set(error, -ENOENT,
                         "%s: no alert has an id that begins with \"%s\"; `dnsvigil alerts list "
                         "--all` shows them",
                         store->path, id);
    if (rc != SQLITE_ROW)
        return store_failure(store, rc, "looking for an alert", error);
    int r = row_read(store, statement, ret_alert, error);
    if (r < 0 || strcmp(ret_alert->id, id) == 0)
        return r;
    rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW)
        return error_set(error, -ENOTUNIQ,
                         "%s: several alerts have ids that begin with \"%s\"; give more of it",
                         store->path, id);
    return rc == SQLITE_DONE ? 0 : store_failure(store, rc, "looking for an alert", error);
}

int store_get(struct store *store, const char *id, struct alert *ret_alert, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = store_usable(store, STORE_READ, error);
    if (r == 0 && !*id)
        return error_set(error, -ENOENT, "the id of an alert is empty");
    if (r == 0)
        r = store_prepare(store, get_sql, &statement, error);
    if (r < 0)
        return r;
    bind_text(statement, ":id", id);
    return get_step(store, statement, id, ret_alert, error);
}

/* Sets go to SQLite as JSON lists. */
static int list_bind(sqlite3_stmt *statement, const char *name, const char *const words[],
                     size_t count, struct error *error)
{
    struct buf buf;
    struct json json = json_writer(&buf);
    buf_init(&buf, FILTER_JSON_MAX_BYTES);
    json_array_begin(&json);
    for (size_t i = 0; i < count; i++)
        json_text(&json, words[i]);
    json_array_end(&json);
    bool overflow = buf.overflow;
    if (!overflow)
        bind_text(statement, name, buf.data);
    buf_done(&buf);
    return overflow ? error_set(error, -ENOMEM, "the list of %zu %s is too long", count, name + 1)
                    : 0;
}

static int statuses_bind(const struct store_filter *filter, sqlite3_stmt *statement,
                         struct error *error)
{
    const char *words[ALERT_STATUS_COUNT];
    size_t count = 0;
    uint32_t statuses = filter->statuses;
    if (statuses == 0)
        statuses = filter->ids ? ~0u : ~(1u << ALERT_STATUS_DISMISSED);
    for (unsigned i = 0; i < ALERT_STATUS_COUNT; i++)
        if (statuses & 1u << i)
            words[count++] = alert_status_names[i][LANGUAGE_EN];
    return list_bind(statement, ":statuses", words, count, error);
}

static int detectors_bind(const struct store_filter *filter, sqlite3_stmt *statement,
                          struct error *error)
{
    const char *words[DETECTOR_COUNT];
    size_t count = 0;
    for (unsigned i = 0; i < DETECTOR_COUNT; i++)
        if (filter->detectors & 1u << i)
            words[count++] = detector_rows[i].slug;
    return count ? list_bind(statement, ":detectors", words, count, error) : 0;
}

int filter_bind(const struct store_filter *filter, sqlite3_stmt *statement, struct error *error)
{
    bind_int(statement, ":severity_min", filter->severity_min);
    bind_text(statement, ":entity_ip", filter->entity_ip);
    bind_text(statement, ":domain", filter->domain);
    bind_text(statement, ":search", filter->search);
    bind_int(statement, ":since_ns", filter->since_ns ? filter->since_ns : INT64_MIN);
    bind_int(statement, ":until_ns", filter->until_ns ? filter->until_ns : INT64_MAX);
    int r = statuses_bind(filter, statement, error);
    if (r == 0)
        r = detectors_bind(filter, statement, error);
    if (r == 0 && filter->ids)
        r = list_bind(statement, ":ids", filter->ids, filter->id_count, error);
    return r;
}

/* Pages follow one another by the sort key of the last row, so that what arrives meanwhile neither
 * repeats nor hides a row. */
#define LIST_SQL(key, after, order)                                                                \
    "SELECT " ROW_COLUMNS ", severity, start_ns, seq FROM alert WHERE " FILTER_SQL " AND (" key    \
    ") < (" after ") ORDER BY " order " LIMIT :rows"

static const char *const list_sql[] = {
    [STORE_SORT_NEWEST] =
        LIST_SQL("start_ns, seq", ":after_start, :after_seq", "start_ns DESC, seq DESC"),
    [STORE_SORT_SEVERITY] =
        LIST_SQL("severity, start_ns, seq", ":after_severity, :after_start, :after_seq",
                 "severity DESC, start_ns DESC, seq DESC"),
};

struct page {
    struct alert *alerts;
    size_t count;
    int64_t severity, start_ns, seq; /* sort key of the last row */
};

static int page_read(struct store *store, sqlite3_stmt *statement, uint64_t rows, struct page *page,
                     struct error *error)
{
    int r = 0, rc;
    bind_int(statement, ":after_severity", page->severity);
    bind_int(statement, ":after_start", page->start_ns);
    bind_int(statement, ":after_seq", page->seq);
    bind_int(statement, ":rows", (int64_t)rows);
    page->count = 0;
    while ((rc = sqlite3_step(statement)) == SQLITE_ROW && r == 0) {
        r = row_read(store, statement, &page->alerts[page->count++], error);
        page->severity = sqlite3_column_int64(statement, ROW_COLUMN_COUNT);
        page->start_ns = sqlite3_column_int64(statement, ROW_COLUMN_COUNT + 1);
        page->seq = sqlite3_column_int64(statement, ROW_COLUMN_COUNT + 2);
    }
    if (r == 0 && rc != SQLITE_DONE)
        r = store_failure(store, rc, "listing alerts", error);
    sqlite3_reset(statement); /* ends the read transaction */
    return r;
}

static int list_run(struct store *store, sqlite3_stmt *statement, uint64_t limit, struct page *page,
                    store_alert_fn each, void *context, struct error *error)
{
    uint64_t left = limit ? limit : UINT64_MAX;
    do {
        uint64_t rows = left < PAGE_ROWS ? left : PAGE_ROWS;
        int r = page_read(store, statement, rows, page, error);
        for (size_t i = 0; r == 0 && i < page->count; i++)
            r = each(context, &page->alerts[i], error);
        if (r < 0)
            return r;
        left -= page->count;
    } while (page->count == PAGE_ROWS && left > 0);
    return 0;
}

int store_list(struct store *store, const struct store_filter *filter, store_alert_fn each,
               void *context, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    struct page page = {.severity = INT64_MAX, .start_ns = INT64_MAX, .seq = INT64_MAX};
    int r = store_usable(store, STORE_READ, error);
    if (r == 0)
        r = store_prepare(store, list_sql[filter->sort], &statement, error);
    if (r == 0)
        r = filter_bind(filter, statement, error);
    if (r < 0)
        return r;
    page.alerts = calloc(PAGE_ROWS, sizeof(*page.alerts));
    if (!page.alerts)
        return error_set(error, -ENOMEM, "%s: no memory for a list", store->path);
    r = list_run(store, statement, filter->limit, &page, each, context, error);
    free(page.alerts);
    return r;
}

int store_overlaps(struct store *store, const struct alert *alert, bool *ret_overlaps,
                   struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = store_usable(store, STORE_READ, error);
    if (r == 0)
        r = store_prepare(store,
                          alert->has_signature
                              ? "SELECT 1 FROM alert WHERE entity_ip = :entity_ip"
                                " AND detector = :detector AND end_ns >= :first_ns"
                                " AND start_ns <= :last_ns"
                                " AND json_extract(record, '$.evidence.signature.gid') = :gid"
                                " AND json_extract(record, '$.evidence.signature.sid') = :sid"
                              : "SELECT 1 FROM alert WHERE entity_ip = :entity_ip"
                                " AND detector = :detector AND end_ns >= :first_ns"
                                " AND start_ns <= :last_ns AND domain = :domain",
                          &statement, error);
    if (r < 0)
        return r;
    bind_text(statement, ":entity_ip", alert->entity_ip);
    bind_text(statement, ":domain", alert->domain);
    bind_text(statement, ":detector", detector_rows[alert->detector].slug);
    bind_int(statement, ":first_ns", alert->start_ns);
    bind_int(statement, ":last_ns", alert->end_ns);
    bind_int(statement, ":gid", alert->signature.gid);
    bind_int(statement, ":sid", alert->signature.sid);
    int rc = sqlite3_step(statement);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        return store_failure(store, rc, "looking for an alert", error);
    *ret_overlaps = rc == SQLITE_ROW;
    return 0;
}
