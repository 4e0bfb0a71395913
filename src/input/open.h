/* open.h - opens a file or pipe of DNS traffic, whatever kind it is of
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <dnsvigil/source.h>

/* Opens a capture (pcap, pcapng), dnstap in Frame Streams or the log of a DNS server, from a file
 * or, for "-", standard input, and finds out by its first bytes which it is. Times of a log that
 * tell no zone are those of this machine (environment variable TZ). The caller closes the source
 * through its ops. NULL with a message that says what to do next when the file is missing,
 * unreadable, empty, compressed or something else. One thread at a time. */
struct source *input_open(const char *path, struct error *error);
