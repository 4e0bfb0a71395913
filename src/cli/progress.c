/* progress.c - one line on the terminal that tells how far a long run has come
 * SPDX-License-Identifier: Apache-2.0 */
#include "cli/progress.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum { LABEL_COLUMNS = 32 };

static const int64_t first_after_ns = NS_PER_S / 2;
static const int64_t every_ns = NS_PER_S / 5;

void progress_begin(struct progress *progress, bool wanted)
{
    int64_t now = clock_now_ns();
    *progress = (struct progress){
        .on = wanted && isatty(STDERR_FILENO), .began_ns = now, .next_ns = now + first_after_ns};
}

/* Seconds the rest will take at the speed so far. */
static int64_t seconds_left(const struct progress *progress, int64_t now, uint64_t done,
                            uint64_t total)
{
    double spent = (double)(now - progress->began_ns) / NS_PER_S;
    return (int64_t)(spent * (double)(total - done) / (double)done + 0.5);
}

/* Draws all but the end of the line; false when it is too early for that. */
static bool draw(struct progress *progress, const char *label, uint64_t done, uint64_t total)
{
    if (!progress->on)
        return false;
    int64_t now = clock_now_ns();
    if (now < progress->next_ns)
        return false;
    progress->next_ns = now + every_ns;
    progress->drawn = true;
    fprintf(stderr, "\r\033[K%.*s: ", LABEL_COLUMNS, label);
    if (total && done && done <= total)
        fprintf(stderr, "%3.0f %%, %" PRId64 " s left", 100.0 * (double)done / (double)total,
                seconds_left(progress, now, done, total));
    else
        fprintf(stderr, "%.1f MB", (double)done / 1e6);
    return true;
}

void progress_draw(struct progress *progress, const char *label, uint64_t done, uint64_t total,
                   uint64_t alerts)
{
    if (draw(progress, label, done, total))
        fprintf(stderr, ", %" PRIu64 " alert%s", alerts, alerts == 1 ? "" : "s");
}

void progress_draw_bytes(struct progress *progress, const char *label, uint64_t done,
                         uint64_t total)
{
    draw(progress, label, done, total);
}

void progress_clear(struct progress *progress)
{
    if (progress->drawn)
        fputs("\r\033[K", stderr);
    progress->drawn = false;
}
