/* log_positions.c - keeps how far the files of a log were read
 * SPDX-License-Identifier: Apache-2.0
 *
 * A text file: a line that says what it is, and for each log file device, inode, offset and mark.
 */
#include "input/log_positions.h"

#include "base/folder.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char title[] = "dnsvigil log positions 1\n";

static bool place_read(FILE *stream, struct log_place *ret_place)
{
    return fscanf(stream, "%" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNx64 "\n", &ret_place->device,
                  &ret_place->inode, &ret_place->offset, &ret_place->mark) == 4;
}

int log_positions_read(const char *path, struct log_place *places, size_t max, size_t *ret_count,
                       struct error *error)
{
    char line[sizeof(title)] = "";
    size_t count = 0;
    FILE *stream = fopen(path, "re");
    *ret_count = 0;
    if (!stream && errno == ENOENT)
        return 0;
    if (!stream)
        return error_set(error, -errno, "%s: cannot be read: %s", path, strerror(errno));
    bool good = fgets(line, sizeof(line), stream) && strcmp(line, title) == 0;
    while (good && count < max && place_read(stream, &places[count]))
        count++;
    good = good && (count == max || feof(stream));
    fclose(stream);
    if (!good)
        return error_set(error, -EBADMSG,
                         "%s: not a file of log positions, or a damaged one; delete it to begin "
                         "again at the end of the logs",
                         path);
    *ret_count = count;
    return 0;
}

static bool places_print(FILE *stream, const struct log_place *places, size_t count)
{
    fputs(title, stream);
    for (size_t i = 0; i < count; i++)
        fprintf(stream, "%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIx64 "\n", places[i].device,
                places[i].inode, places[i].offset, places[i].mark);
    return fflush(stream) == 0 && fsync(fileno(stream)) == 0;
}

int log_positions_write(const char *path, const struct log_place *places, size_t count,
                        struct error *error)
{
    char fresh[PATH_MAX];
    if ((size_t)snprintf(fresh, sizeof(fresh), "%s.new", path) >= sizeof(fresh))
        return error_set(error, -ENAMETOOLONG, "%s: the path is too long", path);
    folders_make(path);
    FILE *stream = fopen(fresh, "we");
    bool good = stream && places_print(stream, places, count);
    int code = good ? 0 : -errno;
    if (stream)
        fclose(stream);
    if (good && rename(fresh, path) != 0)
        code = -errno;
    if (code)
        return error_set(error, code, "%s: cannot be written: %s", path, strerror(-code));
    return 0;
}
