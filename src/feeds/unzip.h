/* unzip.h - unpacks a zip archive of one file while counting what comes out
 * SPDX-License-Identifier: Apache-2.0
 *
 * Popularity lists come so. The directory at the archive's end says what is in it (PKWARE's
 * APPNOTE.TXT 4.3); zip64, encryption and other methods than deflate are not read. */
#pragma once

#include "base/buf.h"
#include "base/error.h"

#include <stdint.h>

static inline bool unzip_is_packed(const uint8_t *data, size_t len)
{
    return len >= 4 && data[0] == 'P' && data[1] == 'K' && data[2] == 3 && data[3] == 4;
}

/* Appends what the one file in data[0..len) unpacks to. Stops where `buf` is full. Negative errno
 * with the reason in `error`: -EFBIG it unpacks to more than the buffer's maximum or memory holds,
 * -EINVAL it is damaged, cut off, has several files or is packed otherwise, -ENOMEM no memory. */
int unzip(const uint8_t *data, size_t len, struct buf *buf, struct error *error);
