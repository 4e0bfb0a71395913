/* sessions.h - who is logged in
 * SPDX-License-Identifier: Apache-2.0
 *
 * A session is known by a random secret of which only the hash is kept. It lasts while it is used,
 * and not longer than `total`. Errors and threads are as in store.h. */
#pragma once

#include "store/password.h"
#include "store/users.h"

struct session_limits {
    int64_t idle_ns;
    int64_t total_ns;
};

enum { SESSIONS_PER_USER_MAX = 16 }; /* the oldest goes */

/* Notes the login of the user, who must exist, from `address`. */
int session_add(struct store *store, const char *secret, const char *user, const char *address,
                const struct session_limits *limits, struct error *error);

/* Whose session it is. -ENOENT without a message when it is none (any more). `ret_used_ns`: when it
 * was last noted as used. */
int session_find(struct store *store, const char *secret, const struct session_limits *limits,
                 struct identity *ret_identity, int64_t *ret_used_ns, struct error *error);

/* Notes that it is in use; often enough when it is done once a minute. */
int session_use(struct store *store, const char *secret, struct error *error);

enum { SESSION_ID_MAX = 17 };

struct session {
    char id[SESSION_ID_MAX]; /* names it, and does not let anybody in */
    char user[USER_NAME_MAX];
    int64_t created_ns;
    int64_t used_ns;
};

/* The id of the session with this secret. */
void session_id(const char *secret, char ret_id[static SESSION_ID_MAX]);

typedef int (*session_fn)(void *context, const struct session *session);

/* Those of one user, or with NULL of all, that have not ended, the last used first. */
int sessions_list(struct store *store, const char *user, const struct session_limits *limits,
                  session_fn each, void *context, struct error *error);

/* Ends the session of this id; where `user` is not NULL only one of theirs. -ENOENT: there is none.
 */
int session_end(struct store *store, const char *id, const char *user, const char *actor,
                struct error *error);

/* Nothing when it is not there. */
int session_remove(struct store *store, const char *secret, const char *actor, struct error *error);
