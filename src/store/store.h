/* store.h - keeps alerts on disk: puts, lists, status changes with an audit trail, retention
 * SPDX-License-Identifier: Apache-2.0
 *
 * One SQLite database in WAL mode. What a function acknowledged by returning 0 survives kill -9 and
 * power loss. At most one process writes at a time (an advisory lock beside the database keeps
 * others out); any number read meanwhile, in short transactions that never hold the writer up.
 *
 *     struct store *store;
 *     int r = store_open("alerts.db", STORE_WRITE, NULL, &store, &error);
 *     r = store_put(store, alerts, n, &result, &error);
 *     r = store_close(store, &error);
 *
 * A handle belongs to one thread. Errors are negative errnos with a message: -ENOSPC leaves the
 * store as it was before the call and usable; -EIO means the disk failed to keep a promise, after
 * which the handle refuses everything (closing and opening again reads what really is on the disk).
 */
#pragma once

#include "alert/incidents.h"
#include "base/error.h"

#include <dnsvigil/alert.h>

#include <stddef.h>

enum store_mode { STORE_READ, STORE_WRITE };

struct store_config {
    uint64_t ballast_bytes;    /* reserved beside the database and given back on a full disk */
    uint32_t checkpoint_pages; /* copy the log into the database when it has grown to this */
    uint32_t busy_timeout_ms;  /* how long a reader waits for a lock */
    uint32_t cache_kib;        /* pages the handle keeps; 0: 32 MiB to write, 8 MiB to read */
    uint32_t look_max;         /* alerts that a question looks at one by one; 0: the default */
    struct incident_limits incidents; /* all 0: the default */
};

extern const struct store_config store_config_default;

struct config;

/* As the configuration wants it; the rest is the default. */
struct store_config store_config_of(const struct config *config);

struct store;

/* Opens the database at `path`; STORE_WRITE makes it where there is none and brings an older one up
 * to date. `config` NULL means the defaults. -ENOENT: nothing to read. -EBUSY: another process
 * writes. -EPROTO: not an alert store, or one of a newer version. */
int store_open(const char *path, enum store_mode mode, const struct store_config *config,
               struct store **ret_store, struct error *error);

/* Moves the log into the database (when writing) and frees. NULL is allowed. */
int store_close(struct store *store, struct error *error);

/* A piece of work for the thread that alone writes, with its handle. What it returns below 0 is a
 * failure with the reason in `error`. */
typedef int (*store_write_fn)(void *arg, struct store *store, struct error *error);

/* How somebody who only reads has something written: `write` runs `fn` on the writing thread, waits
 * and returns what it returned. */
struct store_writer {
    int (*write)(void *arg, store_write_fn fn, void *fn_arg, struct error *error);
    void *arg;
};

/* A writer for who holds the writing handle: it calls `fn` at once. */
struct store_writer store_writer_direct(struct store *store);

struct store_put_result {
    size_t inserted;
    size_t updated;
    size_t unchanged;
};

/* Stores the alerts in one transaction: all or none. A new id is inserted with revision 1. A known
 * one takes over the engine's content when that has grown (higher count or later end), with the
 * next revision; status and disposition stay the analyst's. The same content again changes
 * nothing, so that replays are harmless. A new alert may be dismissed by a suppression rule
 * (suppressions.h) and others join incidents (incidents.h). */
int store_put(struct store *store, const struct alert *const alerts[], size_t n,
              struct store_put_result *ret_result, struct error *error);

/* The same at another time than now: which suppression rules (suppressions.h) have expired, and
 * from when on retention counts. */
int store_put_at(struct store *store, const struct alert *const alerts[], size_t n, int64_t now_ns,
                 struct store_put_result *ret_result, struct error *error);

/* The alert with this id. The beginning of an id, or of the part behind '_', will do where it is
 * unique. -ENOENT: none; -ENOTUNIQ: several. */
int store_get(struct store *store, const char *id, struct alert *ret_alert, struct error *error);

/* Each with the newest first among equals, or all the other way round. */
enum store_sort {
    STORE_SORT_NEWEST,
    STORE_SORT_SEVERITY,
    STORE_SORT_COUNT,
    STORE_SORT_ENTITY, /* by the address as text, the last one first, as with domains */
    STORE_SORT_DOMAIN,
    STORE_SORTS,
};

/* Which alerts. All zero: everything that is not dismissed. */
struct store_filter {
    const char *const *ids; /* full ids; NULL for any */
    size_t id_count;
    uint32_t statuses;    /* bit (1 << enum alert_status); 0: all but dismissed, and all with ids */
    uint32_t detectors;   /* bit (1 << enum detector); 0: all */
    uint32_t severities;  /* bit (1 << enum severity); 0: all */
    uint8_t severity_min; /* enum severity */
    uint32_t tactics;     /* bit (1 << enum tactic); 0: all */
    const char *entity_ip;     /* canonical text; NULL, here and below, for any */
    const char *entity_name;   /* part of the machine's name, in any case */
    const char *owner;         /* of the machine, as the inventory has it */
    const char *tag;           /* one of the machine's */
    const char *ip;            /* canonical text: machine, resolver or an address answered */
    const char *domain;        /* lower case: this name and names below it */
    const char *search;        /* part of id, machine, name, indicator or sample, in any case */
    const char *assignee;      /* "" for alerts that nobody has */
    const char *suppressed_by; /* name of a suppression rule */
    const char *incident;      /* id of an incident */
    uint32_t dispositions;     /* bit (1 << enum disposition); 0: all */
    uint32_t feedbacks;        /* bit (1 << enum feedback); 0: all */
    uint32_t contacts;         /* bit (1 << enum contact); 0: all */
    uint32_t samples;          /* bit 0: real ones, bit 1: samples; 0: both */
    uint32_t compromised;      /* bit 0: others, bit 1: those on compromised machines; 0: both */
    int64_t since_ns;          /* active at or after, 0 for any */
    int64_t until_ns;          /* began before, 0 for any */
    uint64_t limit;            /* at most so many, 0 for all */
    enum store_sort sort;
    bool reverse;
};

/* Called for each alert, outside any transaction; negative stops and is what store_list() returns.
 * An alert is told as it is at the time of the call. */
typedef int (*store_alert_fn)(void *context, const struct alert *alert, struct error *error);

int store_list(struct store *store, const struct store_filter *filter, store_alert_fn each,
               void *context, struct error *error);

enum { STORE_CURSOR_MAX = 2 * (NAME_TEXT_MAX + 64) };

/* Where a page ended. Opaque text of [0-9a-f] that can go to a client and come back. */
struct store_cursor {
    char text[STORE_CURSOR_MAX]; /* "" before the first page and behind the last */
};

/* One page of up to filter->limit alerts, behind `cursor`; where the next one begins goes to
 * ret_next. Where few of very many alerts match, a page may end before it is full, or even empty,
 * so that none takes long: go on until there is no next one. What arrives meanwhile neither
 * repeats nor hides an alert. -EINVAL: the cursor is
 * damaged, or of a list in another order. */
int store_list_page(struct store *store, const struct store_filter *filter, const char *cursor,
                    store_alert_fn each, void *context, struct store_cursor *ret_next,
                    struct error *error);

/* Whether some stored alert, in any state, overlaps in time with this one and tells the same: it is
 * of the same detector and machine, and about the same domain or, if a rule's, of the same rule. */
int store_overlaps(struct store *store, const struct alert *alert, bool *ret_overlaps,
                   struct error *error);

enum { STORE_LEAVE = -1 };

/* What is to become of alerts. Start from STORE_CHANGE_NONE and set what is to change. */
struct store_change {
    int status;                  /* enum alert_status, or STORE_LEAVE */
    int disposition;             /* enum disposition, or STORE_LEAVE */
    int feedback;                /* enum feedback, or STORE_LEAVE */
    int contact;                 /* enum contact, or STORE_LEAVE */
    int compromised;             /* 0, 1 or STORE_LEAVE */
    const char *assignee;        /* "" for nobody, NULL to leave */
    const char *feedback_reason; /* NULL to leave */
    uint32_t if_revision;        /* only when the alert has this one; 0: whatever it has */
    const char *actor;           /* as in store/audit.h */
    const char *reason;          /* in words, NULL: the disposition's */
    const char *comment;         /* NULL or "" for none */
};

#define STORE_CHANGE_NONE                                                                          \
    {                                                                                              \
        .status = STORE_LEAVE, .disposition = STORE_LEAVE, .feedback = STORE_LEAVE,                \
        .contact = STORE_LEAVE, .compromised = STORE_LEAVE                                         \
    }

/* Applies the change to all alerts of the filter (limit and sort are ignored) in one transaction
 * with an audit entry for each field that differs; a comment alone is an entry too, a "note". How
 * many alerts have a new entry goes to ret_changed. -ESTALE: an alert is no longer of the revision
 * that was asked for; nothing is changed. -EINVAL: a text is too long or not UTF-8. */
int store_set(struct store *store, const struct store_filter *filter,
              const struct store_change *change, size_t *ret_changed, struct error *error);

/* One line of the audit trail, oldest first. Texts are valid during the call. */
struct store_event {
    int64_t time_ns;
    const char *actor;
    const char *what; /* the field, as in the native record; "note" for a comment alone */
    const char *from;
    const char *to;
    const char *reason;
    const char *comment;
};

typedef int (*store_event_fn)(void *context, const struct store_event *event);

/* The audit trail of the alert with this full id. */
int store_history(struct store *store, const char *id, store_event_fn each, void *context,
                  struct error *error);

/* Deletes alerts that were last stored before this time of the clock, in steps, and tells how many:
 * an old capture analysed today is kept as long as what happened today. The audit trail stays. */
int store_purge(struct store *store, int64_t before_ns, size_t *ret_deleted, struct error *error);
