/* information.h - how many bytes of information a label can carry beyond an ordinary name's
 * spelling
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * An order-2 model of benign labels (tools/train-label.py, built into the program) tells what each
 * character costs after the two before it; words cost two to three bits a character, text drawn at
 * random five. More than 5.2 bits, a base36 digit, no character counts: lower-cased names cannot be
 * relied on to bring more through resolvers. Read-only and without state; any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* No label of `len` bytes carries more than this times len. */
#define INFORMATION_BYTES_PER_CHAR_MAX (5.2f / 8)

/* Bytes of information in one label in lower case, without its length byte. About 1 ns a
 * character. */
float information_of_label(const uint8_t *label, size_t len);
