/* list.c - alerts out of the store: one by its id, or many by a filter
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/checklist.h"
#include "store/cursor.h"
#include "store/query.h"

#include "alert/record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHUNK_ROWS = 1000, /* found at once where all are looked through */
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
    checklist_recall(column_text(statement, 12), alert);
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

/* Lists are read in two steps: where the next alerts are, in one short transaction, then one alert
 * after another. So the writer never waits for a pager. */

struct order {
    const char *key; /* what is sorted by before time, or NULL */
    const char *index;
    bool text;
};

static const struct order orders[STORE_SORTS] = {
    [STORE_SORT_NEWEST] = {NULL, "alert_start", false},
    [STORE_SORT_SEVERITY] = {"severity", "alert_severity", false},
    [STORE_SORT_COUNT] = {"count", "alert_count", false},
    [STORE_SORT_ENTITY] = {"entity_ip", "alert_entity", true},
    [STORE_SORT_DOMAIN] = {"domain", "alert_domain", true},
};

struct list {
    struct store *store;
    struct query query;
    const struct order *order;
    bool follows; /* `place` is that of the last alert looked at */
    bool ended;   /* none come behind it */
    struct place place;
    size_t count;
    int64_t *seqs; /* `room` of them */
    size_t room;
};

/* The newest of one machine stand in order in an index; sorting few is still faster. */
static bool list_walks_entity(const struct list *list)
{
    const struct query *query = &list->query;
    bool few = query->chosen.len > 0 && query->chosen_count <= CHUNK_ROWS;
    return query->filter->entity_ip && query->filter->sort == STORE_SORT_NEWEST && !few;
}

/* Whether alerts are looked through in the order that is asked for. */
static bool list_walks(const struct list *list)
{
    return list->query.chosen.len == 0 || list_walks_entity(list);
}

/* The conditions are a column, so that those that do not fit are counted, too. Only what the index
 * begins with says where to begin. */
static void walk_sql(const struct list *list, struct buf *sql)
{
    bool entity = list_walks_entity(list);
    buf_printf(sql, ", %s FROM alert INDEXED BY %s WHERE %s", list->query.where.data,
               entity ? "alert_entity" : list->order->index,
               entity ? "entity_ip = :entity_ip" : "true");
    if (list->query.filter->until_ns)
        buf_text(sql, " AND start_ns < :until_ns");
}

/* Chunks follow one another by the sort key of the last row, so that what arrives meanwhile neither
 * repeats nor hides a row. */
static void list_sql(const struct list *list, struct buf *sql)
{
    const struct order *order = list->order;
    bool reverse = list->query.filter->reverse;
    const char *direction = reverse ? "ASC" : "DESC";
    buf_printf(sql, "SELECT alert.seq, start_ns, %s", order->key ? order->key : "0");
    if (list_walks(list)) {
        walk_sql(list, sql);
    } else {
        buf_text(sql, ", true");
        query_from(&list->query, sql);
    }
    if (list->follows)
        buf_printf(sql, " AND (%s%sstart_ns, alert.seq) %c (%s:after_ns, :after_seq)",
                   order->key ? order->key : "", order->key ? ", " : "", reverse ? '>' : '<',
                   order->key ? ":after_key, " : "");
    buf_text(sql, " ORDER BY ");
    if (order->key)
        buf_printf(sql, "%s %s, ", order->key, direction);
    buf_printf(sql, "start_ns %s, alert.seq %s LIMIT :rows", direction, direction);
}

static int chunk_prepare(const struct list *list, uint64_t rows, sqlite3_stmt **ret_statement,
                         struct error *error)
{
    struct buf sql;
    buf_init(&sql, QUERY_SQL_MAX_BYTES);
    list_sql(list, &sql);
    int r = store_prepare(list->store, sql.data, ret_statement, error);
    buf_done(&sql);
    if (r < 0)
        return r;
    query_bind(&list->query, *ret_statement);
    bind_int(*ret_statement, ":rows", list_walks(list) ? -1 : (int64_t)rows);
    bind_int(*ret_statement, ":after_ns", list->place.start_ns);
    bind_int(*ret_statement, ":after_seq", list->place.seq);
    if (list->order->text)
        bind_text(*ret_statement, ":after_key", list->place.text);
    else
        bind_int(*ret_statement, ":after_key", list->place.number);
    return 0;
}

static void place_take(struct list *list, sqlite3_stmt *row)
{
    struct place *place = &list->place;
    place->seq = sqlite3_column_int64(row, 0);
    place->start_ns = sqlite3_column_int64(row, 1);
    if (list->order->text)
        column_copy(row, 2, place->text, sizeof(place->text));
    else
        place->number = sqlite3_column_int64(row, 2);
    list->follows = true;
}

/* Finds up to `rows` alerts that come next, among so many that this is a short transaction. */
static int chunk_find(struct list *list, uint64_t rows, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int rc = SQLITE_ROW, r = chunk_prepare(list, rows, &statement, error);
    uint64_t look_max = list_walks(list) ? list->store->config.look_max : UINT64_MAX;
    list->count = 0;
    if (r < 0)
        return r;
    for (uint64_t looked = 0; list->count < rows && looked < look_max; looked++) {
        if ((rc = sqlite3_step(statement)) != SQLITE_ROW)
            break;
        if (sqlite3_column_int(statement, 3))
            list->seqs[list->count++] = sqlite3_column_int64(statement, 0);
        place_take(list, statement);
    }
    list->ended = rc == SQLITE_DONE;
    return rc == SQLITE_DONE || rc == SQLITE_ROW
               ? 0
               : store_failure(list->store, rc, "listing alerts", error);
}

/* Reads the alert there; -ENOENT, without a message, when it has gone meanwhile. */
static int seq_read(struct store *store, sqlite3_stmt *statement, int64_t seq,
                    struct alert *ret_alert, struct error *error)
{
    bind_int(statement, ":seq", seq);
    int rc = sqlite3_step(statement);
    int r = rc == SQLITE_ROW    ? row_read(store, statement, ret_alert, error)
            : rc == SQLITE_DONE ? -ENOENT
                                : store_failure(store, rc, "reading an alert", error);
    sqlite3_reset(statement); /* ends the read transaction */
    return r;
}

static int chunk_give(const struct list *list, store_alert_fn each, void *context,
                      struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    struct alert alert;
    int r = store_prepare(list->store, "SELECT " ROW_COLUMNS " FROM alert WHERE seq = :seq",
                          &statement, error);
    for (size_t i = 0; r == 0 && i < list->count; i++) {
        r = seq_read(list->store, statement, list->seqs[i], &alert, error);
        if (r == 0)
            r = each(context, &alert, error);
        else if (r == -ENOENT)
            r = 0;
    }
    return r;
}

/* Rows that are chosen already are sorted once, not for each chunk anew. */
static int room_make(struct list *list, struct error *error)
{
    list->room = CHUNK_ROWS;
    if (!list_walks(list) && list->query.chosen_count > CHUNK_ROWS)
        list->room = (size_t)list->query.chosen_count;
    list->seqs = calloc(list->room, sizeof(*list->seqs));
    if (list->seqs)
        return 0;
    query_done(&list->query);
    return error_set(error, -ENOMEM, "%s: no memory for a list of alerts", list->store->path);
}

static void list_done(struct list *list)
{
    query_done(&list->query);
    free(list->seqs);
}

static int list_init(struct list *list, struct store *store, const struct store_filter *filter,
                     struct error *error)
{
    int r = store_usable(store, STORE_READ, error);
    list->store = store;
    list->order = &orders[filter->sort];
    list->follows = false;
    memset(&list->place, 0, sizeof(list->place));
    if (r == 0)
        r = query_init(&list->query, store, filter, error);
    return r < 0 ? r : room_make(list, error);
}

int store_list(struct store *store, const struct store_filter *filter, store_alert_fn each,
               void *context, struct error *error)
{
    struct list list;
    uint64_t rows, left = filter->limit ? filter->limit : UINT64_MAX;
    int r = list_init(&list, store, filter, error);
    if (r < 0)
        return r;
    do {
        rows = left < list.room ? left : list.room;
        r = chunk_find(&list, rows, error);
        if (r == 0)
            r = chunk_give(&list, each, context, error);
        left -= list.count;
    } while (r == 0 && !list.ended && left > 0);
    list_done(&list);
    return r;
}

int store_list_page(struct store *store, const struct store_filter *filter, const char *cursor,
                    store_alert_fn each, void *context, struct store_cursor *ret_next,
                    struct error *error)
{
    struct list list;
    uint64_t rows = filter->limit && filter->limit < CHUNK_ROWS ? filter->limit : CHUNK_ROWS;
    int r = list_init(&list, store, filter, error);
    if (r < 0)
        return r;
    list.follows = *cursor;
    if (*cursor && !cursor_read(cursor, filter->sort, filter->reverse, &list.place))
        r = error_set(error, -EINVAL,
                      "the cursor is damaged or of a list in another order; begin at the start");
    if (r == 0)
        r = chunk_find(&list, rows, error);
    if (r == 0)
        r = chunk_give(&list, each, context, error);
    list_done(&list);
    if (r < 0)
        return r;
    ret_next->text[0] = 0;
    if (!list.ended)
        cursor_write(&list.place, filter->sort, filter->reverse, ret_next);
    return 0;
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
                                " AND (SELECT json_extract(record, '$.evidence.rule.gid') = :gid"
                                "  AND json_extract(record, '$.evidence.rule.sid') = :sid"
                                "  FROM alert_record WHERE alert_record.seq = alert.seq)"
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
