/* dnstap_file.h - a source that reads dnstap from a file or pipe of Frame Streams
 * SPDX-License-Identifier: Apache-2.0
 *
 * What unbound, knotd, fstrm_capture and the like write. As with captures, damage ends the input
 * after everything readable before it; an end without the STOP frame that a writer leaves when it
 * is done counts as damage too: what came last may be missing. */
#pragma once

#include "input/byte_window.h"

#include <dnsvigil/source.h>

/* Takes over a window at the beginning of an input that framestream_recognise() knows, with its
 * bytes in view; *window is empty afterwards, in case of failure too. `total_bytes` is 0 for a
 * pipe. Its read_messages() needs room for DNSTAP_PACKETS messages. NULL without memory. */
struct source *dnstap_file_new(const char *label, struct byte_window *window, uint64_t total_bytes);
