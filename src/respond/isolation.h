/* isolation.h - machines cut off and names blocked: asked for, shown, applied, undone, expired
 * SPDX-License-Identifier: Apache-2.0
 *
 *     uint64_t id;
 *     r = isolation_request(&desk, &request, &id, &error);     proposed: nothing has changed yet
 *     r = isolation_preview(&desk, id, &diff, &error);         what applying would change
 *     r = isolation_apply(&desk, id, &error);
 *     r = isolation_undo(&desk, id, &error);
 *
 * A target's file is always made anew from all that is applied to it, so that several share it and
 * each can go in any order. The store says what is applied; it is told once the file and the
 * command have gone well, and when the store fails after that, the file is put back.
 *
 * Only addresses of isolation.allowed, and never a resolver, a forwarder, our own address or one of
 * isolation.protected; of names only those that alerts are about, with two labels or more, and
 * none that touches isolation.protected_names. Any thread; changes follow one another. */
#pragma once

#include "base/buf.h"
#include "config/config.h"
#include "respond/job.h"
#include "store/isolations.h"

/* On whose behalf and with what. `store` is this thread's handle to read with. */
struct isolation_desk {
    const struct config *config;
    const struct config_networks *own; /* isolation_own_addresses(), or the like */
    struct store *store;
    struct store_writer writer;
    struct job_runner runner;
    const char *actor; /* as the audit trail calls him */
};

struct isolation_request {
    const char *alert_id; /* full */
    const char *target;   /* NULL: the only one there is that can do it */
    const char
        *what; /* NULL: the alert's machine; a CIDR block with it; its domain, or a name below */
    uint32_t hours; /* 0: isolation.hours */
    const char *reason;
};

/* -EPERM: may not be isolated. -EINVAL: makes no sense for this alert or target. -ENOENT: no such
 * alert or target. -EEXIST: is there already. -ENOSPC: ISOLATIONS_ACTIVE_MAX are there. */
int isolation_request(const struct isolation_desk *desk, const struct isolation_request *request,
                      uint64_t *ret_id, struct error *error);

/* Appends the unified diff between the file as it is and as it would be: with it when it is
 * proposed or has failed, without it when it is applied. */
int isolation_preview(const struct isolation_desk *desk, uint64_t id, struct buf *diff,
                      struct error *error);

/* Whether it is in a state from which it can be applied, or undone: 0, or as those two. */
int isolation_check_state(const struct isolation_desk *desk, uint64_t id, bool undo,
                          struct error *error);

/* Proposed or failed → applied; failed when the command did not go well, with the file as it was.
 * -EALREADY: neither proposed nor failed. */
int isolation_apply(const struct isolation_desk *desk, uint64_t id, struct error *error);

/* Applied, proposed or failed → undone. When the command fails it stays applied, and says why. */
int isolation_undo(const struct isolation_desk *desk, uint64_t id, struct error *error);

/* Takes what has ended by `now_ns` (of the clock) out of the files and calls it expired. Goes on
 * with other targets after a failure, and returns the last one; what failed is tried again by the
 * next call. */
int isolation_sweep(const struct isolation_desk *desk, int64_t now_ns, size_t *ret_expired,
                    struct error *error);

/* The addresses of this machine's interfaces as they are now; their items are the caller's to
 * free. Needs sockets: call it before the sandbox. Negative errno. */
int isolation_own_addresses(struct config_networks *ret_networks, struct error *error);

/* The job that a target's file is written by. Valid as long as the configuration. */
void isolation_job_init(struct configured_job *job, const struct config_isolation_target *target);
