/* pcap.h - the classic capture format of tcpdump (draft-ietf-opsawg-pcap)
 * SPDX-License-Identifier: Apache-2.0
 *
 * Read in both byte orders, with microseconds or nanoseconds, and with the longer record header of
 * Linux's old "modified" libpcap. */
#pragma once

#include "input/capture_format.h"

struct pcap_state {
    const struct pcap_variant *variant; /* NULL before the file header */
    uint16_t linktype;
};

extern const struct capture_format pcap_format;
