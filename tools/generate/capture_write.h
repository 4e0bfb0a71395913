/* capture_write.h - writes frames to a capture file, pcap or pcapng
 * SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct capture_writer {
    FILE *file;
    const char *path; /* borrowed */
    bool pcapng;
    uint64_t frames; /* written so far */
    uint64_t bytes;  /* of these frames */
};

/* Opens `path`, or standard output for "-", and writes the file's head: Ethernet, little endian,
 * microseconds in pcap and nanoseconds in pcapng. Negative errno with a message. */
int capture_writer_open(struct capture_writer *writer, const char *path, bool pcapng,
                        struct error *error);

/* Write errors are kept and told by capture_writer_close(). */
void capture_writer_add(struct capture_writer *writer, int64_t time_ns, const void *data,
                        size_t len);

int capture_writer_close(struct capture_writer *writer, struct error *error);
