/* incidents.h - keeps which alerts belong together, and what people say of it
 * SPDX-License-Identifier: Apache-2.0
 *
 * store_put() gathers each alert as it is stored, in the same transaction, unless it is dismissed;
 * whether it is an incident by then decides alert/incidents.h. The same alerts give the same
 * incidents with the same ids, in whatever order and batches they come. When an earlier alert comes
 * late, or one that closes the gap between two, an incident takes the id of the earliest; its
 * former ids go on leading to it. An incident that is resolved opens again with the next alert that
 * joins; one that is dismissed stays so. It goes when retention has removed the last of its alerts.
 * An alert takes one row here for each of its gatherings (at most three); what it costs to gather
 * it does not depend on how many there are. Errors and threads are as in store.h. */
#pragma once

#include "alert/incidents.h"
#include "store/audit.h"
#include "store/store.h"

enum { INCIDENT_ALERTS_MAX = 1000 }; /* of one incident are listed; the rest is counted */

/* Which incidents. All zero: all but dismissed ones. */
struct incident_filter {
    uint32_t statuses; /* bit (1 << enum alert_status); 0: all but dismissed */
    uint8_t severity_min;
    const char *entity_ip;  /* canonical text, or NULL */
    int64_t since_ns;       /* went on then or later, 0 for any */
    int64_t until_ns;       /* began before, 0 for any */
    uint64_t limit;         /* at most so many, 0 for all */
    int64_t after_start_ns; /* for the next page: start and id of the last one of this */
    const char *after_id;   /* NULL: from the beginning */
};

/* Called for each incident, outside any transaction; negative stops and is what the caller returns.
 */
typedef int (*incident_fn)(void *context, const struct incident *incident, struct error *error);

/* Newest start first. */
int incidents_list(struct store *store, const struct incident_filter *filter, incident_fn each,
                   void *context, struct error *error);

/* The incident of this id, present or former; its beginning will do where it is unique. -ENOENT:
 * none; -ENOTUNIQ: several. */
int incidents_get(struct store *store, const char *id, struct incident *ret_incident,
                  struct error *error);

/* The first INCIDENT_ALERTS_MAX of its alerts by start, outside any transaction: what happened in
 * order. `id` is that of a struct incident. */
int incidents_alerts(struct store *store, const char *id, store_alert_fn each, void *context,
                     struct error *error);

/* Its part of the audit trail, also what was written under former ids. */
int incidents_history(struct store *store, const char *id, audit_fn each, void *context,
                      struct error *error);

struct incident_change {
    int status; /* enum alert_status, or STORE_LEAVE */
    const char *actor;
    const char *comment; /* NULL or "" for none */
};

/* Changes an incident, with an entry in the audit trail where something differs or is remarked. Its
 * alerts stay as they are. */
int incidents_set(struct store *store, const char *id, const struct incident_change *change,
                  bool *ret_changed, struct error *error);
