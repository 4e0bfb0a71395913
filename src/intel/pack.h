/* pack.h - a host name in two thirds of its bytes: three characters of [a-z0-9.-_] in 16 bits
 * SPDX-License-Identifier: Apache-2.0
 *
 * The alphabet with the padding has 40 characters, and 40^3 = 64,000 fits 16 bits. Equal names pack
 * to equal bytes, so packed names are compared with memcmp(). */
#pragma once

#include <dnsvigil/dns.h>

enum {
    PACK_MAX = 170,      /* 253 characters */
    PACK_TEXT_MAX = 256, /* the text of any packed name, with final NUL */
};

/* Packs `name` from label `label` on. Returns the number of bytes, 0 when a byte is outside the
 * alphabet (no list entry has such a name) or nothing is left to pack. */
size_t pack_name(const struct dns_name *name, unsigned label, uint8_t packed[static PACK_MAX]);

/* Writes the name's text with a final NUL; returns its length. */
size_t pack_text(const uint8_t *packed, size_t len, char text[static PACK_TEXT_MAX]);
