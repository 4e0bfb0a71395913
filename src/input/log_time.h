/* log_time.h - reads the times that stand in logs, in whatever of the usual forms
 * SPDX-License-Identifier: Apache-2.0
 *
 * Some forms tell no zone, and that of syslog tells no year. The zone is configured. The year is
 * the one that brings a line nearest to the line before it; the first line's is the last that does
 * not put it after the time at which the log was last written. So a log over the turn of a year
 * reads well, and one of several years does where no two lines are half a year apart. */
#pragma once

#include "input/log_text.h"

#include <stdbool.h>
#include <stdint.h>

enum log_zone_kind { LOG_ZONE_LOCAL, LOG_ZONE_FIXED };

/* The zone of times that tell none. Zeroed it is this machine's. */
struct log_zone {
    uint8_t kind;
    int32_t east_s; /* of a fixed one: seconds east of Greenwich */
};

struct log_clock {
    struct log_zone zone;
    int64_t written_ns; /* when the log was last written, for the first line's year; 0: unknown */
    int64_t last_ns;    /* of the line before; 0 before the first */
};

/* Reads "local", "UTC" or "+HH:MM". */
bool log_zone_parse(const char *text, struct log_zone *ret_zone);

/* Reads the time at the front of *text and moves past it and the spaces behind it:
 *     2026-11-21T21:19:04.196Z  also with a space for T, +HH:MM, +HHMM or no zone
 *     21-Nov-2026 21:19:04.196
 *     Nov 21 21:19:04
 *     [1795296080] or [1795296080.25] or bare 1795296080.25
 * False when there is none, and then nothing has moved. */
bool log_time_read(struct log_clock *clock, struct log_text *text, int64_t *ret_time_ns);
