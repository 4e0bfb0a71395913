/* capture.h - a source that reads capture files and pipes: pcap and pcapng
 * SPDX-License-Identifier: Apache-2.0
 *
 * Reads forward only, in 1 MiB of memory whatever the file, so a pipe is as good as a file. What is
 * damaged ends the input: all complete frames before it are delivered, then read() gives -EBADMSG
 * with "FILE: byte OFFSET: reason", again on every further call. On a pipe read() waits for data
 * and gives what has come; -EINTR means that a signal came while waiting and reading can go on. */
#pragma once

#include "input/byte_window.h"
#include "input/capture_format.h"

#include <dnsvigil/source.h>

/* Whether an input that begins like this is a capture. */
bool capture_recognise(const uint8_t magic[static CAPTURE_MAGIC_BYTES]);

/* Takes over a window at the beginning of an input that capture_recognise() knows, with its first
 * bytes in view, or none if it is a pipe on which nothing has come; *window is empty afterwards, in
 * case of failure too. `total_bytes` is 0 for a pipe. The caller closes the source through its ops.
 * NULL without memory. */
struct source *capture_new(const char *label, struct byte_window *window, uint64_t total_bytes);

/* Opens a named pipe without waiting for somebody to write to it: what it brings is found out by
 * the thread that reads. NULL with a message. */
struct source *capture_open_pipe(const char *path, struct error *error);
