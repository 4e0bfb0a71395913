/* capture.h - a source that reads capture files and pipes: pcap, pcapng and dnstap
 * SPDX-License-Identifier: Apache-2.0
 *
 * Reads forward only, in 1 MiB of memory whatever the file, so a pipe is as good as a file. What is
 * damaged ends the input: all complete frames before it are delivered, then read() gives -EBADMSG
 * with "FILE: byte OFFSET: reason", again on every further call. On a pipe read() waits for data
 * and gives what has come; -EINTR means that a signal came while waiting and reading can go on. */
#pragma once

#include <dnsvigil/source.h>

/* Opens a capture file, or standard input for "-", and looks at its first bytes: what it gives are
 * frames, or messages where it is dnstap in Frame Streams (dnstap_file.h). The caller closes
 * the source through its ops. NULL with a message that says what to do next when the file is
 * missing, unreadable, empty, compressed or something else than a capture. One thread at a time. */
struct source *capture_open(const char *path, struct error *error);
