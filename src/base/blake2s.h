/* blake2s.h - BLAKE2s (RFC 7693): a cryptographic hash that is fast on short input
 * SPDX-License-Identifier: Apache-2.0
 *
 * For tables that come with the program: their hash cannot be seeded at run time, so nobody may be
 * able to aim at it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { BLAKE2S_SALT_BYTES = 8 };

/* The 8-byte BLAKE2s digest of data[0..len) under `salt`, first byte least significant. Some 0.1 us
 * for each 64 bytes. */
uint64_t blake2s_64(const void *data, size_t len, const uint8_t salt[static BLAKE2S_SALT_BYTES]);
