/* isolations.h - who was cut off and what was blocked, at whose request, until when
 * SPDX-License-Identifier: Apache-2.0
 *
 * Each change is one transaction with an entry in the audit trail. Errors and threads are as in
 * store.h. What is in the files of other programs is the applied ones of each target, and no more:
 * respond/isolation.h keeps it so. */
#pragma once

#include "store/store.h"

enum isolation_state {
    ISOLATION_PROPOSED,
    ISOLATION_APPLIED,
    ISOLATION_UNDONE,
    ISOLATION_EXPIRED,
    ISOLATION_FAILED, /* could not be applied; may be tried again */
    ISOLATION_STATE_COUNT,
};

extern const char *const isolation_states[ISOLATION_STATE_COUNT];

enum { ISOLATION_TARGET_MAX = 64, ISOLATION_ACTOR_MAX = 128, ISOLATIONS_ACTIVE_MAX = 4096 };

struct isolation {
    uint64_t id;
    char alert_id[ALERT_ID_MAX];
    char target[ISOLATION_TARGET_MAX]; /* name of a configured target */
    char what[NAME_TEXT_MAX];          /* an address, a CIDR block or a name */
    uint8_t state;                     /* enum isolation_state */
    uint32_t hours;                    /* how long it lasts once applied */
    char actor[ISOLATION_ACTOR_MAX];   /* who asked for it */
    char reason[ALERT_TEXT_MAX];
    char failure[ALERT_TEXT_MAX]; /* what went wrong last, "" once it has gone well */
    int64_t requested_ns;
    int64_t applied_ns; /* 0 until then, as the next two */
    int64_t expires_ns;
    int64_t ended_ns;
};

/* Keeps a new one as proposed; its id goes to `ret_id`. Of the fields alert_id, target, what,
 * hours, actor, reason and requested_ns count. -EEXIST: the same is proposed or applied already. */
int isolations_add(struct store *store, const struct isolation *isolation, uint64_t *ret_id,
                   struct error *error);

/* -ENOENT: there is none of this number. */
int isolations_get(struct store *store, uint64_t id, struct isolation *ret_isolation,
                   struct error *error);

/* All zero: any. */
struct isolation_filter {
    const char *alert_id;
    const char *target;
    uint32_t states;    /* bit (1 << enum isolation_state) */
    int64_t expired_ns; /* with an end at or before this */
    uint64_t below;     /* with an id below this */
    uint64_t limit;
};

/* Newest first. Negative stops, and is what isolations_list() returns. */
typedef int (*isolation_fn)(void *context, const struct isolation *isolation, struct error *error);

int isolations_list(struct store *store, const struct isolation_filter *filter, isolation_fn each,
                    void *context, struct error *error);

struct isolation_change {
    uint64_t id;
    enum isolation_state from; /* what it must still be: otherwise -ESTALE */
    enum isolation_state to;   /* the same: something has failed, and that is told */
    const char *actor;
    const char *failure; /* "" for none */
    int64_t now_ns;
    uint32_t serial; /* of the file that was written for it, 0 for none */
};

int isolations_change(struct store *store, const struct isolation_change *change,
                      struct error *error);

/* The highest serial that a target's file has had, 0 for none. */
int isolations_serial(struct store *store, const char *target, uint32_t *ret_serial,
                      struct error *error);
