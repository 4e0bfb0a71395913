/* shelf.c - the folder in which accepted lists are kept, and how a file there is replaced
 * SPDX-License-Identifier: Apache-2.0 */
#include "feeds/shelf.h"

#include "base/clock.h"
#include "base/fd.h"
#include "base/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_BYTES_MAX = 63 };

void shelf_path(const char *state_dir, const char *name, const char *kind,
                char path[static PATH_MAX])
{
    char file[3 * NAME_BYTES_MAX + 1] = "";
    char *at = file;
    for (size_t i = 0; name[i] && i < NAME_BYTES_MAX; i++) {
        unsigned char c = (unsigned char)name[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        at += sprintf(at, plain ? "%c" : "%%%02X", c);
    }
    snprintf(path, PATH_MAX, "%s/feeds/%s.%s", state_dir, file, kind);
}

static int failure(const char *path, struct error *error)
{
    int code = errno;
    return error_set(error, -code, "%s: %s", path, strerror(code));
}

static bool time_set(int fd, int64_t modified_ns)
{
    const struct timespec time = {modified_ns / NS_PER_S, modified_ns % NS_PER_S};
    return futimens(fd, (const struct timespec[2]){time, time}) == 0;
}

int shelf_put(const char *path, const void *data, size_t len, int64_t modified_ns,
              struct error *error)
{
    char beside[PATH_MAX];
    if (snprintf(beside, sizeof(beside), "%s.new", path) >= (int)sizeof(beside))
        return error_set(error, -ENAMETOOLONG, "%s: is too long a path", path);
    folders_make(path);
    int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return failure(beside, error);
    bool written = fd_write_all(fd, data, len) && time_set(fd, modified_ns) && fsync(fd) == 0;
    int code = written ? 0 : failure(beside, error);
    close(fd);
    if (written && (rename(beside, path) != 0 || !folder_sync(path)))
        code = failure(path, error);
    if (code != 0)
        unlink(beside);
    return code;
}

int shelf_touch(const char *path, int64_t modified_ns, struct error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return failure(path, error);
    int code = time_set(fd, modified_ns) ? 0 : failure(path, error);
    close(fd);
    return code;
}

int shelf_map_fd(int fd, const char *path, struct mapping *ret_mapping, struct error *error)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return failure(path, error);
    if (!S_ISREG(info.st_mode) || info.st_size == 0)
        return error_set(error, -EINVAL, "%s: is empty or no regular file", path);
    void *data = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED)
        return failure(path, error);
    *ret_mapping = (struct mapping){
        .data = data,
        .len = (size_t)info.st_size,
        .modified_ns = info.st_mtim.tv_sec * NS_PER_S + info.st_mtim.tv_nsec,
    };
    return 0;
}

int shelf_map(const char *path, struct mapping *ret_mapping, struct error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return failure(path, error);
    int code = shelf_map_fd(fd, path, ret_mapping, error);
    close(fd);
    return code;
}

void shelf_unmap(struct mapping *mapping)
{
    if (mapping->data)
        munmap((void *)mapping->data, mapping->len);
    *mapping = (struct mapping){0};
}

int shelf_lock(const char *state_dir, int *ret_lock, struct error *error)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/feeds/.lock", state_dir);
    folders_make(path);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return failure(path, error);
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        *ret_lock = fd;
        return 0;
    }
    int code = errno == EWOULDBLOCK ? error_set(error, -EBUSY,
                                                "another dnsvigil is updating feeds in %s/feeds; "
                                                "wait until it is done",
                                                state_dir)
                                    : failure(path, error);
    close(fd);
    return code;
}

void shelf_unlock(int lock)
{
    close(lock);
}
