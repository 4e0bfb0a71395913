/* users.h - who may use the program, and as what
 * SPDX-License-Identifier: Apache-2.0
 *
 * Every change is one transaction with an entry in the audit trail. The last administrator that can
 * log in can neither be removed nor switched off nor become something less. Errors and threads are
 * as in store.h; besides: -EEXIST, -ENOENT, -EPERM (the last administrator), -EINVAL (no name). */
#pragma once

#include "store/store.h"

enum role {
#define ROLE(id, slug, text) ROLE_##id,
#include "store/roles.def"
#undef ROLE
    ROLE_COUNT,
};

extern const char *const role_slugs[ROLE_COUNT];

/* viewer, analyst or admin; -1 for anything else. */
int role_parse(const char *text);

enum { USER_NAME_MAX = 48 }; /* with NUL */

/* Who asks, as the audit trail calls him: "user:<name>", "token:<name>", "cli:<unix user>". */
struct identity {
    char name[64];
    enum role role;
};

/* 1 to 47 of a-z, A-Z, 0-9, '.', '_' and '-', beginning with a letter or digit. For tokens, too. */
bool user_name_is_valid(const char *name);

struct user {
    char name[USER_NAME_MAX];
    enum role role;
    bool enabled;
    int64_t created_ns;
    int64_t seen_ns;  /* last login, 0 for never */
    char language[8]; /* what browsers show him: "en" or "ja"; "" while he has not said */
};

int user_add(struct store *store, const char *name, enum role role, const char *password_hash,
             const char *actor, struct error *error);

/* NULL and -1 leave what is there. Another password, less of a role and being switched off end the
 * user's sessions. */
struct user_change {
    int role;
    int enabled;
    const char *password_hash;
};
int user_set(struct store *store, const char *name, const struct user_change *change,
             const char *actor, struct error *error);

/* In which language browsers speak to him: "en" or "ja", else -EINVAL. */
int user_language_set(struct store *store, const char *name, const char *language,
                      const char *actor, struct error *error);

/* Also removes his sessions and tokens. */
int user_remove(struct store *store, const char *name, const char *actor, struct error *error);

/* The user and what his password is kept as, "" when he may not log in or is not there (then
 * -ENOENT is returned as well, without a message). */
int user_find(struct store *store, const char *name, struct user *ret_user,
              char ret_hash[static 128], struct error *error);

typedef int (*user_fn)(void *context, const struct user *user);
int users_list(struct store *store, user_fn each, void *context, struct error *error);

int users_count(struct store *store, size_t *ret_count, struct error *error);
