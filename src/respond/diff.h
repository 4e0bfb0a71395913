/* diff.h - what changes from one text to another, as a unified diff
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/buf.h"

/* Appends the differing lines with three lines around them, in the form of diff -u; nothing where
 * the texts are equal. `from` and `to` are `len` bytes of lines. The shortest diff is found where
 * the part that differs has at most 1000 lines on each side; a longer one is shown replaced as a
 * whole. False without memory. */
bool diff_write(const char *from, size_t from_len, const char *to, size_t to_len, const char *name,
                struct buf *buf);
