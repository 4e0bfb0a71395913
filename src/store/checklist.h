/* checklist.h - what was done about an alert: a state for each action of the response
 * SPDX-License-Identifier: Apache-2.0
 *
 * The actions are those of alert/response.h, in their order. They make sense once a machine is
 * taken for compromised; nothing forbids them before. */
#pragma once

#include "alert/response.h"
#include "store/store.h"

enum action_state { ACTION_TO_DO, ACTION_DONE, ACTION_NOT_APPLICABLE, ACTION_STATE_COUNT };

extern const char *const action_states[ACTION_STATE_COUNT]; /* to_do, done, not_applicable */

/* -1 for anything else; `-` may stand for `_`. */
int action_state_parse(const char *text);

struct checklist_row {
    uint8_t state; /* enum action_state */
    char by[128];  /* "" when nobody has said anything */
    char note[ALERT_TEXT_MAX];
    int64_t at_ns;
};

/* The states for the alert with this full id; actions nobody touched are to be done. */
int checklist_get(struct store *store, const char *alert_id,
                  struct checklist_row ret_rows[static RESPONSE_ACTION_COUNT], struct error *error);

/* The same from an alert's column, for its record; `text` may be "". */
void checklist_recall(const char *text, struct alert *alert);

/* Sets one, in a transaction with the next revision of the alert and an entry in the audit trail.
 * -ENOENT: no such alert. */
int checklist_set(struct store *store, const char *alert_id, enum response_action action,
                  enum action_state state, const char *actor, const char *note,
                  struct error *error);
