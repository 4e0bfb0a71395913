/* handle.h - what the files of the store share: the open database and how its errors are told
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "store/store.h"

#include <sqlite3.h>

enum { PUT_TEXT_STEPS = 3 };

struct suppressions; /* the compiled rules (suppressions.c) */

/* Statements of gather.c. */
enum gather_statement {
    GATHER_OUT,      /* whether it is dismissed, or gathered already */
    GATHER_GROW,     /* its incidents end later and are graver */
    GATHER_NEAR,     /* gatherings around it */
    GATHER_KEEP,     /* writes one */
    GATHER_MORE,     /* writes what changes when one grows */
    GATHER_KNOWS,    /* whether one has the machine */
    GATHER_COUNT,    /* how many machines one has */
    GATHER_JOIN,     /* the alert is of one from now on */
    GATHER_MOVE,     /* all alerts of one to another */
    GATHER_DROP,     /* removes one */
    GATHER_ALIAS,    /* a former id */
    GATHER_FOLLOW,   /* former ids of one to another */
    GATHER_NAME,     /* an alert tells its incidents */
    GATHER_NAME_ALL, /* all alerts of one do */
    GATHER_STATEMENTS,
};

struct store {
    sqlite3 *db;
    enum store_mode mode;
    struct store_config config;
    char *path;
    int lock_fd;       /* -1 when reading */
    int wal_pages;     /* in the log after the last commit */
    bool broken;       /* the disk failed: nothing can be promised any more */
    sqlite3_stmt *put; /* these are prepared on first use */
    sqlite3_stmt *put_record;
    sqlite3_stmt *put_text[PUT_TEXT_STEPS];
    sqlite3_stmt *audit;
    sqlite3_stmt *gather[GATHER_STATEMENTS];
    struct suppressions *suppressions; /* NULL: to be read before the next alert */
};

/* Tells what SQLite refused: "PATH: <what>: <why>", and takes the consequences: an I/O error breaks
 * the handle, a full disk gives back the ballast. Returns a negative errno. */
int store_failure(struct store *store, int rc, const char *what, struct error *error);

/* 0 when the handle may be used (for writing, where `mode` says so). */
int store_usable(const struct store *store, enum store_mode mode, struct error *error);

int store_execute(struct store *store, const char *sql, const char *what, struct error *error);
int store_prepare(struct store *store, const char *sql, sqlite3_stmt **ret_statement,
                  struct error *error);

/* A write transaction. store_end() commits when `r` is 0 and then moves the log into the database
 * if it has grown long; it rolls back otherwise. Returns `r` or the failure of the commit. */
int store_begin(struct store *store, struct error *error);
int store_end(struct store *store, int r, struct error *error);

/* Binds by name; parameters the statement does not have are skipped. NULL binds NULL. */
void bind_text(sqlite3_stmt *statement, const char *name, const char *text);
void bind_int(sqlite3_stmt *statement, const char *name, int64_t value);

/* Steps a statement that gives no rows, and makes it ready for the next time. */
int statement_run(struct store *store, sqlite3_stmt *statement, const char *what,
                  struct error *error);

/* Steps to the one row; -ENOENT, without an error text, when there is none. */
int statement_row(struct store *store, sqlite3_stmt *statement, const char *what,
                  struct error *error);

/* For locals: __attribute__((cleanup(statement_done))) sqlite3_stmt *s = NULL; */
void statement_done(sqlite3_stmt **statement);

/* The column as text, "" for NULL; valid until the next step. */
const char *column_text(sqlite3_stmt *statement, int column);

/* Checks whose database this is and how new; when writing, makes or updates the tables. */
int schema_check(struct store *store, struct error *error);

/* audit_hash() for SQL, which a step of the schema calls. */
int audit_function_add(struct store *store, struct error *error);

/* Columns of an alert, in the order row_read() expects them at the front of a result. */
#define ROW_COLUMNS                                                                                \
    "(SELECT record FROM alert_record WHERE alert_record.seq = alert.seq), revision, status,"      \
    " disposition, assignee, suppressed_by, feedback, feedback_reason, incident_id, sample,"       \
    " contact, compromised, actions"
enum { ROW_COLUMN_COUNT = 13 };
int row_read(struct store *store, sqlite3_stmt *statement, struct alert *ret_alert,
             struct error *error);

/* Functions for SQL that a step of the schema calls (search.h). */
int search_functions_add(struct store *store, struct error *error);

/* The first enabled rule, at `now_ns` by the clock, that matches; NULL for none. Valid until rules
 * change. */
struct suppression;
int suppressions_match(struct store *store, const struct alert *alert, int64_t now_ns,
                       const struct suppression **ret_rule, struct error *error);

/* The open transaction has stored a new alert as dismissed by the rule. */
int suppressions_hit(struct store *store, const struct suppression *rule, const char *alert_id,
                     int64_t now_ns, struct error *error);

/* Rules have changed, or the store closes. */
void suppressions_forget(struct store *store);

/* A file beside the database that only takes up room, so that a full disk still has some to give.
 */
void ballast_keep(const struct store *store);
bool ballast_give_back(const struct store *store);
