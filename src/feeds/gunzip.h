/* gunzip.h - unpacks gzip (RFC 1952) while counting what comes out
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/buf.h"
#include "base/error.h"

#include <stdint.h>

static inline bool gunzip_is_packed(const uint8_t *data, size_t len)
{
    return len >= 2 && data[0] == 0x1f && data[1] == 0x8b;
}

/* Appends what data[0..len) unpacks to, one or more members. Stops where `buf` is full. Negative
 * errno with the reason in `error`: -EFBIG it unpacks to more than the buffer's maximum or memory
 * holds, -EINVAL it is damaged or cut off, -ENOMEM no memory to begin. */
int gunzip(const uint8_t *data, size_t len, struct buf *buf, struct error *error);
