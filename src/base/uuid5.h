/* uuid5.h - a UUID made from a name: the same name always gives the same one
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { UUID_BYTES = 16, UUID_TEXT_MAX = 37 };

/* Writes the version 5 UUID (RFC 4122 4.3) of `name` in this name space, as text with its NUL. */
void uuid5(const uint8_t name_space[static UUID_BYTES], const void *name, size_t len,
           char text[static UUID_TEXT_MAX]);
