/* history.c - who asked for which name: rows in and out of the database, within its limits
 * SPDX-License-Identifier: Apache-2.0
 */
#include "store/history.h"
#include "store/handle.h"

#include "base/clock.h"

#include <dnsvigil/name.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    EACH_ROWS = 1024, /* read in one transaction */
    LABEL_MAX = 63,
    SPARE_SHARE = 16, /* an overfull history shrinks by this part, so that it is not always full */
};

static const int64_t ns_per_day = 86400 * NS_PER_S;

size_t history_key(const struct dns_name *name, unsigned label, uint8_t key[HISTORY_KEY_MAX])
{
    size_t len = 0;
    for (unsigned i = name->labels; i-- > label;) {
        const uint8_t *from = name->wire + name->offset[i];
        memcpy(key + len, from, from[0] + 1u);
        len += from[0] + 1u;
    }
    return len;
}

void history_name(const struct history_row *row, struct dns_name *ret_name)
{
    unsigned at = row->key_len;
    ret_name->wire[at] = 0;
    ret_name->len = (uint8_t)(at + 1);
    for (const uint8_t *from = row->key; from < row->key + row->key_len; from += from[0] + 1u) {
        at -= from[0] + 1u;
        memcpy(ret_name->wire + at, from, from[0] + 1u);
    }
    name_index(ret_name);
}

int history_row_order(const void *a, const void *b)
{
    const struct history_row *x = *(const struct history_row *const *)a;
    const struct history_row *y = *(const struct history_row *const *)b;
    int order = memcmp(x->key, y->key, x->key_len < y->key_len ? x->key_len : y->key_len);
    if (order == 0 && x->key_len != y->key_len)
        return x->key_len < y->key_len ? -1 : 1;
    return order ? order : memcmp(x->entity.bytes, y->entity.bytes, sizeof(x->entity.bytes));
}

static void bind_blob(sqlite3_stmt *statement, const char *name, const void *data, size_t len)
{
    int at = sqlite3_bind_parameter_index(statement, name);
    if (at > 0)
        sqlite3_bind_blob(statement, at, len ? data : "", (int)len, SQLITE_TRANSIENT);
}

static uint64_t column_u64(sqlite3_stmt *statement, int column)
{
    return (uint64_t)sqlite3_column_int64(statement, column);
}

#define VALUE_COLUMNS                                                                              \
    "first_ns, last_ns, count, further, qtype, rcode, domain_labels, resolver, answers"

/* The columns of VALUE_COLUMNS from column 0 on. */
static int row_values(struct store *store, sqlite3_stmt *statement, struct history_row *ret,
                      struct error *error)
{
    const void *resolver = sqlite3_column_blob(statement, 7);
    if (sqlite3_column_bytes(statement, 7) != sizeof(ret->resolver.bytes) ||
        sqlite3_column_bytes(statement, 8) > ANSWERS_BYTES_MAX)
        return error_set(error, -EBADMSG, "%s: a row of the history is damaged", store->path);
    memcpy(ret->resolver.bytes, resolver, sizeof(ret->resolver.bytes));
    ret->first_ns = sqlite3_column_int64(statement, 0);
    ret->last_ns = sqlite3_column_int64(statement, 1);
    ret->count = column_u64(statement, 2);
    ret->further = column_u64(statement, 3);
    ret->qtype = (uint16_t)sqlite3_column_int(statement, 4);
    ret->rcode = (uint16_t)sqlite3_column_int(statement, 5);
    ret->domain_labels = (uint8_t)sqlite3_column_int(statement, 6);
    const void *answers = sqlite3_column_blob(statement, 8); /* NULL when empty */
    ret->answers = answers ? answers : (const void *)"";
    ret->answers_len = (uint16_t)sqlite3_column_bytes(statement, 8);
    return 0;
}

static const char get_sql[] =
    "SELECT " VALUE_COLUMNS " FROM history WHERE name = :name AND entity = :entity";

static const char put_sql[] =
    "INSERT INTO history (name, entity, " VALUE_COLUMNS ")"
    " VALUES (:name, :entity, :first_ns, :last_ns, :count, :further, :qtype, :rcode,"
    "         :domain_labels, :resolver, :answers)"
    " ON CONFLICT (name, entity) DO UPDATE SET first_ns = excluded.first_ns,"
    "  last_ns = excluded.last_ns, count = excluded.count, further = excluded.further,"
    "  rcode = excluded.rcode, answers = excluded.answers";

/* One call of history_put(). */
struct putting {
    struct store *store;
    sqlite3_stmt *get, *put;
    struct history_status status; /* what it will be after the commit */
    int64_t batch_newest_ns;
};

static void answers_merge(struct putting *putting, struct answers *answers,
                          const struct history_row *row)
{
    struct cursor cursor = cursor_of(row->answers, row->answers_len);
    struct answer answer;
    while (answers_next(&cursor, &answer))
        if (!answers_add(answers, &answer))
            putting->status.answers_dropped++;
}

/* Adds what is stored to `row`. Inside the stored times it is a replay: what was counted then is
 * not counted again. */
static void row_merge(const struct history_row *stored, struct history_row *row)
{
    bool replay = row->first_ns >= stored->first_ns && row->last_ns <= stored->last_ns;
    row->count = replay ? stored->count : stored->count + row->count;
    row->further = replay ? stored->further : stored->further + row->further;
    if (stored->first_ns < row->first_ns)
        row->first_ns = stored->first_ns;
    if (stored->last_ns > row->last_ns)
        row->last_ns = stored->last_ns;
    if (stored->rcode != HISTORY_NO_RCODE)
        row->rcode = stored->rcode;
}

/* Looks for the row's client and name; where there is a row already, merges it into `row`. */
static int row_join(struct putting *putting, struct history_row *row, struct answers *answers,
                    struct error *error)
{
    struct history_row stored;
    bind_blob(putting->get, ":name", row->key, row->key_len);
    bind_blob(putting->get, ":entity", row->entity.bytes, sizeof(row->entity.bytes));
    int rc = sqlite3_step(putting->get), r = 0;
    if (rc == SQLITE_DONE)
        putting->status.rows++;
    else if (rc != SQLITE_ROW)
        r = store_failure(putting->store, rc, "reading the history", error);
    else
        r = row_values(putting->store, putting->get, &stored, error);
    if (r == 0 && rc == SQLITE_ROW) {
        answers_merge(putting, answers, &stored);
        row_merge(&stored, row);
    }
    sqlite3_reset(putting->get);
    return r;
}

static int row_put(struct putting *putting, const struct history_row *given, struct error *error)
{
    struct history_row row = *given;
    struct answers answers = {0};
    if (row.last_ns > putting->batch_newest_ns)
        putting->batch_newest_ns = row.last_ns;
    int r = row_join(putting, &row, &answers, error);
    if (r < 0)
        return r;
    answers_merge(putting, &answers, given);
    sqlite3_stmt *put = putting->put;
    bind_blob(put, ":name", row.key, row.key_len);
    bind_blob(put, ":entity", row.entity.bytes, sizeof(row.entity.bytes));
    bind_blob(put, ":resolver", row.resolver.bytes, sizeof(row.resolver.bytes));
    bind_blob(put, ":answers", answers.bytes, answers.len);
    bind_int(put, ":first_ns", row.first_ns);
    bind_int(put, ":last_ns", row.last_ns);
    bind_int(put, ":count", (int64_t)row.count);
    bind_int(put, ":further", (int64_t)row.further);
    bind_int(put, ":qtype", row.qtype);
    bind_int(put, ":rcode", row.rcode);
    bind_int(put, ":domain_labels", row.domain_labels);
    return statement_run(putting->store, put, "writing the history", error);
}

int history_status(struct store *store, struct history_status *ret_status, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = store_usable(store, STORE_READ, error);
    if (r == 0)
        r = store_prepare(store,
                          "SELECT rows, expired, evicted, answers_dropped, newest_ns"
                          " FROM history_state",
                          &statement, error);
    if (r < 0)
        return r;
    int rc = sqlite3_step(statement);
    if (rc != SQLITE_ROW)
        return store_failure(store, rc, "reading the state of the history", error);
    *ret_status = (struct history_status){
        .rows = column_u64(statement, 0),
        .expired = column_u64(statement, 1),
        .evicted = column_u64(statement, 2),
        .answers_dropped = column_u64(statement, 3),
        .newest_ns = sqlite3_column_int64(statement, 4),
    };
    return 0;
}

static int status_write(struct store *store, const struct history_status *status,
                        struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = store_prepare(store,
                          "UPDATE history_state SET rows = :rows, expired = :expired,"
                          " evicted = :evicted, answers_dropped = :dropped, newest_ns = :newest_ns",
                          &statement, error);
    if (r < 0)
        return r;
    bind_int(statement, ":rows", (int64_t)status->rows);
    bind_int(statement, ":expired", (int64_t)status->expired);
    bind_int(statement, ":evicted", (int64_t)status->evicted);
    bind_int(statement, ":dropped", (int64_t)status->answers_dropped);
    bind_int(statement, ":newest_ns", status->newest_ns);
    return statement_run(store, statement, "writing the state of the history", error);
}

/* Runs a DELETE whose one parameter is `:limit`; how many rows went is added to *removed. */
static int rows_delete(struct store *store, const char *sql, int64_t limit, uint64_t *removed,
                       struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = store_prepare(store, sql, &statement, error);
    if (r < 0)
        return r;
    bind_int(statement, ":limit", limit);
    r = statement_run(store, statement, "trimming the history", error);
    if (r == 0)
        *removed += (uint64_t)sqlite3_changes64(store->db);
    return r;
}

/* Forgets what is too old, once for each day that begins. Time moves on by a day at most with each
 * batch, so that one frame with a clock gone wrong does not wipe out everything. */
static int expire(struct putting *putting, unsigned days, struct error *error)
{
    struct history_status *status = &putting->status;
    int64_t before_ns = status->newest_ns, newest_ns = putting->batch_newest_ns;
    if (before_ns && newest_ns > before_ns + ns_per_day)
        newest_ns = before_ns + ns_per_day;
    if (newest_ns <= before_ns)
        return 0;
    status->newest_ns = newest_ns;
    if (newest_ns / ns_per_day == before_ns / ns_per_day)
        return 0;
    uint64_t removed = 0;
    int r = rows_delete(putting->store, "DELETE FROM history WHERE last_ns < :limit",
                        newest_ns - (int64_t)days * ns_per_day, &removed, error);
    status->expired += removed;
    status->rows -= removed;
    return r;
}

/* How many rows each client may keep so that all of them keep no more than `room`. */
static int share_find(struct store *store, uint64_t room, uint64_t *ret_share, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    uint64_t share = 1;
    int rc;
    int r = store_prepare(store,
                          "SELECT n, count(*) OVER (), row_number() OVER (ORDER BY n)"
                          " FROM (SELECT count(*) AS n FROM history GROUP BY entity) ORDER BY n",
                          &statement, error);
    if (r < 0)
        return r;
    while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
        uint64_t rows = column_u64(statement, 0);
        uint64_t clients = column_u64(statement, 1) - column_u64(statement, 2) + 1;
        share = room / clients;
        if (rows > share)
            break;
        room -= rows;
    }
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        return store_failure(store, rc, "counting the history", error);
    *ret_share = share ? share : 1;
    return 0;
}

#define EVICT_SQL(partition)                                                                       \
    "DELETE FROM history WHERE (name, entity) IN (SELECT name, entity FROM"                        \
    " (SELECT name, entity, row_number() OVER (" partition                                         \
    "  ORDER BY last_ns DESC, name, entity) AS place FROM history) WHERE place > :limit)"

/* Makes room: first every client goes down to its share; where there are more clients than rows,
 * the oldest rows go, whoever's they are. */
static int evict(struct putting *putting, uint64_t rows_max, struct error *error)
{
    struct history_status *status = &putting->status;
    uint64_t room = rows_max - rows_max / SPARE_SHARE, share = 1, removed = 0;
    if (status->rows <= rows_max)
        return 0;
    int r = share_find(putting->store, room, &share, error);
    if (r == 0)
        r = rows_delete(putting->store, EVICT_SQL("PARTITION BY entity"), (int64_t)share, &removed,
                        error);
    if (r == 0 && status->rows - removed > rows_max)
        r = rows_delete(putting->store, EVICT_SQL(""), (int64_t)room, &removed, error);
    status->evicted += removed;
    status->rows -= removed;
    return r;
}

static int rows_put(struct putting *putting, const struct history_row *const rows[], size_t n,
                    const struct history_limits *limits, struct error *error)
{
    struct store *store = putting->store;
    int r = history_status(store, &putting->status, error);
    for (size_t i = 0; r == 0 && i < n; i++)
        r = row_put(putting, rows[i], error);
    if (r == 0)
        r = expire(putting, limits->days, error);
    if (r == 0)
        r = evict(putting, limits->rows_max, error);
    return r == 0 ? status_write(store, &putting->status, error) : r;
}

int history_put(struct store *store, const struct history_row *const rows[], size_t n,
                const struct history_limits *limits, struct error *error)
{
    struct putting putting = {.store = store};
    int r = store_usable(store, STORE_WRITE, error);
    if (r == 0)
        r = store_prepare(store, get_sql, &putting.get, error);
    if (r == 0)
        r = store_prepare(store, put_sql, &putting.put, error);
    if (r == 0)
        r = store_begin(store, error);
    if (r == 0)
        r = store_end(store, rows_put(&putting, rows, n, limits, error), error);
    sqlite3_finalize(putting.get);
    sqlite3_finalize(putting.put);
    return r;
}

/* Where a walk over all rows has come to. */
struct walk {
    size_t rows; /* read since the statement began */
    struct addr entity;
    uint8_t key_len;
    uint8_t key[HISTORY_KEY_MAX];
};

/* Whether the labels of the key are whole and the name has room for its root. */
static bool key_is_whole(const uint8_t *key, size_t len)
{
    size_t at = 0;
    if (len > HISTORY_KEY_MAX)
        return false;
    while (at < len && key[at] && key[at] <= LABEL_MAX)
        at += key[at] + 1u;
    return at == len;
}

static int walk_row(struct store *store, sqlite3_stmt *statement, struct walk *walk,
                    struct history_row *ret, struct error *error)
{
    const void *key = sqlite3_column_blob(statement, 9);
    size_t key_len = (size_t)sqlite3_column_bytes(statement, 9);
    int r = row_values(store, statement, ret, error);
    if (r < 0)
        return r;
    if (sqlite3_column_bytes(statement, 10) != sizeof(walk->entity.bytes) ||
        !key_is_whole(key, key_len))
        return error_set(error, -EBADMSG, "%s: a name in the history is damaged", store->path);
    walk->key_len = (uint8_t)key_len;
    memcpy(walk->key, key, key_len);
    memcpy(walk->entity.bytes, sqlite3_column_blob(statement, 10), sizeof(walk->entity.bytes));
    ret->key = walk->key;
    ret->key_len = walk->key_len;
    ret->entity = walk->entity;
    return 0;
}

/* Up to EACH_ROWS rows after those before. */
static int walk_some(struct store *store, sqlite3_stmt *statement, struct walk *walk,
                     history_row_fn each, void *context, struct error *error)
{
    struct history_row row;
    int r = 0, rc;
    bind_blob(statement, ":name", walk->key, walk->key_len);
    bind_blob(statement, ":entity", walk->entity.bytes,
              walk->rows ? sizeof(walk->entity.bytes) : 0);
    bind_int(statement, ":limit", EACH_ROWS);
    walk->rows = 0;
    while (r == 0 && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        r = walk_row(store, statement, walk, &row, error);
        if (r == 0)
            r = each(context, &row, error);
        walk->rows++;
    }
    if (r == 0 && rc != SQLITE_DONE)
        r = store_failure(store, rc, "reading the history", error);
    sqlite3_reset(statement); /* ends the read transaction */
    return r;
}

int history_each(struct store *store, history_row_fn each, void *context, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    struct walk walk = {0};
    int r = store_usable(store, STORE_READ, error);
    if (r == 0)
        r = store_prepare(store,
                          "SELECT " VALUE_COLUMNS ", name, entity FROM history"
                          " WHERE (name, entity) > (:name, :entity)"
                          " ORDER BY name, entity LIMIT :limit",
                          &statement, error);
    if (r < 0)
        return r;
    do {
        r = walk_some(store, statement, &walk, each, context, error);
    } while (r == 0 && walk.rows == EACH_ROWS);
    return r;
}

int history_use(struct store *store, const struct dns_name *name, struct history_use *ret_use,
                struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    uint8_t key[HISTORY_KEY_MAX + 1];
    size_t len = history_key(name, 0, key);
    int r = store_prepare(store,
                          "SELECT count(DISTINCT entity), min(first_ns), max(last_ns) FROM history"
                          " WHERE name >= :from AND name < :below",
                          &statement, error);
    if (r < 0)
        return r;
    bind_blob(statement, ":from", key, len);
    key[len] = 0xff; /* more than any length of a label */
    bind_blob(statement, ":below", key, len + 1);
    int rc = sqlite3_step(statement);
    if (rc != SQLITE_ROW)
        return store_failure(store, rc, "reading the history", error);
    *ret_use = (struct history_use){
        .clients = column_u64(statement, 0),
        .first_ns = sqlite3_column_int64(statement, 1),
        .last_ns = sqlite3_column_int64(statement, 2),
    };
    return 0;
}

static int found_give(struct store *store, sqlite3_stmt *rows, history_row_fn each, void *context,
                      struct error *error)
{
    struct walk walk;
    struct history_row row;
    int rc = SQLITE_DONE, r = 0;
    while (r == 0 && (rc = sqlite3_step(rows)) == SQLITE_ROW) {
        r = walk_row(store, rows, &walk, &row, error);
        if (r == 0)
            r = each(context, &row, error);
    }
    return r < 0 || rc == SQLITE_DONE ? r : store_failure(store, rc, "reading the history", error);
}

int history_find(struct store *store, const struct history_filter *filter, history_row_fn each,
                 void *context, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *rows = NULL;
    uint8_t key[HISTORY_KEY_MAX + 1];
    size_t len = filter->name ? history_key(filter->name, 0, key) : 0;
    int r = store_usable(store, STORE_READ, error);
    if (r == 0)
        r = store_prepare(store,
                          "SELECT " VALUE_COLUMNS ", name, entity FROM history"
                          " WHERE name >= :from AND name < :below AND last_ns >= :since_ns"
                          " AND first_ns < :until_ns AND (:entity IS NULL OR entity = :entity)"
                          " ORDER BY last_ns DESC, name, entity LIMIT :limit",
                          &rows, error);
    if (r < 0)
        return r;
    bind_blob(rows, ":from", key, len);
    key[len] = 0xff; /* more than any length of a label */
    bind_blob(rows, ":below", key, len + 1);
    if (filter->entity)
        bind_blob(rows, ":entity", filter->entity->bytes, sizeof(filter->entity->bytes));
    bind_int(rows, ":since_ns", filter->since_ns);
    bind_int(rows, ":until_ns", filter->until_ns ? filter->until_ns : INT64_MAX);
    bind_int(rows, ":limit", filter->limit ? (int64_t)filter->limit : -1);
    return found_give(store, rows, each, context, error);
}

static int fingerprint_order(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

void history_known_sort(struct history_known *known)
{
    uint64_t *set = known->fingerprints;
    size_t kept = 0;
    qsort(set, known->count, sizeof(*set), fingerprint_order);
    for (size_t i = 0; i < known->count; i++)
        if (i == 0 || set[i] != set[i - 1])
            set[kept++] = set[i];
    known->count = kept;
}

bool history_known_has(const struct history_known *known, uint64_t fingerprint)
{
    return known->count && bsearch(&fingerprint, known->fingerprints, known->count,
                                   sizeof(fingerprint), fingerprint_order);
}

int history_known(struct store *store, bool whole, struct history_known *ret_known,
                  struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = store_usable(store, STORE_READ, error);
    if (r == 0)
        r = store_prepare(store, "SELECT list_seed, list_sum, list FROM history_state", &statement,
                          error);
    if (r < 0)
        return r;
    int rc = sqlite3_step(statement);
    if (rc != SQLITE_ROW)
        return store_failure(store, rc, "reading which lists are known", error);
    *ret_known =
        (struct history_known){.seed = column_u64(statement, 0), .sum = column_u64(statement, 1)};
    if (!whole)
        return 0;
    size_t bytes = (size_t)sqlite3_column_bytes(statement, 2);
    ret_known->count = bytes / sizeof(*ret_known->fingerprints);
    ret_known->fingerprints = malloc(bytes + 1);
    if (!ret_known->fingerprints)
        return error_set(error, -ENOMEM, "%s: no memory for the lists that are known", store->path);
    if (bytes)
        memcpy(ret_known->fingerprints, sqlite3_column_blob(statement, 2),
               ret_known->count * sizeof(*ret_known->fingerprints));
    return 0;
}

int history_know(struct store *store, const struct history_known *known, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = store_usable(store, STORE_WRITE, error);
    if (r == 0)
        r = store_prepare(store,
                          "UPDATE history_state SET list_seed = :seed, list_sum = :sum,"
                          " list = :list",
                          &statement, error);
    if (r == 0)
        r = store_begin(store, error);
    if (r < 0)
        return r;
    bind_int(statement, ":seed", (int64_t)known->seed);
    bind_int(statement, ":sum", (int64_t)known->sum);
    bind_blob(statement, ":list", known->fingerprints, known->count * sizeof(*known->fingerprints));
    r = statement_run(store, statement, "writing which lists are known", error);
    return store_end(store, r, error);
}
