/* deliveries.c - what is to be sent or run because of alerts: a bounded queue that survives
 * restarts
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/deliveries.h"
#include "store/changes.h"
#include "store/handle.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *const delivery_kind_slugs[DELIVERY_KIND_COUNT] = {
#define DELIVERY_KIND(id, slug, text) slug,
#include "store/deliveries.def"
#undef DELIVERY_KIND
};

const char *const delivery_channel_slugs[DELIVERY_CHANNEL_COUNT] = {
#define DELIVERY_CHANNEL(id, slug) slug,
#include "store/deliveries.def"
#undef DELIVERY_CHANNEL
};

const char *const delivery_state_slugs[DELIVERY_STATE_COUNT] = {
#define DELIVERY_STATE(id, slug) slug,
#include "store/deliveries.def"
#undef DELIVERY_STATE
};

/* Prepares, for one of the functions below that write. */
static int write_prepare(struct store *store, const char *sql, sqlite3_stmt **ret_statement,
                         struct error *error)
{
    int r = store_usable(store, STORE_WRITE, error);
    return r == 0 ? store_prepare(store, sql, ret_statement, error) : r;
}

#define SAME_TARGET "kind = :kind AND channel = :channel AND target = :target"
#define IN_QUEUE    "(SELECT count(*) FROM delivery WHERE state IN ('pending', 'waiting'))"

/* Nothing is inserted where the queue is full: the caller sees it by the number of changes. */
static const char plan_sql[] =
    "INSERT INTO delivery (kind, channel, state, severity, origin, target, object, revision,"
    "                      made_ns, due_ns)"
    " SELECT :kind, :channel,"
    "  CASE WHEN :state = 'pending' AND (SELECT count(*) FROM delivery WHERE " SAME_TARGET
    "    AND made_ns >= :since_ns AND state IN ('pending', 'done', 'dead')"
    "    AND (:any_severity OR severity = :severity)) >= :max THEN :over ELSE :state END,"
    "  :severity, :origin, :target, :object, :revision, :made_ns, :due_ns"
    " WHERE " IN_QUEUE " < :queue_max";

static const char known_sql[] = "SELECT count(*) FROM delivery WHERE " SAME_TARGET
                                " AND object = :object AND revision = :revision";

static void plan_bind(sqlite3_stmt *statement, const struct delivery_plan *plan)
{
    const struct delivery *delivery = &plan->delivery;
    bind_text(statement, ":kind", delivery_kind_slugs[delivery->kind]);
    bind_text(statement, ":channel", delivery_channel_slugs[delivery->channel]);
    bind_text(statement, ":state", delivery_state_slugs[delivery->state]);
    bind_int(statement, ":severity", delivery->severity);
    bind_text(statement, ":origin", delivery->origin);
    bind_text(statement, ":target", delivery->target);
    bind_text(statement, ":object", delivery->object);
    bind_int(statement, ":revision", delivery->revision);
    bind_int(statement, ":made_ns", delivery->made_ns);
    bind_int(statement, ":due_ns", delivery->due_ns);
    bind_int(statement, ":since_ns", plan->since_ns);
    bind_int(statement, ":max", plan->max);
    bind_int(statement, ":any_severity", !plan->each_severity);
    bind_text(statement, ":over", delivery_state_slugs[plan->over]);
    bind_int(statement, ":queue_max", DELIVERY_QUEUE_MAX);
}

static int is_known(struct store *store, const struct delivery_plan *plan, bool *ret_known,
                    struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = store_prepare(store, known_sql, &statement, error);
    if (r < 0)
        return r;
    plan_bind(statement, plan);
    int rc = sqlite3_step(statement);
    if (rc != SQLITE_ROW)
        return store_failure(store, rc, "looking for a delivery", error);
    *ret_known = sqlite3_column_int64(statement, 0) > 0;
    return 0;
}

static int plan_one(struct store *store, const struct delivery_plan *plan, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    bool known = false;
    int r = is_known(store, plan, &known, error);
    if (r == 0 && !known)
        r = store_prepare(store, plan_sql, &statement, error);
    if (r < 0 || known)
        return r;
    plan_bind(statement, plan);
    r = statement_run(store, statement, "queueing a delivery", error);
    if (r < 0 || sqlite3_changes(store->db) == 1)
        return r;
    return store_execute(store, "UPDATE delivery_state SET dropped = dropped + 1",
                         "counting a delivery", error);
}

int deliveries_plan(struct store *store, const struct delivery_plan plans[], size_t n,
                    const char *follower, uint64_t seq, struct error *error)
{
    int r = store_usable(store, STORE_WRITE, error);
    if (r == 0)
        r = store_begin(store, error);
    if (r < 0)
        return r;
    for (size_t i = 0; r == 0 && i < n; i++)
        r = plan_one(store, &plans[i], error);
    if (r == 0 && follower)
        r = changes_cursor_put(store, follower, seq, error);
    return store_end(store, r, error);
}

/* Runs one of the two statements of a digest. */
static int gather_run(struct store *store, const char *sql, const char *day, int64_t before_ns,
                      int64_t now_ns, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = store_prepare(store, sql, &statement, error);
    if (r < 0)
        return r;
    bind_text(statement, ":day", day);
    bind_int(statement, ":before_ns", before_ns);
    bind_int(statement, ":now_ns", now_ns);
    return statement_run(store, statement, "making digests", error);
}

int deliveries_gather(struct store *store, const char *day, int64_t before_ns, int64_t now_ns,
                      struct error *error)
{
    static const char make[] =
        "INSERT INTO delivery (kind, channel, state, severity, origin, target, object, revision,"
        "                      made_ns, due_ns)"
        " SELECT 'digest', 'mail', 'pending', max(severity), min(origin), target, :day, 0, :now_ns,"
        "  :now_ns FROM delivery WHERE state = 'waiting' AND made_ns < :before_ns GROUP BY target"
        " ON CONFLICT DO NOTHING";
    static const char gather[] = "UPDATE delivery SET state = 'gathered', digest = :day"
                                 " WHERE state = 'waiting' AND made_ns < :before_ns";
    int r = store_usable(store, STORE_WRITE, error);
    if (r == 0)
        r = store_begin(store, error);
    if (r < 0)
        return r;
    r = gather_run(store, make, day, before_ns, now_ns, error);
    if (r == 0)
        r = gather_run(store, gather, day, before_ns, now_ns, error);
    return store_end(store, r, error);
}

int deliveries_attempted(struct store *store, uint64_t seq, enum delivery_state state,
                         int64_t due_ns, const char *result, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = write_prepare(store,
                          "UPDATE delivery SET state = :state, attempts = attempts + 1,"
                          " due_ns = :due_ns, result = :result WHERE seq = :seq",
                          &statement, error);
    if (r == 0)
        r = store_begin(store, error);
    if (r < 0)
        return r;
    bind_text(statement, ":state", delivery_state_slugs[state]);
    bind_int(statement, ":due_ns", due_ns);
    bind_text(statement, ":result", result);
    bind_int(statement, ":seq", (int64_t)seq);
    r = statement_run(store, statement, "recording a delivery", error);
    return store_end(store, r, error);
}

int deliveries_trim(struct store *store, int64_t before_ns, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = write_prepare(store,
                          "DELETE FROM delivery WHERE made_ns < :before_ns"
                          " AND state NOT IN ('pending', 'waiting')",
                          &statement, error);
    if (r == 0)
        r = store_begin(store, error);
    if (r < 0)
        return r;
    bind_int(statement, ":before_ns", before_ns);
    r = statement_run(store, statement, "removing old deliveries", error);
    return store_end(store, r, error);
}

/* Reading. */

#define COLUMNS                                                                                    \
    "seq, kind, channel, state, severity, origin, target, object, revision, attempts, made_ns,"    \
    " due_ns, result"

static uint8_t slug_find(const char *text, const char *const slugs[], unsigned count)
{
    uint8_t i = 0;
    while (i < count - 1u && strcmp(slugs[i], text) != 0)
        i++;
    return i;
}

#define SLUG(statement, column, slugs)                                                             \
    slug_find(column_text(statement, column), slugs, sizeof(slugs) / sizeof((slugs)[0]))
#define COPY(member, statement, column)                                                            \
    snprintf(member, sizeof(member), "%s", column_text(statement, column))

static void delivery_read(sqlite3_stmt *statement, struct delivery *ret)
{
    *ret = (struct delivery){
        .seq = (uint64_t)sqlite3_column_int64(statement, 0),
        .kind = SLUG(statement, 1, delivery_kind_slugs),
        .channel = SLUG(statement, 2, delivery_channel_slugs),
        .state = SLUG(statement, 3, delivery_state_slugs),
        .severity = (uint8_t)sqlite3_column_int(statement, 4),
        .revision = (uint32_t)sqlite3_column_int64(statement, 8),
        .attempts = (uint32_t)sqlite3_column_int64(statement, 9),
        .made_ns = sqlite3_column_int64(statement, 10),
        .due_ns = sqlite3_column_int64(statement, 11),
    };
    COPY(ret->origin, statement, 5);
    COPY(ret->target, statement, 6);
    COPY(ret->object, statement, 7);
    COPY(ret->result, statement, 12);
}

/* Calls `each` with what the statement selects. */
static int select_each(struct store *store, sqlite3_stmt *statement, delivery_fn each,
                       void *context, struct error *error)
{
    int r = 0, rc = SQLITE_DONE;
    while (r == 0 && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        struct delivery delivery;
        delivery_read(statement, &delivery);
        r = each(context, &delivery, error);
    }
    return r < 0 || rc == SQLITE_DONE ? r : store_failure(store, rc, "reading deliveries", error);
}

static int read_prepare(struct store *store, const char *sql, sqlite3_stmt **ret_statement,
                        struct error *error)
{
    int r = store_usable(store, STORE_READ, error);
    return r == 0 ? store_prepare(store, sql, ret_statement, error) : r;
}

int deliveries_due(struct store *store, int64_t now_ns, uint64_t limit, delivery_fn each,
                   void *context, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = read_prepare(store,
                         "SELECT " COLUMNS " FROM delivery WHERE state = 'pending'"
                         " AND due_ns <= :now_ns ORDER BY due_ns, seq LIMIT :limit",
                         &statement, error);
    if (r < 0)
        return r;
    bind_int(statement, ":now_ns", now_ns);
    bind_int(statement, ":limit", (int64_t)limit);
    return select_each(store, statement, each, context, error);
}

int deliveries_digest(struct store *store, const struct delivery *digest, uint64_t limit,
                      delivery_fn each, void *context, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = read_prepare(store,
                         "SELECT " COLUMNS " FROM delivery WHERE state = 'gathered'"
                         " AND target = :target AND digest = :day"
                         " ORDER BY severity DESC, seq LIMIT :limit",
                         &statement, error);
    if (r < 0)
        return r;
    bind_text(statement, ":target", digest->target);
    bind_text(statement, ":day", digest->object);
    bind_int(statement, ":limit", (int64_t)limit);
    return select_each(store, statement, each, context, error);
}

int deliveries_list(struct store *store, const struct delivery_filter *filter, delivery_fn each,
                    void *context, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    char words[64] = "";
    for (unsigned i = 0; i < DELIVERY_KIND_COUNT; i++)
        if (!filter->kinds || filter->kinds & 1u << i)
            snprintf(words + strlen(words), sizeof(words) - strlen(words), " %s ",
                     delivery_kind_slugs[i]);
    int r = read_prepare(store,
                         "SELECT " COLUMNS " FROM delivery"
                         " WHERE instr(:kinds, ' ' || kind || ' ') > 0"
                         " AND (:origin IS NULL OR origin = :origin)"
                         " AND (:object IS NULL OR object = :object)"
                         " AND (:below = 0 OR seq < :below)"
                         " ORDER BY seq DESC LIMIT :limit",
                         &statement, error);
    if (r < 0)
        return r;
    bind_text(statement, ":kinds", words);
    bind_text(statement, ":origin", filter->origin);
    bind_text(statement, ":object", filter->object);
    bind_int(statement, ":below", (int64_t)filter->below);
    bind_int(statement, ":limit", (int64_t)filter->limit);
    return select_each(store, statement, each, context, error);
}

int deliveries_waiting(struct store *store, int64_t before_ns, bool *ret_waiting,
                       struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = read_prepare(store,
                         "SELECT EXISTS (SELECT 1 FROM delivery WHERE state = 'waiting'"
                         " AND made_ns < :before_ns)",
                         &statement, error);
    if (r < 0)
        return r;
    bind_int(statement, ":before_ns", before_ns);
    int rc = sqlite3_step(statement);
    if (rc != SQLITE_ROW)
        return store_failure(store, rc, "looking for deliveries that wait", error);
    *ret_waiting = sqlite3_column_int(statement, 0);
    return 0;
}

int deliveries_counts(struct store *store, struct delivery_counts *ret_counts, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    struct delivery_counts counts = {0};
    int r = read_prepare(store,
                         "SELECT state, count(*) FROM delivery GROUP BY state UNION ALL"
                         " SELECT '', dropped FROM delivery_state",
                         &statement, error);
    int rc = SQLITE_DONE;
    while (r == 0 && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        uint64_t count = (uint64_t)sqlite3_column_int64(statement, 1);
        if (*column_text(statement, 0))
            counts.of[SLUG(statement, 0, delivery_state_slugs)] = count;
        else
            counts.dropped = count;
    }
    if (r == 0 && rc != SQLITE_DONE)
        r = store_failure(store, rc, "counting deliveries", error);
    if (r == 0)
        *ret_counts = counts;
    return r;
}

int deliveries_usage(struct store *store, int64_t since_ns, delivery_usage_fn each, void *context,
                     struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int rc = SQLITE_DONE;
    int r = read_prepare(store,
                         "SELECT target, severity, sum(state <> 'waiting'), sum(state = 'waiting')"
                         " FROM delivery WHERE kind = 'alert' AND channel = 'mail'"
                         " AND made_ns >= :since_ns GROUP BY target, severity"
                         " ORDER BY target, severity DESC",
                         &statement, error);
    if (r < 0)
        return r;
    bind_int(statement, ":since_ns", since_ns);
    while (r == 0 && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        struct delivery_usage usage = {.own = (uint64_t)sqlite3_column_int64(statement, 2),
                                       .waiting = (uint64_t)sqlite3_column_int64(statement, 3)};
        int severity = sqlite3_column_int(statement, 1);
        if (severity < 0 || severity >= SEVERITY_COUNT)
            continue;
        usage.severity = (enum severity)severity;
        snprintf(usage.target, sizeof(usage.target), "%s", column_text(statement, 0));
        r = each(context, &usage);
    }
    return r < 0 || rc == SQLITE_DONE ? r
                                      : store_failure(store, rc, "counting notifications", error);
}
