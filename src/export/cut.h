/* cut.h - makes an alert shorter for targets that take only so many bytes
 * SPDX-License-Identifier: Apache-2.0
 *
 * What is cut is what a reader misses least, and always the same for the same alert: samples and
 * their answers, lists of names and references, and, in the last step, long words of lists and of
 * the inventory. Who, when, which domain, why and the numbers stay. UTF-8 is never split. */
#pragma once

#include <dnsvigil/alert.h>

enum { CUT_COUNT = 4 };

/* Copies the alert as step `step` (0: a little, CUT_COUNT - 1: all that can go) leaves it. */
void alert_cut(const struct alert *alert, unsigned step, struct alert *ret_alert);

/* The most bytes of the text, at most `max`, that do not end within a character. */
size_t text_fit(const char *text, size_t max);
