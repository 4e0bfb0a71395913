/* file.c - a whole regular file in memory, up to a limit
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/file.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads until the size that was seen at the start is full or the file ends. */
static int bytes_read(struct file *file, int fd, size_t size)
{
    while (file->len < size) {
        ssize_t got = read(fd, file->data + file->len, size - file->len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        file->len += (size_t)got;
    }
    file->data[file->len] = 0;
    return 0;
}

static int open_file_read(struct file *file, int fd, const char *path, size_t max,
                          struct error *error)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return error_set(error, -errno, "%s: %s", path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return error_set(error, -EINVAL, "%s: is not a regular file", path);
    if ((size_t)info.st_size > max)
        return error_set(error, -EFBIG, "%s: is larger than %zu MiB", path, max >> 20);
    *file = (struct file){
        .data = malloc((size_t)info.st_size + 1),
        .modified_ns = info.st_mtim.tv_sec * NS_PER_S + info.st_mtim.tv_nsec,
    };
    int code = file->data ? bytes_read(file, fd, (size_t)info.st_size) : -ENOMEM;
    if (code == 0)
        return 0;
    file_done(file);
    return error_set(error, code, "%s: %s", path, strerror(-code));
}

int file_read(struct file *file, const char *path, size_t max, struct error *error)
{
    /* O_NONBLOCK: opening a named pipe must not wait for a writer. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return error_set(error, -errno, "%s: %s", path, strerror(errno));
    int code = open_file_read(file, fd, path, max, error);
    close(fd);
    return code;
}

void file_done(struct file *file)
{
    free(file->data);
    *file = (struct file){0};
}
