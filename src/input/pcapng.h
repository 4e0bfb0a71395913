/* pcapng.h - the block-structured capture format of Wireshark (draft-ietf-opsawg-pcapng)
 * SPDX-License-Identifier: Apache-2.0
 *
 * Read: any number of sections, each in its own byte order; interfaces with their own link type,
 * time resolution and time offset; enhanced, simple and (obsolete) plain packet blocks. All other
 * blocks are skipped. A simple packet has no time of its own and takes that of the packet before.
 */
#pragma once

#include "input/capture_format.h"

enum { PCAPNG_INTERFACES_MAX = 4096 }; /* in one section */

/* A time stamp in nanoseconds is (stamp * multiplier >> shift) / divisor, plus the offset. */
struct pcapng_interface {
    int64_t offset_s;
    uint64_t divisor;
    uint32_t multiplier;
    uint32_t snaplen; /* 0 for none */
    uint16_t linktype;
    uint8_t shift;
};

struct pcapng_state {
    bool in_section;
    bool big_endian;
    int64_t last_time_ns;
    uint32_t interface_count;
    struct pcapng_interface interfaces[PCAPNG_INTERFACES_MAX];
};

extern const struct capture_format pcapng_format;
