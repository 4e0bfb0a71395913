/* indicators.c - writes a list of made-up domains
 * SPDX-License-Identifier: Apache-2.0 */
#include "indicators.h"

#include "names.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int indicators_write(const char *path, uint32_t count, struct error *error)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return error_set(error, -errno, "%s: cannot write: %s", path, strerror(errno));
    for (uint32_t i = 0; i < count; i++) {
        char name[NAME_BYTES_MAX];
        name_indicator(i, name);
        fprintf(file, "%s\n", name);
    }
    bool failed = ferror(file);
    if (fclose(file) != 0 || failed)
        return error_set(error, -EIO, "%s: writing failed; is the disk full?", path);
    return 0;
}
