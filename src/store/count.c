/* count.c - how many alerts there are: in all, in groups, and how often a detector was right
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/count.h"
#include "store/query.h"

#include "base/clock.h"

#include <string.h>

/* How a group is told from others: by a column of alert, or of the tallies of an axis. */
static const struct axis {
    const char *key;
    const char *tally_axis; /* NULL: not tallied */
    const char *tally_key;  /* NULL: the state */
    const char *index;      /* whose first column is `key`, then time; NULL: none */
    int64_t step_ns;        /* the key is a number of these since 1970; 0: a text */
} axes[STORE_AXES] = {
    [STORE_AXIS_SEVERITY] = {"severity", "hour", "severity", "alert_severity", 0},
    [STORE_AXIS_STATUS] = {"status", "hour", NULL, NULL, 0},
    [STORE_AXIS_TYPE] = {"detector", "hour", "detector", NULL, 0},
    [STORE_AXIS_ENTITY] = {"entity_ip", "entity", "key", "alert_entity", 0},
    [STORE_AXIS_DOMAIN] = {"domain", "domain", "key", "alert_domain", 0},
    [STORE_AXIS_OWNER] = {"entity_owner", "owner", "key", NULL, 0},
    [STORE_AXIS_ASSIGNEE] = {"assignee", NULL, NULL, NULL, 0},
    [STORE_AXIS_DAY] = {"start_ns / 86400000000000", "hour", "key / 24", NULL, 86400 * NS_PER_S},
    [STORE_AXIS_HOUR] = {"start_ns / 3600000000000", "hour", "key", NULL, 3600 * NS_PER_S},
};

/* Whether tallies answer for this axis. */
static bool axis_tallied(const struct axis *axis, const struct store_filter *filter)
{
    switch (query_tally(filter)) {
    case QUERY_TALLY_ALL: return axis->tally_axis;
    case QUERY_TALLY_HOURS: return axis->tally_axis && strcmp(axis->tally_axis, "hour") == 0;
    default: return false;
    }
}

const char *const store_axis_names[STORE_AXES] = {
#define AXIS(id, name, help) [STORE_AXIS_##id] = name,
#include "store/axes.def"
#undef AXIS
};

int store_axis_parse(const char *text)
{
    for (int i = 0; i < STORE_AXES; i++)
        if (strcmp(text, store_axis_names[i]) == 0)
            return i;
    return -1;
}

/* Prepares what `sql` became, and gives it the filter's values. */
static int query_prepare(const struct query *query, struct store *store, struct buf *sql,
                         sqlite3_stmt **ret_statement, struct error *error)
{
    int r = store_prepare(store, sql->data, ret_statement, error);
    buf_done(sql);
    if (r == 0)
        query_bind(query, *ret_statement);
    return r;
}

/* The rows of a machine stand together, so that none need be remembered to count them. */
static void count_sql(const struct query *query, struct buf *sql)
{
    enum query_tally tally = query_tally(query->filter);
    buf_init(sql, QUERY_SQL_MAX_BYTES);
    if (tally != QUERY_TALLY_ALL && tally != QUERY_TALLY_ENTITY) {
        buf_text(sql, "SELECT count(*), count(DISTINCT entity_ip)");
        query_from(query, sql);
        return;
    }
    buf_text(sql, "SELECT coalesce(sum(n), 0), count(*) FROM (SELECT sum(n) AS n FROM (");
    query_tally_rows(query->filter, "entity", "key", sql);
    buf_text(sql, ") GROUP BY k HAVING sum(n) > 0)");
}

int store_count(struct store *store, const struct store_filter *filter,
                struct store_totals *ret_totals, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    struct query query;
    struct buf sql;
    int r = store_usable(store, STORE_READ, error);
    if (r == 0)
        r = query_init(&query, store, filter, error);
    if (r < 0)
        return r;
    count_sql(&query, &sql);
    r = query_prepare(&query, store, &sql, &statement, error);
    query_done(&query);
    if (r < 0)
        return r;
    int rc = sqlite3_step(statement);
    if (rc != SQLITE_ROW)
        return store_failure(store, rc, "counting alerts", error);
    ret_totals->alerts = (uint64_t)sqlite3_column_int64(statement, 0);
    ret_totals->entities = (uint64_t)sqlite3_column_int64(statement, 1);
    return 0;
}

/* Columns: key, count, worst severity, newest start (0 where the tallies do not have it). */
static void groups_sql(const struct query *query, const struct axis *axis, uint64_t limit,
                       struct buf *sql)
{
    buf_init(sql, QUERY_SQL_MAX_BYTES);
    if (axis_tallied(axis, query->filter)) {
        buf_text(sql, "SELECT k, sum(n) AS n, max(severity), 0 FROM (");
        query_tally_rows(query->filter, axis->tally_axis, axis->tally_key, sql);
        buf_text(sql, ") WHERE n > 0");
    } else {
        buf_printf(sql, "SELECT %s AS k, count(*) AS n, max(severity), max(start_ns)", axis->key);
        query_from(query, sql);
    }
    buf_printf(sql, " GROUP BY k ORDER BY %s LIMIT %lld", axis->step_ns ? "k" : "2 DESC, k",
               limit && limit < INT64_MAX ? (long long)limit : -1);
}

/* Looks up the start of the newest alert of a group. */
static void newest_sql(const struct query *query, const struct axis *axis, struct buf *sql)
{
    buf_init(sql, QUERY_SQL_MAX_BYTES);
    buf_printf(sql, "SELECT start_ns FROM alert INDEXED BY %s WHERE %s = :key AND ", axis->index,
               axis->key);
    query_facets(query->filter, sql);
    buf_text(sql, " ORDER BY start_ns DESC LIMIT 1");
}

struct groups {
    struct store *store;
    const struct axis *axis;
    sqlite3_stmt *rows;
    sqlite3_stmt *newest; /* NULL: rows have it, or it is not told */
};

static int64_t newest_of(const struct groups *groups, const char *key)
{
    if (!groups->newest)
        return sqlite3_column_int64(groups->rows, 3);
    bind_text(groups->newest, ":key", key);
    int64_t newest_ns = 0;
    if (sqlite3_step(groups->newest) == SQLITE_ROW)
        newest_ns = sqlite3_column_int64(groups->newest, 0);
    sqlite3_reset(groups->newest);
    return newest_ns;
}

static int group_give(const struct groups *groups, store_group_fn each, void *context,
                      struct error *error)
{
    sqlite3_stmt *row = groups->rows;
    struct store_group group = {
        .count = (uint64_t)sqlite3_column_int64(row, 1),
        .severity = (uint8_t)sqlite3_column_int(row, 2),
        .start_ns = sqlite3_column_int64(row, 0) * groups->axis->step_ns,
    };
    char time[TIME_TEXT_MAX];
    group.key = column_text(row, 0);
    group.newest_ns = newest_of(groups, group.key);
    if (groups->axis == &axes[STORE_AXIS_SEVERITY])
        group.key = severity_names[group.severity][LANGUAGE_EN];
    if (groups->axis->step_ns) {
        time_format(group.start_ns, time);
        group.key = time;
    }
    return each(context, &group, error);
}

static int groups_prepare(struct groups *groups, const struct query *query, uint64_t limit,
                          struct error *error)
{
    struct buf sql;
    groups_sql(query, groups->axis, limit, &sql);
    int r = query_prepare(query, groups->store, &sql, &groups->rows, error);
    if (r < 0 || !groups->axis->index || !axis_tallied(groups->axis, query->filter))
        return r;
    newest_sql(query, groups->axis, &sql);
    return query_prepare(query, groups->store, &sql, &groups->newest, error);
}

int store_groups(struct store *store, const struct store_filter *filter, enum store_axis axis,
                 uint64_t limit, store_group_fn each, void *context, struct error *error)
{
    struct groups groups = {.store = store, .axis = &axes[axis]};
    struct query query;
    int rc = SQLITE_DONE, r = store_usable(store, STORE_READ, error);
    if (r == 0)
        r = query_init(&query, store, filter, error);
    if (r < 0)
        return r;
    r = groups_prepare(&groups, &query, limit, error);
    query_done(&query);
    while (r == 0 && (rc = sqlite3_step(groups.rows)) == SQLITE_ROW)
        r = group_give(&groups, each, context, error);
    if (r == 0 && rc != SQLITE_DONE)
        r = store_failure(store, rc, "counting alerts", error);
    sqlite3_finalize(groups.rows);
    sqlite3_finalize(groups.newest);
    return r;
}

/* Both halves go by indexes of the few alerts that somebody judged. */
static const char precision_sql[] =
    "SELECT detector, sum(verdict > 0), sum(verdict < 0) FROM ("
    " SELECT detector, CASE disposition WHEN 'true_positive' THEN 1 WHEN 'false_positive' THEN -1"
    "   ELSE CASE feedback WHEN 'useful' THEN 1 WHEN 'not_useful' THEN -1 ELSE 0 END END AS verdict"
    " FROM alert WHERE disposition <> '' AND sample = 0"
    " UNION ALL SELECT detector, CASE feedback WHEN 'useful' THEN 1 ELSE -1 END"
    " FROM alert WHERE feedback <> '' AND disposition = '' AND sample = 0) GROUP BY detector";

int store_precisions(struct store *store, struct store_precision ret_precisions[DETECTOR_COUNT],
                     struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    struct store_precision precisions[DETECTOR_COUNT] = {0};
    int rc = SQLITE_DONE, r = store_usable(store, STORE_READ, error);
    if (r == 0)
        r = store_prepare(store, precision_sql, &statement, error);
    while (r == 0 && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        int detector = detector_parse(column_text(statement, 0));
        if (detector < 0)
            continue;
        precisions[detector].right = (uint64_t)sqlite3_column_int64(statement, 1);
        precisions[detector].wrong = (uint64_t)sqlite3_column_int64(statement, 2);
    }
    if (r == 0 && rc != SQLITE_DONE)
        r = store_failure(store, rc, "counting verdicts", error);
    if (r == 0)
        memcpy(ret_precisions, precisions, sizeof(precisions));
    return r;
}
