/* gather.h - what the store's own files use to gather alerts into incidents
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "store/handle.h"

#include "alert/incidents.h"

/* Columns of an incident, in the order incident_row_read() expects them at the front of a result.
 */
#define INCIDENT_COLUMNS                                                                           \
    "seq, id, scope, key, correlation_key, start_ns, last_ns, end_ns, lead_ns, follow_ns,"         \
    " detectors, severity, alerts, entities, kind, revision, status"
enum { INCIDENT_COLUMN_COUNT = 17 };

int incident_row_read(struct store *store, sqlite3_stmt *row, struct incident *ret_incident,
                      struct error *error);

/* Gathers the alert of row `seq`, which the open transaction has just made or changed. */
int gather(struct store *store, const struct alert *alert, int64_t seq, bool is_new,
           struct error *error);
