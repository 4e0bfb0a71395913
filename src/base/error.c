/* error.c - messages for humans about what failed
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int error_set(struct error *error, int code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(error->text, sizeof(error->text), format, args);
    va_end(args);
    return code;
}

void error_prefix(struct error *error, const char *format, ...)
{
    struct error tail = *error;
    va_list args;
    va_start(args, format);
    vsnprintf(error->text, sizeof(error->text), format, args);
    va_end(args);
    size_t used = strlen(error->text);
    snprintf(error->text + used, sizeof(error->text) - used, "%s", tail.text);
}
