/* audit.c - the trail of who did what when: a chain of hashes over entries that only grow in number
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/audit.h"
#include "store/handle.h"

#include "base/clock.h"

#include <assert.h>
#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

/* The columns that are hashed, in this order; hash follows. */
#define AUDIT_COLUMNS "time_ns, actor, action, object, from_value, to_value, reason, comment"
enum { AUDIT_TEXTS = 7 };

static void hash_bytes_with_length(EVP_MD_CTX *md, const void *bytes, size_t len)
{
    uint64_t len_be = __builtin_bswap64(len);
    EVP_DigestUpdate(md, &len_be, sizeof(len_be));
    EVP_DigestUpdate(md, bytes, len);
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the hash is over big-endian numbers");

/* SHA-256 over the hash before, the time and each text with its length. False without memory. */
static bool entry_hash(const uint8_t before[static AUDIT_HASH_BYTES], int64_t time_ns,
                       const char *const texts[static AUDIT_TEXTS],
                       uint8_t ret_hash[static AUDIT_HASH_BYTES])
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    if (!md)
        return false;
    uint64_t time_be = __builtin_bswap64((uint64_t)time_ns);
    EVP_DigestInit_ex(md, EVP_sha256(), NULL);
    EVP_DigestUpdate(md, before, AUDIT_HASH_BYTES);
    EVP_DigestUpdate(md, &time_be, sizeof(time_be));
    for (unsigned i = 0; i < AUDIT_TEXTS; i++)
        hash_bytes_with_length(md, texts[i], strlen(texts[i]));
    bool done = EVP_DigestFinal_ex(md, ret_hash, NULL) == 1;
    EVP_MD_CTX_free(md);
    return done;
}

/* audit_hash(before, time_ns, texts …) in SQL, for the step that moved an older trail here. */
static void hash_in_sql(sqlite3_context *context, int count, sqlite3_value **values)
{
    const char *texts[AUDIT_TEXTS];
    uint8_t hash[AUDIT_HASH_BYTES];
    const uint8_t *before = sqlite3_value_blob(values[0]);
    assert(count == 2 + AUDIT_TEXTS);
    bool whole = sqlite3_value_bytes(values[0]) == AUDIT_HASH_BYTES;
    for (unsigned i = 0; i < AUDIT_TEXTS; i++) {
        texts[i] = (const char *)sqlite3_value_text(values[2 + i]);
        whole = whole && texts[i];
    }
    if (!whole || !entry_hash(before, sqlite3_value_int64(values[1]), texts, hash))
        sqlite3_result_error(context, "an entry of the audit trail cannot be hashed", -1);
    else
        sqlite3_result_blob(context, hash, sizeof(hash), SQLITE_TRANSIENT);
}

int audit_function_add(struct store *store, struct error *error)
{
    int rc = sqlite3_create_function(store->db, "audit_hash", 2 + AUDIT_TEXTS,
                                     SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL,
                                     hash_in_sql, NULL, NULL);
    return rc == SQLITE_OK ? 0 : store_failure(store, rc, "preparing the audit trail", error);
}

/* The hash of the newest entry; zeros before the first. */
static int newest_hash(struct store *store, uint8_t ret_hash[static AUDIT_HASH_BYTES],
                       struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *newest = NULL;
    int r =
        store_prepare(store, "SELECT hash FROM audit ORDER BY seq DESC LIMIT 1", &newest, error);
    if (r < 0)
        return r;
    int rc = sqlite3_step(newest);
    memset(ret_hash, 0, AUDIT_HASH_BYTES);
    if (rc == SQLITE_ROW && sqlite3_column_bytes(newest, 0) == AUDIT_HASH_BYTES)
        memcpy(ret_hash, sqlite3_column_blob(newest, 0), AUDIT_HASH_BYTES);
    return rc == SQLITE_ROW || rc == SQLITE_DONE
               ? 0
               : store_failure(store, rc, "reading the audit trail", error);
}

static const char *text_or_empty(const char *text)
{
    return text ? text : "";
}

static int entry_insert(struct store *store, int64_t time_ns,
                        const char *const texts[static AUDIT_TEXTS],
                        const uint8_t hash[static AUDIT_HASH_BYTES], struct error *error)
{
    int r = 0;
    if (!store->audit)
        r = store_prepare(store,
                          "INSERT INTO audit (" AUDIT_COLUMNS ", hash)"
                          " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                          &store->audit, error);
    if (r < 0)
        return r;
    sqlite3_bind_int64(store->audit, 1, time_ns);
    for (int i = 0; i < AUDIT_TEXTS; i++)
        sqlite3_bind_text(store->audit, 2 + i, texts[i], -1, SQLITE_TRANSIENT);
    sqlite3_bind_blob(store->audit, 2 + AUDIT_TEXTS, hash, AUDIT_HASH_BYTES, SQLITE_TRANSIENT);
    int rc = sqlite3_step(store->audit);
    if (rc != SQLITE_DONE)
        r = store_failure(store, rc, "writing the audit trail", error);
    sqlite3_reset(store->audit);
    return r;
}

int audit_add(struct store *store, const struct audit_entry *entry, struct error *error)
{
    uint8_t before[AUDIT_HASH_BYTES], hash[AUDIT_HASH_BYTES];
    const char *const texts[AUDIT_TEXTS] = {
        text_or_empty(entry->actor),  text_or_empty(entry->action), text_or_empty(entry->object),
        text_or_empty(entry->from),   text_or_empty(entry->to),     text_or_empty(entry->reason),
        text_or_empty(entry->comment)};
    int64_t time_ns = entry->time_ns ? entry->time_ns : clock_now_ns();
    assert(!sqlite3_get_autocommit(store->db));
    int r = newest_hash(store, before, error);
    if (r < 0)
        return r;
    if (!entry_hash(before, time_ns, texts, hash))
        return error_set(error, -ENOMEM, "%s: no memory for the audit trail", store->path);
    return entry_insert(store, time_ns, texts, hash, error);
}

int audit_note(struct store *store, const struct audit_entry *entry, struct error *error)
{
    int r = store_usable(store, STORE_WRITE, error);
    if (r == 0)
        r = store_begin(store, error);
    return r < 0 ? r : store_end(store, audit_add(store, entry, error), error);
}

static void entry_read(sqlite3_stmt *row, struct audit_entry *entry)
{
    *entry = (struct audit_entry){
        .time_ns = sqlite3_column_int64(row, 1),
        .actor = column_text(row, 2),
        .action = column_text(row, 3),
        .object = column_text(row, 4),
        .from = column_text(row, 5),
        .to = column_text(row, 6),
        .reason = column_text(row, 7),
        .comment = column_text(row, 8),
    };
}

#define LIST_SQL(page)                                                                             \
    "SELECT seq, " AUDIT_COLUMNS ", hash FROM audit WHERE (:object IS NULL OR object = :object)"   \
    " AND (:kind IS NULL OR substr(object, 1, length(:kind)) = :kind)"                             \
    " AND (:actor IS NULL OR actor = :actor) AND (:action IS NULL OR action = :action)"            \
    " AND time_ns >= :since_ns AND time_ns < :until_ns AND " page " LIMIT :limit"

static const char list_sql[] = LIST_SQL("seq > :after_seq ORDER BY seq");
static const char newest_sql[] = LIST_SQL("(:after_seq = 0 OR seq < :after_seq) ORDER BY seq DESC");

/* The trail of one object goes by its index. */
static const char object_sql[] = "SELECT seq, " AUDIT_COLUMNS ", hash FROM audit"
                                 " WHERE object = :object AND seq > :after_seq"
                                 " AND (:actor IS NULL OR actor = :actor)"
                                 " AND (:action IS NULL OR action = :action)"
                                 " AND time_ns >= :since_ns AND time_ns < :until_ns"
                                 " ORDER BY seq LIMIT :limit";

static const char *some_text(const char *text)
{
    return text && *text ? text : NULL;
}

static bool names_kind(const char *object)
{
    return object && object[strlen(object) - 1] == '/';
}

static void list_bind(sqlite3_stmt *statement, const struct audit_filter *filter)
{
    const char *object = some_text(filter->object);
    bind_text(statement, ":object", names_kind(object) ? NULL : object);
    bind_text(statement, ":kind", names_kind(object) ? object : NULL);
    bind_text(statement, ":actor", some_text(filter->actor));
    bind_text(statement, ":action", some_text(filter->action));
    bind_int(statement, ":after_seq", (int64_t)filter->after_seq);
    bind_int(statement, ":since_ns", filter->since_ns ? filter->since_ns : INT64_MIN);
    bind_int(statement, ":until_ns", filter->until_ns ? filter->until_ns : INT64_MAX);
    bind_int(statement, ":limit", filter->limit ? (int64_t)filter->limit : -1);
}

static int entries_give(struct store *store, sqlite3_stmt *statement, audit_fn each, void *context,
                        struct error *error)
{
    int rc = SQLITE_DONE, r = 0;
    while (r == 0 && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        struct audit_entry entry;
        uint8_t hash[AUDIT_HASH_BYTES] = {0};
        entry_read(statement, &entry);
        if (sqlite3_column_bytes(statement, 9) == AUDIT_HASH_BYTES)
            memcpy(hash, sqlite3_column_blob(statement, 9), AUDIT_HASH_BYTES);
        r = each(context, (uint64_t)sqlite3_column_int64(statement, 0), &entry, hash);
    }
    return r < 0 || rc == SQLITE_DONE ? r
                                      : store_failure(store, rc, "reading the audit trail", error);
}

int audit_list(struct store *store, const struct audit_filter *filter, audit_fn each, void *context,
               struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    const char *object = some_text(filter->object);
    const char *sql = filter->newest_first            ? newest_sql
                      : object && !names_kind(object) ? object_sql
                                                      : list_sql;
    int r = store_usable(store, STORE_READ, error);
    if (r == 0)
        r = store_prepare(store, sql, &statement, error);
    if (r < 0)
        return r;
    list_bind(statement, filter);
    return entries_give(store, statement, each, context, error);
}

struct check {
    uint8_t before[AUDIT_HASH_BYTES];
    uint64_t newest_seq;
    uint64_t broken_seq;
};

static int entry_check(void *context, uint64_t seq, const struct audit_entry *entry,
                       const uint8_t hash[static AUDIT_HASH_BYTES])
{
    struct check *check = context;
    uint8_t expected[AUDIT_HASH_BYTES];
    const char *const texts[AUDIT_TEXTS] = {entry->actor, entry->action, entry->object, entry->from,
                                            entry->to,    entry->reason, entry->comment};
    if (check->broken_seq)
        return 0;
    if (!entry_hash(check->before, entry->time_ns, texts, expected))
        return -ENOMEM;
    if (memcmp(hash, expected, AUDIT_HASH_BYTES) != 0)
        check->broken_seq = seq;
    memcpy(check->before, hash, AUDIT_HASH_BYTES);
    check->newest_seq = seq;
    return 0;
}

/* Entries cut off at the end leave a chain that is whole; the counter still knows of them. */
static int end_check(struct store *store, struct check *check, struct error *error)
{
    __attribute__((cleanup(statement_done))) sqlite3_stmt *statement = NULL;
    int r = store_prepare(store, "SELECT seq FROM sqlite_sequence WHERE name = 'audit'", &statement,
                          error);
    if (r < 0)
        return r;
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW && (uint64_t)sqlite3_column_int64(statement, 0) > check->newest_seq &&
        !check->broken_seq)
        check->broken_seq = check->newest_seq + 1;
    return rc == SQLITE_ROW || rc == SQLITE_DONE
               ? 0
               : store_failure(store, rc, "reading the audit trail", error);
}

int audit_verify(struct store *store, uint64_t *ret_broken_seq, struct error *error)
{
    const struct audit_filter all = {0};
    struct check check = {.broken_seq = 0};
    int r = audit_list(store, &all, entry_check, &check, error);
    if (r == -ENOMEM)
        return error_set(error, r, "%s: no memory for the audit trail", store->path);
    if (r == 0)
        r = end_check(store, &check, error);
    if (r == 0)
        *ret_broken_seq = check.broken_seq;
    return r;
}
