/* progress.h - one line on the terminal that tells how far a long run has come
 * SPDX-License-Identifier: Apache-2.0
 *
 * Draws on stderr, only where that is a terminal, and only after half a second. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool on;
    bool drawn;
    int64_t began_ns;
    int64_t next_ns;
};

void progress_begin(struct progress *progress, bool wanted);

/* Call as often as work comes back. `total` 0: not known (a pipe). */
void progress_draw(struct progress *progress, const char *label, uint64_t done, uint64_t total,
                   uint64_t alerts);

/* The same for what is fetched. */
void progress_draw_bytes(struct progress *progress, const char *label, uint64_t done,
                         uint64_t total);

/* Takes the line away, before anything else is printed. */
void progress_clear(struct progress *progress);
