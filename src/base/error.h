/* error.h - a message for a human about what failed, passed as the last argument
 * SPDX-License-Identifier: Apache-2.0
 *
 * A function that fails fills it once, with what it knows (file, line, reason, what to do next);
 * callers may put their own context in front with error_prefix(). */
#pragma once

#include <stdbool.h>

struct error {
    char text[1024];
};

/* Sets the message. Returns `code` (a negative errno), so that `return error_set(...)` reads well.
 */
int error_set(struct error *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts formatted text before the message that is there. */
void error_prefix(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
