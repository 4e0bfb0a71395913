/* log.h - diagnostics for the operator, one line each, on stderr
 * SPDX-License-Identifier: Apache-2.0
 *
 * Text that came from the wire or a file is escaped before it is printed: control bytes in a name
 * must not drive somebody's terminal. */
#pragma once

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Lines above this level are not printed; LOG_LEVEL_INFO at start. Set it before threads start. */
extern enum log_level log_level;

void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...)   log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)    log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)
