/* exports.h - how far each export has come, what it could not deliver, what it is to send again
 * SPDX-License-Identifier: Apache-2.0
 *
 * An export follows the changes of alerts (store/changes.h) under the name "export/NAME". Beside
 * that stand its counters, the records its target will not have, and what people ask for: a
 * back-fill of the past or a snapshot of everything. */
#pragma once

#include "store/store.h"

enum { EXPORT_NAME_MAX = 64, EXPORT_REASON_MAX = 200 };

/* Since the export was first seen: changes = taken + skipped + dead + pending. */
struct export_state {
    uint64_t seq;     /* the last change dealt with */
    uint64_t changes; /* there were, since it began */
    uint64_t taken;   /* changes the target has; of jobs too */
    uint64_t skipped; /* changes its filter leaves out, that a later one replaces, or expired */
    uint64_t expired; /* of these, whose alert retention removed before the target had it */
    uint64_t dead;    /* changes that were given up */
    uint64_t pending;
    uint64_t job_taken; /* records of jobs, which are no changes */
    uint64_t dead_now;  /* records that wait for somebody to look at them */
    int64_t taken_ns;   /* when the target last took something; 0: never */
    int64_t waiting_ns; /* time of the oldest pending change; 0: none */
    int64_t failed_ns;  /* when it last failed, 0: it did not since it last took something */
    char failure[EXPORT_REASON_MAX];
};

/* -ENOENT, without a message, when there never was such an export. */
int exports_state(struct store *store, const char *name, struct export_state *ret_state,
                  struct error *error);

/* Calls `each` with the name of every export there ever was, in order; negative stops. */
typedef int (*export_name_fn)(void *context, const char *name);
int exports_each(struct store *store, export_name_fn each, void *context, struct error *error);

/* Makes the export known; it starts behind all changes there are. No effect on one that is. */
int exports_begin(struct store *store, const char *name, struct error *error);

/* A record that the target will not have. */
struct export_dead {
    uint64_t number; /* given by exports_advance() */
    const char *alert_id;
    uint32_t revision;
    int64_t time_ns;
    const char *reason;
};

/* What a batch has come to. */
struct export_progress {
    uint64_t seq;   /* the last change dealt with; 0: it stays where it is */
    uint64_t taken; /* of the changes up to there; what is neither taken nor dead was skipped */
    const struct export_dead *dead;
    size_t dead_count;
    uint64_t job_taken;
    const char *const *taken_ids; /* alerts of which the target has the newest record: no longer
                                     dead, if they were */
    size_t taken_id_count;
    const struct export_job *job; /* where this one stands now; NULL: no job was worked at */
};

/* All of it in one transaction. */
int exports_advance(struct store *store, const char *name, const struct export_progress *progress,
                    struct error *error);

/* Notes that the target could not be reached. */
int exports_failed(struct store *store, const char *name, const char *reason, struct error *error);

/* What an export is asked to send beside what changes. */
enum export_job_kind {
    EXPORT_JOB_BACKFILL, /* alerts since a date, once */
    EXPORT_JOB_SNAPSHOT, /* all alerts as they are now */
    EXPORT_JOB_REDRIVE,  /* what is dead, once more */
    EXPORT_JOB_COUNT,
};
extern const char *const export_job_slugs[EXPORT_JOB_COUNT];

struct export_job {
    enum export_job_kind kind;
    int64_t since_ns;     /* alerts that ended at or after */
    uint64_t position;    /* of the last alert (for redrive: dead record) sent */
    uint64_t until;       /* the last one to be sent */
    int64_t requested_ns; /* by the clock */
    bool done;
};

/* Asks for a job; one of the same kind that is not done yet is replaced. Audited. */
int exports_ask(struct store *store, const char *name, enum export_job_kind kind, int64_t since_ns,
                const char *actor, struct error *error);

/* The job to work at next; -ENOENT, without a message, when there is none. */
int exports_job(struct store *store, const char *name, struct export_job *ret_job,
                struct error *error);

/* When a job of this kind was last asked for; 0: never. */
int exports_asked(struct store *store, const char *name, enum export_job_kind kind, int64_t *ret_ns,
                  struct error *error);

/* Called for each alert of a job with the position to go on from. Negative stops and is what
 * exports_job_read() returns. */
typedef int (*export_alert_fn)(void *context, uint64_t position, const struct alert *alert,
                               struct error *error);

/* The next alerts of the job, at most `limit`. */
int exports_job_read(struct store *store, const char *name, const struct export_job *job,
                     uint64_t limit, export_alert_fn each, void *context, struct error *error);

/* The records that are dead, oldest first, behind this number. */
typedef int (*export_dead_fn)(void *context, const struct export_dead *dead);
int exports_dead(struct store *store, const char *name, uint64_t after, uint64_t limit,
                 export_dead_fn each, void *context, struct error *error);

/* Forgets an export: its place, counters, jobs and dead records. Audited. */
int exports_remove(struct store *store, const char *name, const char *actor, struct error *error);
