/* account.h - what users, sessions and tokens share: short statements with named values
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "store/handle.h"

#include <stdint.h>

/* A value for the parameter `name`: a text, 32 bytes of a hash, or a number where both are NULL. A
 * list ends with a name of NULL. */
struct value {
    const char *name;
    const char *text;
    const uint8_t *hash;
    int64_t number;
};

/* Prepares the statement with its values. */
int values_prepare(struct store *store, const char *sql, const struct value *values,
                   sqlite3_stmt **ret_statement, struct error *error);

/* Runs a statement that answers nothing. How many rows it changed goes to `ret_changed`, which may
 * be NULL. */
int values_run(struct store *store, const char *sql, const struct value *values, int *ret_changed,
               struct error *error);

/* Reads one number; -ENOENT without a message when there is no row. */
int values_number(struct store *store, const char *sql, const struct value *values,
                  int64_t *ret_number, struct error *error);

/* Adds the entry to the audit trail, within a transaction. */
int account_audit(struct store *store, const char *actor, const char *action, const char *kind,
                  const char *name, const char *from, const char *to, struct error *error);
