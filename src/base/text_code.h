/* text_code.h - reads text that stands for bytes: hex, base32, base64
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum text_code {
    TEXT_CODE_HEX,
    TEXT_CODE_BASE32, /* RFC 4648 6, either case */
    TEXT_CODE_BASE64, /* RFC 4648 4 and 5; `*` for `+`, as in names, too */
    TEXT_CODE_COUNT,
};

/* Reads as far as the text is of this code and writes the whole bytes to `data`, which has room for
 * `len`. Returns how many. */
size_t text_decode(enum text_code code, const uint8_t *text, size_t len, uint8_t *data);
