/* clock.h - event time (nanoseconds since 1970 UTC) to text, and the wall clock for the outer rooms
 * SPDX-License-Identifier: Apache-2.0
 *
 * Between input and alert only event time counts; clock_now_ns() is for what happens to an alert
 * afterwards (when it was written, who changed it when). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NS_PER_US     1000ll
#define NS_PER_MS     1000000ll
#define NS_PER_S      1000000000ll
#define TIME_TEXT_MAX 40

int64_t clock_now_ns(void);

/* RFC 3339, UTC, microseconds: 2026-01-31T23:59:59.123456Z. Returns the length. */
size_t time_format(int64_t time_ns, char text[static TIME_TEXT_MAX]);

/* Reads what time_format() writes (fraction of 0 to 9 digits, final Z). Negative errno when it is
 * something else. */
int time_parse(const char *text, int64_t *ret_time_ns);

/* Reads what people give: RFC 3339, a date, or an age (90s, 15m, 36h, 7d, 2w) counted back from
 * now. False when it is none of these. */
bool moment_read(const char *text, int64_t *ret_time_ns);
