/* name.h - operations on canonical DNS names: text both ways, suffix hashes, comparison
 * SPDX-License-Identifier: Apache-2.0
 *
 * Presentation format is RFC 1035 5.1 with the escapes of RFC 4343 2.1: '.' and '\' inside a label
 * and the characters " ( ) ; @ $ are written \c, every byte outside 0x21-0x7e is written \DDD. Two
 * different names never have the same text. The root is ".". */
#pragma once

#include <dnsvigil/dns.h>

#include <stddef.h>

/* Fills offset[], labels, hash[] and the padding from wire[0..len), which must be a canonical,
 * complete name. */
void name_index(struct dns_name *name);

/* Fills hash[] alone: for a reader that has written the rest itself. The hashes are keyed by
 * hash_seed, so they change from one run to the next. */
void name_hash(struct dns_name *name);

/* A hash of the whole name, keyed too, that needs neither offset[] nor hash[] and is none of them:
 * for what has to know again a name of which no suffix is looked up. */
uint64_t name_digest(const struct dns_name *name);

/* A hash of the name from label `label` on, the same from run to run: for what shows in alerts. */
uint64_t name_hash_fixed(const struct dns_name *name, unsigned label);

/* Reads presentation format, with or without the final dot, lower-casing ASCII letters. False when
 * it is not a name: empty label, label over 63 bytes, name over 255, bad escape, empty text. */
bool name_from_text(struct dns_name *ret_name, const char *text, size_t len);

/* Writes the name from label `label` on, without the final dot, NUL-terminated ("." for the root).
 * Returns the length. */
size_t name_to_text(const struct dns_name *name, unsigned label, char text[static NAME_TEXT_MAX]);

bool name_equal(const struct dns_name *a, const struct dns_name *b);

/* Whether `name` is `suffix` or below it. */
bool name_is_under(const struct dns_name *name, const struct dns_name *suffix);

/* Label i's bytes (after the length byte); its length goes to `ret_len`. */
static inline const uint8_t *name_label(const struct dns_name *name, unsigned i, size_t *ret_len)
{
    const uint8_t *at = name->wire + name->offset[i];
    *ret_len = at[0];
    return at + 1;
}
