/* password.h - passwords and secrets: argon2id for those that people choose, SHA-256 for random
 * ones
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * argon2id (RFC 9106) with two passes over 64 MiB. At most two are computed at the same time in the
 * whole process, so that a flood of logins takes no more than 128 MiB; others wait. Any thread. */
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PASSWORD_MIN = 12, /* bytes */
    PASSWORD_MAX = 256,
    PASSWORD_HASH_MAX = 128, /* with NUL */
    SECRET_BYTES = 32,
    SECRET_TEXT_MAX = 64, /* with prefix and NUL */
    SECRET_HASH_BYTES = 32,
};

/* -EINVAL when the password is too short, too long or the user's own name. */
int password_check(const char *password, const char *user, struct error *error);

/* Writes the text that is stored instead of the password. -ENOMEM. */
int password_hash(const char *password, char ret_hash[static PASSWORD_HASH_MAX],
                  struct error *error);

/* Whether `hash` is that of the password. An empty hash, for users that are not there, takes as
 * long as any other and never is. */
bool password_fits(const char *password, const char *hash);

/* A random secret of 256 bits as base64url behind `prefix`, which is at most 8 bytes long. */
void secret_make(const char *prefix, char ret_text[static SECRET_TEXT_MAX]);

/* What is stored of a secret. */
void secret_hash(const char *text, uint8_t ret_hash[static SECRET_HASH_BYTES]);

/* Compares in a time that does not depend on where they differ. */
bool secret_equal(const char *a, const char *b);
