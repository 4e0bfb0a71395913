/* store.c - opens and closes the database, keeps other writers out, and tells what went wrong
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"
#include "base/clock.h"
#include "base/folder.h"
#include "config/config.h"
#include "store/handle.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The indexes of many alerts are written all over: with SQLite's own two megabytes every put reads
 * and writes their pages anew. Those who read have the pages of the system behind their own, and
 * there are several of them. */
enum { CACHE_WRITE_KIB = 32 * 1024, CACHE_READ_KIB = 8 * 1024 };

/* Small pieces of memory that statements take and give back. */
enum { LOOKASIDE_BYTES = 512, LOOKASIDE_COUNT = 512 };

const struct store_config store_config_default = {
    .ballast_bytes = 16 << 20,
    .checkpoint_pages = 1000,
    .busy_timeout_ms = 5000,
    .look_max = 16000,
    .incidents =
        {
            .window_ns = 24 * 3600 * NS_PER_S,
            .span_ns = 7 * 24 * 3600 * NS_PER_S,
            .types_min = 2,
            .entities_min = 2,
        },
};

struct store_config store_config_of(const struct config *config)
{
    struct store_config own = store_config_default;
    own.ballast_bytes = (uint64_t)config->store.ballast_mib << 20;
    own.incidents = (struct incident_limits){
        .window_ns = config->incidents.window_s * NS_PER_S,
        .span_ns = config->incidents.span_days * 24 * 3600 * NS_PER_S,
        .types_min = (unsigned)config->incidents.types_min,
        .entities_min = (unsigned)config->incidents.entities_min,
    };
    return own;
}

int statement_run(struct store *store, sqlite3_stmt *statement, const char *what,
                  struct error *error)
{
    int rc = sqlite3_step(statement);
    int r = rc == SQLITE_DONE ? 0 : store_failure(store, rc, what, error);
    sqlite3_reset(statement);
    return r;
}

int statement_row(struct store *store, sqlite3_stmt *statement, const char *what,
                  struct error *error)
{
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_DONE)
        return -ENOENT;
    return rc == SQLITE_ROW ? 0 : store_failure(store, rc, what, error);
}

void statement_done(sqlite3_stmt **statement)
{
    sqlite3_finalize(*statement);
}

/* SQLite's result as errno. */
static int errno_of(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_FULL: return -ENOSPC;
    case SQLITE_BUSY: return -EBUSY;
    case SQLITE_NOMEM: return -ENOMEM;
    case SQLITE_NOTADB: return -EPROTO;
    case SQLITE_IOERR:
    case SQLITE_CORRUPT: return -EIO;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN: return -EACCES;
    default: return -EBADMSG;
    }
}

static const char *advice_of(int r)
{
    switch (r) {
    case -ENOSPC: return "; free some space or lower store.retention_days";
    case -EBUSY: return "; another program holds it, try again";
    case -EPROTO: return "; give the path of an alert store";
    case -EACCES: return "; check who may read and write the file and its folder";
    case -EIO: return "; nothing more is written: check the disk, then open the store again";
    default: return "";
    }
}

int store_failure(struct store *store, int rc, const char *what, struct error *error)
{
    int r = errno_of(rc);
    /* The words first: what follows overwrites SQLite's. */
    error_set(error, r, "%s: %s: %s%s", store->path, what, sqlite3_errmsg(store->db), advice_of(r));
    if (r == -EIO)
        store->broken = true;
    if (r == -ENOSPC)
        ballast_give_back(store);
    return r;
}

int store_usable(const struct store *store, enum store_mode mode, struct error *error)
{
    if (store->broken)
        return error_set(error, -EIO,
                         "%s: the disk failed before; check it and open the store again",
                         store->path);
    if (mode == STORE_WRITE && store->mode != STORE_WRITE)
        return error_set(error, -EROFS, "%s: open for reading only", store->path);
    return 0;
}

int store_execute(struct store *store, const char *sql, const char *what, struct error *error)
{
    int rc = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : store_failure(store, rc, what, error);
}

int store_prepare(struct store *store, const char *sql, sqlite3_stmt **ret_statement,
                  struct error *error)
{
    int rc = sqlite3_prepare_v2(store->db, sql, -1, ret_statement, NULL);
    return rc == SQLITE_OK ? 0 : store_failure(store, rc, "preparing a statement", error);
}

void bind_text(sqlite3_stmt *statement, const char *name, const char *text)
{
    int at = sqlite3_bind_parameter_index(statement, name);
    if (at > 0)
        sqlite3_bind_text(statement, at, text, -1, SQLITE_TRANSIENT);
}

void bind_int(sqlite3_stmt *statement, const char *name, int64_t value)
{
    int at = sqlite3_bind_parameter_index(statement, name);
    if (at > 0)
        sqlite3_bind_int64(statement, at, value);
}

const char *column_text(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return text ? text : "";
}

static int write_directly(void *arg, store_write_fn fn, void *fn_arg, struct error *error)
{
    return fn(fn_arg, arg, error);
}

struct store_writer store_writer_direct(struct store *store)
{
    return (struct store_writer){write_directly, store};
}

int store_begin(struct store *store, struct error *error)
{
    return store_execute(store, "BEGIN IMMEDIATE", "starting a transaction", error);
}

/* Copies the log into the database. Readers in the way are no failure: the next one goes further. A
 * full disk is none either: what was committed is safe in the log. */
static int checkpoint(struct store *store, int how, struct error *error)
{
    int rc = sqlite3_wal_checkpoint_v2(store->db, NULL, how, NULL, NULL);
    if (rc == SQLITE_OK || rc == SQLITE_BUSY || rc == SQLITE_LOCKED)
        return 0;
    int r = store_failure(store, rc, "moving the log into the database", error);
    return r == -ENOSPC ? 0 : r;
}

int store_end(struct store *store, int r, struct error *error)
{
    if (r == 0)
        r = store_execute(store, "COMMIT", "committing", error);
    if (r < 0) {
        /* Fails where SQLite has rolled back by itself. */
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
        return r;
    }
    if (store->wal_pages < (int)store->config.checkpoint_pages)
        return 0;
    return checkpoint(store, SQLITE_CHECKPOINT_PASSIVE, error);
}

static int committed(void *arg, sqlite3 *db, const char *name, int pages)
{
    (void)db, (void)name;
    struct store *store = arg;
    store->wal_pages = pages;
    return SQLITE_OK;
}

/* Makes the file with our mode, not SQLite's: alerts are not for everybody. */
static int file_make(const char *path, struct error *error)
{
    folders_make(path);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0)
        return error_set(error, -errno, "%s: %s; check the folder, or give another path", path,
                         strerror(errno));
    close(fd);
    return 0;
}

static int lock_busy(struct store *store, struct error *error)
{
    char pid[32] = "";
    ssize_t len = pread(store->lock_fd, pid, sizeof(pid) - 1, 0);
    pid[len > 0 ? strspn(pid, "0123456789") : 0] = 0;
    return error_set(error, -EBUSY,
                     "%s: another dnsvigil is writing to it%s%s; wait until it is done, or stop it",
                     store->path, *pid ? ", process " : "", pid);
}

/* Takes the lock that tells the one writing process; the kernel drops it when the process ends. */
static int lock_take(struct store *store, struct error *error)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof(path), "%s.lock", store->path) >= (int)sizeof(path))
        return error_set(error, -ENAMETOOLONG, "%s: the path is too long", store->path);
    store->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (store->lock_fd < 0)
        return error_set(error, -errno, "%s: %s", path, strerror(errno));
    if (flock(store->lock_fd, LOCK_EX | LOCK_NB) < 0)
        return lock_busy(store, error);
    /* Only the message of lock_busy() depends on this. */
    if (ftruncate(store->lock_fd, 0) == 0)
        dprintf(store->lock_fd, "%d\n", (int)getpid());
    return 0;
}

static int cache_set(struct store *store, struct error *error)
{
    char sql[64];
    unsigned kib = store->config.cache_kib;
    if (kib == 0)
        kib = store->mode == STORE_WRITE ? CACHE_WRITE_KIB : CACHE_READ_KIB;
    snprintf(sql, sizeof(sql), "PRAGMA cache_size = -%u", kib);
    return store_execute(store, sql, "setting its cache", error);
}

/* Nobody asks SQLite how much memory it has, and counting takes a lock at each piece. */
static void library_set(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* FULL: a commit is on the disk when it returns. Checkpoints are ours alone: the automatic ones
 * hide what the disk says. */
static int connection_open(struct store *store, struct error *error)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    int flags = store->mode == STORE_WRITE ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
    pthread_once(&once, library_set);
    int rc = sqlite3_open_v2(store->path, &store->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc != SQLITE_OK)
        return store_failure(store, rc, "opening", error);
    sqlite3_extended_result_codes(store->db, 1);
    sqlite3_busy_timeout(store->db, (int)store->config.busy_timeout_ms);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    int r = cache_set(store, error);
    if (r < 0 || store->mode == STORE_READ) {
        sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        return r;
    }
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_LOOKASIDE, NULL, LOOKASIDE_BYTES, LOOKASIDE_COUNT);
    sqlite3_wal_autocheckpoint(store->db, 0);
    sqlite3_wal_hook(store->db, committed, store);
    r = audit_function_add(store, error);
    if (r == 0)
        r = search_functions_add(store, error);
    /* Temporary files have no place in the sandbox. */
    return r < 0 ? r
                 : store_execute(store, "PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY",
                                 "asking for durable commits", error);
}

static int database_open(struct store *store, struct error *error)
{
    int r = 0;
    if (store->mode == STORE_WRITE)
        r = file_make(store->path, error);
    else if (access(store->path, R_OK) < 0)
        return error_set(error, -errno,
                         "%s: %s; `dnsvigil analyze --store %s FILE` makes a store, --store PATH "
                         "names another",
                         store->path, strerror(errno), store->path);
    if (r == 0 && store->mode == STORE_WRITE)
        r = lock_take(store, error);
    if (r == 0)
        r = connection_open(store, error);
    return r == 0 ? schema_check(store, error) : r;
}

static void store_free(struct store *store)
{
    sqlite3_finalize(store->put);
    sqlite3_finalize(store->put_record);
    for (unsigned i = 0; i < PUT_TEXT_STEPS; i++)
        sqlite3_finalize(store->put_text[i]);
    sqlite3_finalize(store->audit);
    for (unsigned i = 0; i < GATHER_STATEMENTS; i++)
        sqlite3_finalize(store->gather[i]);
    suppressions_forget(store);
    if (store->broken) /* closing would try again what has failed */
        sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_close(store->db);
    if (store->lock_fd >= 0)
        close(store->lock_fd);
    free(store->path);
    free(store);
}

/* SQLite gives names like ":memory:" a meaning of their own; with a folder they are plain files. */
static char *path_copy(const char *path)
{
    char *copy;
    return asprintf(&copy, "%s%s", *path == ':' ? "./" : "", path) < 0 ? NULL : copy;
}

int store_open(const char *path, enum store_mode mode, const struct store_config *config,
               struct store **ret_store, struct error *error)
{
    struct store *store = calloc(1, sizeof(*store));
    if (!store)
        return error_set(error, -ENOMEM, "%s: no memory", path);
    store->mode = mode;
    store->config = config ? *config : store_config_default;
    if (store->config.incidents.span_ns == 0)
        store->config.incidents = store_config_default.incidents;
    if (store->config.look_max == 0)
        store->config.look_max = store_config_default.look_max;
    store->lock_fd = -1;
    store->path = path_copy(path);
    int r = store->path ? database_open(store, error) : error_set(error, -ENOMEM, "no memory");
    if (r < 0) {
        store_free(store);
        return r;
    }
    if (mode == STORE_WRITE)
        ballast_keep(store);
    *ret_store = store;
    return 0;
}

int store_close(struct store *store, struct error *error)
{
    if (!store)
        return 0;
    int r = 0;
    if (store->mode == STORE_WRITE && !store->broken)
        r = checkpoint(store, SQLITE_CHECKPOINT_TRUNCATE, error);
    store_free(store);
    return r;
}
