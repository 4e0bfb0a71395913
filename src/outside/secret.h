/* secret.h - secrets from files, and signatures made with them
 * SPDX-License-Identifier: Apache-2.0
 *
 * Signatures are HMAC-SHA256 (RFC 2104). Any thread. */
#pragma once

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

enum { SECRET_MAX = 1024, SECRET_MAC_BYTES = 32, SECRET_MAC_HEX = 2 * SECRET_MAC_BYTES };

/* Wipe it with secret_done(). */
struct secret {
    char text[SECRET_MAX + 1]; /* NUL-terminated, without line ends at its end */
    size_t len;
};

/* Reads the file, which only its owner may be able to read: -EPERM otherwise. -EINVAL when it is
 * empty or longer than SECRET_MAX. */
int secret_read(const char *path, struct secret *ret_secret, struct error *error);

/* The same; a file that is not there is made, with 32 random bytes in hex and mode 0600. */
int secret_read_or_make(const char *path, struct secret *ret_secret, struct error *error);

void secret_done(struct secret *secret);

/* The signature of `len` bytes. */
void secret_sign(const struct secret *secret, const void *data, size_t len,
                 uint8_t ret_mac[static SECRET_MAC_BYTES]);

/* The same as lower-case hex with a final NUL. */
void secret_sign_hex(const struct secret *secret, const void *data, size_t len,
                     char ret_hex[static SECRET_MAC_HEX + 1]);

/* `bytes` random bytes (at most 32) as hex with a final NUL. -EIO when the system has none. */
int secret_random_hex(size_t bytes, char *ret_hex, struct error *error);
