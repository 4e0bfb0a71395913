/* frame.h - one captured link-layer frame as a source hands it on
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

struct frame {
    int64_t time_ns;     /* event time, since 1970 UTC */
    const uint8_t *data; /* owned by the source, valid until its next read */
    uint32_t caplen;     /* bytes at `data` */
    uint32_t wirelen;    /* bytes that were on the wire; larger than caplen when cut by a snaplen */
    uint16_t linktype;   /* LINKTYPE_ value of the capture format */
};
