/* ballast.c - a file that only takes up room, so that a full disk still has some to give
 * SPDX-License-Identifier: Apache-2.0
 *
 * Deleting rows writes to the log first: on a disk that is full to the last block not even that
 * works. */
#include "store/handle.h"

#include "base/log.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool ballast_path(const struct store *store, char path[static PATH_MAX])
{
    return snprintf(path, PATH_MAX, "%s.ballast", store->path) < PATH_MAX;
}

static bool ballast_is_full_size(const char *path, uint64_t bytes)
{
    struct stat st;
    return stat(path, &st) == 0 && (uint64_t)st.st_size == bytes;
}

void ballast_keep(const struct store *store)
{
    char path[PATH_MAX];
    uint64_t bytes = store->config.ballast_bytes;
    if (bytes == 0 || !ballast_path(store, path) || ballast_is_full_size(path, bytes))
        return;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
    int failed = fd < 0 ? -1 : posix_fallocate(fd, 0, (off_t)bytes);
    if (fd >= 0)
        close(fd);
    if (failed == 0)
        return;
    unlink(path);
    log_warning("%s: no room for a reserve of %llu bytes; if the disk fills up, old alerts cannot "
                "be removed before something else is",
                store->path, (unsigned long long)bytes);
}

bool ballast_give_back(const struct store *store)
{
    char path[PATH_MAX];
    return ballast_path(store, path) && unlink(path) == 0;
}
