/* log.c - diagnostics for the operator, one line each, on stderr
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 2048, VISIBLE_MAX = 4 * TEXT_MAX }; /* a byte can become \xNN */

enum log_level log_level = LOG_LEVEL_INFO;

static const char *const level_names[] = {
    [LOG_LEVEL_ERROR] = "error",
    [LOG_LEVEL_WARNING] = "warning",
    [LOG_LEVEL_INFO] = "info",
    [LOG_LEVEL_DEBUG] = "debug",
};

void log_line(enum log_level level, const char *format, ...)
{
    if (level > log_level)
        return;
    char text[TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    struct buf visible;
    buf_init(&visible, VISIBLE_MAX);
    utf8_append_visible(&visible, text);
    fprintf(stderr, "dnsvigil: %s: %s\n", level_names[level], visible.data ? visible.data : "");
    buf_done(&visible);
}
