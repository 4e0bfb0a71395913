/* tokens.h - secrets by which programs ask in the name of a user
 * SPDX-License-Identifier: Apache-2.0
 *
 * Only the hash of a token is kept. It gives its own role or its owner's, whichever is less, until
 * it expires, is removed, or its owner is removed or switched off. Errors are as in users.h. */
#pragma once

#include "store/password.h"
#include "store/users.h"

#define TOKEN_PREFIX "dvt_"

struct token {
    char name[USER_NAME_MAX];
    char owner[USER_NAME_MAX];
    enum role role;
    int64_t created_ns;
    int64_t expires_ns;
    int64_t used_ns; /* to the minute; 0 for never */
};

/* -EPERM: `role` is more than the owner's. Times of creation and use are filled in here. */
int token_add(struct store *store, const struct token *token, const char *secret, const char *actor,
              struct error *error);

/* Whose token it is, as "token:<name>". -ENOENT without a message when it is none (any more). */
int token_find(struct store *store, const char *secret, struct identity *ret_identity,
               int64_t *ret_used_ns, struct error *error);
int token_use(struct store *store, const char *secret, struct error *error);
int token_remove(struct store *store, const char *name, const char *actor, struct error *error);

typedef int (*token_fn)(void *context, const struct token *token);

/* Those of one owner, or of all for NULL. */
int tokens_list(struct store *store, const char *owner, token_fn each, void *context,
                struct error *error);
